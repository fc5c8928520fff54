/* palette.h: the colours of points. */
#ifndef FRACTALS_PALETTE_H
#define FRACTALS_PALETTE_H

#include <stdint.h>

#include "exact.h"

enum { PALETTE_COLOURS = 128 };

/* Hue i / 128 turns, saturation 0.75, value 0.75, as four bytes R, G, B, 0 in memory order.
 * Hexcone model: A. R. Smith, Color Gamut Transform Pairs, SIGGRAPH 1978. */
void palette_build(uint32_t colours[PALETTE_COLOURS]);

/* Without colour. */
#define PALETTE_GRAY_2D 127
#define PALETTE_WHITE_3D 255

#endif
