#include <string.h>

#include "grid.h"
#include "orbit.h"
#include "search.h"

enum { BITMAP_WORDS = SEARCH_SIZE * SEARCH_SIZE / 64, EARLY_POINTS = 16384, EARLY_CELLS = 64 * 64 };

const struct search_stage search_stages_2d[SEARCH_STAGES_2D] = {
    {.points = 512, .shift = 5, .least = 1.15},
    {.points = 2048, .shift = 4, .least = 1.15},
    {.points = 8192, .shift = 4, .least = 1.2},
    {.points = EARLY_POINTS, .shift = 3, .least = 1.15},
};

/* The first points in single precision: enough to find a cell, and 128 kB of stack. */
struct early {
  float x[EARLY_POINTS], y[EARLY_POINTS];
};

/* Widens the box by the first `count` points of the block. Returns false if any of them has left for infinity.
 * (A NaN can only follow an infinity, and that one is seen here.) */
static bool widen(fractals_system *system, const struct block2d *block, int count) {
  double lowX = system->low[0], highX = system->high[0], lowY = system->low[1], highY = system->high[1];
  for (int n = 0; n < count; n++) {
    const double x = block->x[n], y = block->y[n];
    lowX = x < lowX ? x : lowX;
    highX = x > highX ? x : highX;
    lowY = y < lowY ? y : lowY;
    highY = y > highY ? y : highY;
  }
  system->low[0] = lowX, system->high[0] = highX, system->low[1] = lowY, system->high[1] = highY;
  return lowX > -ORBIT_LIMIT && highX < ORBIT_LIMIT && lowY > -ORBIT_LIMIT && highY < ORBIT_LIMIT;
}

/* A box without width has no grid; one that is narrow compared to its distance from the origin has no cells in
 * single precision. */
static bool has_area(const fractals_system *system) {
  for (int i = 0; i < 2; i++) {
    const double farthest = -system->low[i] > system->high[i] ? -system->low[i] : system->high[i];
    if (!(system->high[i] - system->low[i] > 1e-4 * farthest + 1e-9)) return false;
  }
  return true;
}

/* Sets the pixels of the first `count` points of the block in the bitmap. */
static void mark(uint64_t *bitmap, const struct grid *grid, const struct block2d *block, int count) {
  int32_t columns[ORBIT_BLOCK], rows[ORBIT_BLOCK];
  grid_pixels(grid, block, columns, rows);
  for (int n = 0; n < count; n++) {
    const uint32_t pixel = (uint32_t)rows[n] * SEARCH_SIZE + (uint32_t)columns[n];
    bitmap[pixel >> 6] |= UINT64_C(1) << (pixel & 63);
  }
}

static uint32_t count_bits(const uint64_t *bitmap) {
  uint32_t count = 0;
  for (int i = 0; i < BITMAP_WORDS; i++) {
    uint64_t word = bitmap[i];
    /* The sum of bits of a word by halves: Warren, Hacker's Delight, section 5-1. */
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    count += (uint32_t)(word * UINT64_C(0x0101010101010101) >> 56);
  }
  return count;
}

/* The estimate of search.h in units of the least accepted fill, from the first `stage->points` points. */
static double spread(const fractals_system *system, const struct early *early, const struct search_stage *stage) {
  uint16_t counts[EARLY_CELLS] = {0};
  const struct grid grid = grid_make(system, SEARCH_SIZE);
  const int cells = SEARCH_SIZE >> stage->shift;
  for (int n = 0; n < stage->points; n++) {
    const int column = (int)((early->x[n] - grid.lowX) * grid.scaleX + grid.padding) >> stage->shift;
    const int row = (int)((early->y[n] - grid.lowY) * grid.scaleY + grid.padding) >> stage->shift;
    counts[row * cells + column]++;
  }
  const double area = (double)(1 << 2 * stage->shift), weight = (double)SEARCH_POINTS_2D / stage->points;
  double sum = 0;
  for (int cell = 0; cell < cells * cells; cell++) {
    const double points = counts[cell] * weight;
    sum += points < area ? points : area;
  }
  return sum / (SEARCH_FILL * (double)(SEARCH_SIZE * SEARCH_SIZE));
}

/* Runs the early stages; the orbit stands behind the last one's points afterwards. */
static bool passes_stages(struct orbit2d *orbit, fractals_system *system, struct search_trace *trace) {
  struct early early;
  struct block2d block;
  int made = 0;
  for (int i = 0; i < SEARCH_STAGES_2D; i++) {
    const struct search_stage *stage = &search_stages_2d[i];
    for (; made < stage->points; made += ORBIT_BLOCK) {
      orbit2d_next(orbit, &block);
      if (!widen(system, &block, ORBIT_BLOCK)) return false;
      for (int n = 0; n < ORBIT_BLOCK; n++) {
        early.x[made + n] = (float)block.x[n];
        early.y[made + n] = (float)block.y[n];
      }
    }
    if (!has_area(system)) return false;
    const double shown = spread(system, &early, stage);
    if (trace != NULL) {
      trace->shown[trace->stages++] = shown;
    } else if (shown < stage->least) {
      return false;
    }
  }
  return true;
}

bool search_accepts_2d(fractals_system *system, uint64_t seed, uint32_t category, struct search_trace *trace) {
  struct orbit2d orbit;
  struct block2d block;
  memset(system->low, 0, sizeof system->low);
  memset(system->high, 0, sizeof system->high);
  if (trace != NULL) trace->stages = 0;
  orbit2d_start(&orbit, system, seed, category);
  if (!passes_stages(&orbit, system, trace)) return false;
  for (int done = EARLY_POINTS; done < SEARCH_POINTS_2D; done += ORBIT_BLOCK) {
    const int left = SEARCH_POINTS_2D - done;
    orbit2d_next(&orbit, &block);
    if (!widen(system, &block, left < ORBIT_BLOCK ? left : ORBIT_BLOCK)) return false;
  }

  /* The same orbit again, now that its box is known: cheaper than keeping 1.6 MB of points. */
  uint64_t bitmap[BITMAP_WORDS] = {0};
  const struct grid grid = grid_make(system, SEARCH_SIZE);
  orbit2d_start(&orbit, system, seed, category);
  for (int done = 0; done < SEARCH_POINTS_2D; done += ORBIT_BLOCK) {
    const int left = SEARCH_POINTS_2D - done;
    orbit2d_next(&orbit, &block);
    mark(bitmap, &grid, &block, left < ORBIT_BLOCK ? left : ORBIT_BLOCK);
  }
  system->measure[0] = (double)count_bits(bitmap) / (SEARCH_SIZE * SEARCH_SIZE);
  return system->measure[0] >= SEARCH_FILL;
}
