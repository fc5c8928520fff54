/* canvas.h: the drawing before it becomes a picture.
 *
 * A canvas has one byte (gray) or four (R, G, B, unused) a pixel, rows from the top. */
#ifndef FRACTALS_CANVAS_H
#define FRACTALS_CANVAS_H

#include "exact.h"
#include "fractals.h"

/* The canvas pixels under one picture pixel, along one axis. */
struct span {
  uint32_t first, last;             /* canvas pixels, last >= first */
  uint32_t firstWeight, lastWeight; /* how much of them counts; lastWeight is 0 if last = first */
};

struct canvas {
  uint32_t size;     /* edge in pixels */
  uint32_t channels; /* 1 or 4 */
  uint8_t *gray;     /* [size, size] if channels is 1 */
  uint32_t *colour;  /* [size, size] if channels is 4 */
  uint32_t *sums;    /* [size * channels], scratch of canvas_finish */
  struct span *spans; /* [picture's size], scratch of canvas_finish */
  float *depth;      /* [size, size], 3D in colour only */
};

/* Bytes of all parts of a canvas for these options. */
size_t canvas_bytes(const fractals_options *options);

/* Lays the parts out in `workspace` and clears the pixels to black. */
struct canvas canvas_make(const fractals_options *options, void *workspace);

struct flips {
  bool horizontal, vertical;
};

/* Averages the canvas down to [size, size, 3] bytes, mirrored as asked.
 *
 * A picture's pixel is the mean of the canvas under it, pixels on its edge counted by the part that it covers:
 * with canvas edge S and picture edge T, both axes are cut into S T parts; canvas pixel j covers j T ..< (j + 1) T,
 * picture pixel i covers i S ..< (i + 1) S. All sums are exact integers (at most 255 S^2 < 2^32), so that mirroring
 * before or after gives the same bytes. Between the first and the last pixel of a span all weights are T. */
void canvas_finish(const struct canvas *canvas, uint32_t size, struct flips flips, uint8_t *picture);

#endif
