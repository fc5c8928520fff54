#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "canvas.h"
#include "check.h"
#include "draw.h"
#include "random.h"

static fractals_options sizes(uint32_t canvas, uint32_t size, bool colour) {
  fractals_options options = fractals_default_options(2);
  options.canvas = canvas;
  options.size = size;
  options.colour = colour;
  return options;
}

/* 3 x 3 to 2 x 2: a picture pixel covers 1.5 x 1.5 canvas pixels. */
static void by_hand(void) {
  const fractals_options options = sizes(3, 2, false);
  void *workspace = malloc(canvas_bytes(&options));
  const struct canvas canvas = canvas_make(&options, workspace);
  const uint8_t pixels[9] = {90, 0, 0, 0, 90, 0, 0, 0, 9};
  memcpy(canvas.gray, pixels, 9);
  uint8_t picture[12];
  canvas_finish(&canvas, 2, (struct flips){false, false}, picture);
  /* upper left: (90 + 0.25 * 90) / 2.25 = 50; upper right: 22.5 / 2.25 = 10; lower right: 31.5 / 2.25 = 14 */
  const uint8_t expected[4] = {50, 10, 10, 14};
  for (int i = 0; i < 12; i++) CHECK(picture[i] == expected[i / 3], "byte %d is %d", i, picture[i]);
  free(workspace);
}

/* The same mean by floating-point overlap, pixel by pixel. */
static double mean_at(const struct canvas *canvas, uint32_t size, uint32_t row, uint32_t column, uint32_t channel) {
  const double edge = (double)canvas->size / size;
  double sum = 0;
  for (uint32_t y = 0; y < canvas->size; y++) {
    const double high = fmin(y + 1, (row + 1) * edge) - fmax(y, row * edge);
    if (high <= 0) continue;
    for (uint32_t x = 0; x < canvas->size; x++) {
      const double wide = fmin(x + 1, (column + 1) * edge) - fmax(x, column * edge);
      if (wide <= 0) continue;
      const size_t at = (size_t)y * canvas->size + x;
      const uint8_t *coloured = (const uint8_t *)canvas->colour;
      const uint8_t *bytes = canvas->channels == 1 ? canvas->gray + at : coloured + 4 * at + channel;
      sum += high * wide * *bytes;
    }
  }
  return sum / (edge * edge);
}

static void awkward_sizes(void) {
  const uint32_t cases[][2] = {{8, 8}, {13, 8}, {16, 8}, {97, 31}, {127, 126}, {64, 9}};
  for (int i = 0; i < 12; i++) {
    const uint32_t from = cases[i / 2][0], size = cases[i / 2][1];
    const fractals_options options = sizes(from, size, i % 2 == 1);
    void *workspace = malloc(canvas_bytes(&options));
    uint8_t *picture = malloc((size_t)size * size * 3);
    const struct canvas canvas = canvas_make(&options, workspace);
    uint8_t *bytes = canvas.channels == 1 ? canvas.gray : (uint8_t *)canvas.colour;
    for (size_t n = 0; n < (size_t)from * from * canvas.channels; n++) bytes[n] = (uint8_t)random_at(1, n);
    canvas_finish(&canvas, size, (struct flips){false, false}, picture);
    for (uint32_t n = 0; n < size * size * 3; n++) {
      const double expected = mean_at(&canvas, size, n / 3 / size, n / 3 % size, n % 3);
      CHECK(fabs(picture[n] - expected) < 0.5001, "%u to %u: byte %u is %d, not %g", (unsigned)from, (unsigned)size,
            (unsigned)n, picture[n], expected);
    }
    free(workspace);
    free(picture);
  }
}

static void white_stays_white(void) {
  const fractals_options options = sizes(4096, 9, false);
  void *workspace = malloc(canvas_bytes(&options));
  const struct canvas canvas = canvas_make(&options, workspace);
  memset(canvas.gray, 255, (size_t)4096 * 4096);
  uint8_t picture[9 * 9 * 3];
  canvas_finish(&canvas, 9, (struct flips){false, false}, picture);
  for (int i = 0; i < 9 * 9 * 3; i++) CHECK(picture[i] == 255, "byte %d is %d", i, picture[i]);
  free(workspace);
}

