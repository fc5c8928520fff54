/* draw.h: puts the orbit of a category on a canvas. */
#ifndef FRACTALS_DRAW_H
#define FRACTALS_DRAW_H

#include "canvas.h"

/* 2D, as single pixels. */
void draw_points_2d(const struct canvas *canvas, const fractals_options *options, const fractals_system *system,
                    uint32_t category);

/* 2D, every point a 3 x 3 patch around it that replaces what was there, black pixels too. The patches are numbers
 * 1 ... 511, read as nine bits, from the random stream `key`. */
void draw_patches_2d(const struct canvas *canvas, const fractals_options *options, const fractals_system *system,
                     uint32_t category, uint64_t key);

/* 3D, as single pixels. With p = 2 (point - centre) / (high - low), high and low over all axes:
 * camera at distance 4 from the centre, on the circle y = 0, at the angle
 *
 *   2 pi view / views + 30 degrees + one random turn per (category, view) of at most pi degrees
 *
 * looking at the centre, y up, field of view 45 degrees. In colour the nearest point is seen. */
void draw_points_3d(const struct canvas *canvas, const fractals_options *options, const fractals_system *system,
                    uint32_t category, uint32_t view);

#endif
