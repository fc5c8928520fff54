/* grid.h: from the coordinates of an orbit to the pixels of a square drawing.
 *
 *   column = floor((x - low.x) / (high.x - low.x) * (size - 2 padding) + padding), the same for rows, from the bottom
 *
 * Both axes are stretched to the whole drawing, as in the paper's code. */
#ifndef FRACTALS_GRID_H
#define FRACTALS_GRID_H

#include "orbit.h"
#include "search.h"

struct grid {
  double lowX, lowY, scaleX, scaleY, padding;
};

/* The padding is 6 pixels at 512 and grows with the size. */
static inline struct grid grid_make(const fractals_system *system, uint32_t size) {
  const uint32_t padding = (SEARCH_PADDING * size + SEARCH_SIZE / 2) / SEARCH_SIZE;
  const double inner = (double)(size - 2 * padding);
  return (struct grid){.lowX = system->low[0],
                       .lowY = system->low[1],
                       .scaleX = inner / (system->high[0] - system->low[0]),
                       .scaleY = inner / (system->high[1] - system->low[1]),
                       .padding = (double)padding};
}

/* Columns and rows of a block whose points lie in the box of the search. */
static inline void grid_pixels(const struct grid *grid, const struct block2d *block, int32_t *columns, int32_t *rows) {
  const double lowX = grid->lowX, lowY = grid->lowY, scaleX = grid->scaleX, scaleY = grid->scaleY;
  const double padding = grid->padding;
  for (int n = 0; n < ORBIT_BLOCK; n++) {
    columns[n] = (int32_t)((block->x[n] - lowX) * scaleX + padding);
    rows[n] = (int32_t)((block->y[n] - lowY) * scaleY + padding);
  }
}

/* The same for any points: those outside 0 ..< size get -1, NaNs too. */
static inline void grid_pixels_clipped(const struct grid *grid, const struct block2d *block, double size,
                                       int32_t *columns, int32_t *rows) {
  const double lowX = grid->lowX, lowY = grid->lowY, scaleX = grid->scaleX, scaleY = grid->scaleY;
  const double padding = grid->padding;
  for (int n = 0; n < ORBIT_BLOCK; n++) {
    const double x = (block->x[n] - lowX) * scaleX + padding, y = (block->y[n] - lowY) * scaleY + padding;
    columns[n] = (int32_t)(((x >= 0) & (x < size)) ? x : -1);
    rows[n] = (int32_t)(((y >= 0) & (y < size)) ? y : -1);
  }
}

#endif