static void mirrors(void) {
  const uint32_t cases[][2] = {{11, 11}, {29, 11}};
  for (int i = 0; i < 16; i++) {
    const uint32_t from = cases[i % 2][0], size = cases[i % 2][1];
    const fractals_options options = sizes(from, size, i / 2 % 2 == 1);
    const struct flips flips = {i / 4 % 2 == 1, i / 8 == 1};
    void *workspace = malloc(canvas_bytes(&options));
    const struct canvas canvas = canvas_make(&options, workspace);
    uint8_t *bytes = canvas.channels == 1 ? canvas.gray : (uint8_t *)canvas.colour;
    for (size_t n = 0; n < (size_t)from * from * canvas.channels; n++) bytes[n] = (uint8_t)random_at(2, n);
    uint8_t plain[11 * 11 * 3], flipped[11 * 11 * 3];
    canvas_finish(&canvas, size, (struct flips){false, false}, plain);
    canvas_finish(&canvas, size, flips, flipped);
    for (uint32_t row = 0; row < size; row++) {
      for (uint32_t column = 0; column < size; column++) {
        const uint32_t y = flips.vertical ? size - 1 - row : row, x = flips.horizontal ? size - 1 - column : column;
        CHECK(memcmp(&plain[(row * size + column) * 3], &flipped[(y * size + x) * 3], 3) == 0,
              "case %d: pixel (%u, %u) is not where it should be", i, (unsigned)row, (unsigned)column);
      }
    }
    free(workspace);
  }
}

/* All points run to `x`, y = 0.5, in a box of 0 ... 1. */
static size_t lit_at(double x, uint32_t style, bool colour) {
  fractals_options options = sizes(8, 8, colour);
  options.iterations = 1000;
  fractals_system system = {.maps = 2,
                            .coefficients = {{0, 0, 0, 0.5, x, 0.25}, {0, 0, 0, 0.5, x, 0.25}},
                            .probability = {0.5, 0.5},
                            .low = {x < 0.5 ? 0 : -1, 0}, /* the origin, where orbits begin, in column 0 or 4 */
                            .high = {1, 1}};
  void *workspace = malloc(canvas_bytes(&options));
  const struct canvas canvas = canvas_make(&options, workspace);
  if (style == FRACTALS_POINTS) {
    draw_points_2d(&canvas, &options, &system, 0);
  } else {
    draw_patches_2d(&canvas, &options, &system, 0, 1);
  }
  uint8_t picture[8 * 8 * 3];
  canvas_finish(&canvas, 8, (struct flips){false, false}, picture);
  size_t lit = 0;
  for (int i = 0; i < 64; i++) lit += i % 8 != 0 && i % 8 != 4 && picture[3 * i + 1] != 0; /* but for edge and x = 0 */
  free(workspace);
  return lit;
}

/* On 8 pixels there is no padding: x = low is column 0, x = high is column 8 and outside. */
static void edges(void) {
  for (int i = 0; i < 2; i++) {
    CHECK(lit_at(0, FRACTALS_POINTS, i == 1) == 0, "points of column 0 turn up elsewhere");
    CHECK(lit_at(0, FRACTALS_PATCHES, i == 1) == 0, "patches of column 0 turn up elsewhere");
    CHECK(lit_at(1, FRACTALS_POINTS, i == 1) == 0, "points outside the box are drawn");
  }
}

void canvas_tests(void) {
  check_test("a 3 x 3 canvas averages to 2 x 2 as by hand", by_hand);
  check_test("area averages agree with their definition at awkward sizes", awkward_sizes);
  check_test("the largest white canvas does not overflow", white_stays_white);
  check_test("flips mirror the picture exactly", mirrors);
  check_test("points at and beyond the edge do not wrap around", edges);
}
