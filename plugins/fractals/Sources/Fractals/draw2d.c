#include <string.h>

#include "draw.h"
#include "grid.h"
#include "palette.h"
#include "random.h"

/* One block of an orbit as pixels. */
struct pixels {
  int32_t columns[ORBIT_BLOCK], rows[ORBIT_BLOCK];
  int count;
};

/* Where a drawing stands. */
struct walk {
  struct orbit2d orbit;
  struct grid grid;
  uint32_t size, done, total;
};

static void walk_start(struct walk *walk, const struct canvas *canvas, const fractals_options *options,
                       const fractals_system *system, uint32_t category) {
  orbit2d_start(&walk->orbit, system, options->seed, category);
  walk->grid = grid_make(system, canvas->size);
  walk->size = canvas->size;
  walk->done = 0;
  walk->total = options->iterations;
}

/* The next block, rows from the top; false at the end. */
static bool walk_next(struct walk *walk, struct pixels *pixels) {
  if (walk->done >= walk->total) return false;
  const uint32_t left = walk->total - walk->done;
  struct block2d block;
  orbit2d_next(&walk->orbit, &block);
  grid_pixels_clipped(&walk->grid, &block, walk->size, pixels->columns, pixels->rows);
  for (int n = 0; n < ORBIT_BLOCK; n++) pixels->rows[n] = (int32_t)walk->size - 1 - pixels->rows[n];
  pixels->count = left < ORBIT_BLOCK ? (int)left : ORBIT_BLOCK;
  walk->done += ORBIT_BLOCK;
  return true;
}

void draw_points_2d(const struct canvas *canvas, const fractals_options *options, const fractals_system *system,
                    uint32_t category) {
  uint32_t palette[PALETTE_COLOURS];
  palette_build(palette);
  struct walk walk;
  struct pixels pixels;
  walk_start(&walk, canvas, options, system, category);
  while (walk_next(&walk, &pixels)) {
    for (int n = 0; n < pixels.count; n++) {
      /* A clipped point is -1 in columns and `size` in rows: as unsigned numbers, both are too large. */
      const uint32_t column = (uint32_t)pixels.columns[n], row = (uint32_t)pixels.rows[n];
      if (column >= canvas->size || row >= canvas->size) continue;
      const size_t at = (size_t)row * canvas->size + column;
      if (canvas->channels == 1) {
        canvas->gray[at] = PALETTE_GRAY_2D;
      } else {
        canvas->colour[at] = palette[n % PALETTE_COLOURS];
      }
    }
  }
}

/* Three bits as three gray pixels. */
static const uint8_t triples[8][4] = {
    {0, 0, 0},
    {PALETTE_GRAY_2D, 0, 0},
    {0, PALETTE_GRAY_2D, 0},
    {PALETTE_GRAY_2D, PALETTE_GRAY_2D, 0},
    {0, 0, PALETTE_GRAY_2D},
    {PALETTE_GRAY_2D, 0, PALETTE_GRAY_2D},
    {0, PALETTE_GRAY_2D, PALETTE_GRAY_2D},
    {PALETTE_GRAY_2D, PALETTE_GRAY_2D, PALETTE_GRAY_2D},
};

/* Bits 0 ... 8 of `patch` are the pixels from the upper left, row by row. */
static inline void stamp_gray(uint8_t *middle, size_t stride, uint32_t patch) {
  uint8_t *corner = middle - stride - 1;
  memcpy(corner, triples[patch & 7], 3);
  memcpy(corner + stride, triples[patch >> 3 & 7], 3);
  memcpy(corner + 2 * stride, triples[patch >> 6], 3);
}

static inline void stamp_colour(uint32_t *middle, size_t stride, uint32_t patch, uint32_t colour) {
  uint32_t *row = middle - stride - 1;
  for (int i = 0; i < 3; i++, row += stride, patch >>= 3) {
    row[0] = colour & -(patch & 1);
    row[1] = colour & -(patch >> 1 & 1);
    row[2] = colour & -(patch >> 2 & 1);
  }
}

void draw_patches_2d(const struct canvas *canvas, const fractals_options *options, const fractals_system *system,
                     uint32_t category, uint64_t key) {
  uint32_t palette[PALETTE_COLOURS];
  palette_build(palette);
  struct walk walk;
  struct pixels pixels;
  uint64_t counter = 0, bits = 0;
  walk_start(&walk, canvas, options, system, category);
  while (walk_next(&walk, &pixels)) {
    for (int n = 0; n < pixels.count; n++) {
      bits = n % 2 == 0 ? random_at(key, counter++) : bits << 32;
      /* One pixel of margin: the middle must be in 1 ..< size - 1. */
      const uint32_t column = (uint32_t)pixels.columns[n], row = (uint32_t)pixels.rows[n];
      if (column - 1 >= canvas->size - 2 || row - 1 >= canvas->size - 2) continue;
      const uint32_t patch = 1 + random_below(bits, 511);
      const size_t at = (size_t)row * canvas->size + column;
      if (canvas->channels == 1) {
        stamp_gray(canvas->gray + at, canvas->size, patch);
      } else {
        stamp_colour(canvas->colour + at, canvas->size, patch, palette[n % PALETTE_COLOURS]);
      }
    }
  }
}
