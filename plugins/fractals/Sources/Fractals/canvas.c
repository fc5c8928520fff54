#include "canvas.h"

#include <string.h>

static bool has_depth(const fractals_options *options) { return options->dimensions == 3 && options->colour; }

size_t canvas_bytes(const fractals_options *options) {
  const size_t size = options->canvas, channels = options->colour ? 4 : 1;
  const size_t sums = size * channels * sizeof(uint32_t);
  const size_t depth = has_depth(options) ? size * size * sizeof(float) : 0;
  const size_t spans = options->size * sizeof(struct span);
  return sums + spans + depth + size * size * channels;
}

struct canvas canvas_make(const fractals_options *options, void *workspace) {
  const size_t size = options->canvas, channels = options->colour ? 4 : 1;
  struct canvas canvas = {.size = options->canvas, .channels = (uint32_t)channels, .sums = workspace};
  canvas.spans = (struct span *)(canvas.sums + size * channels);
  void *rest = canvas.spans + options->size;
  if (has_depth(options)) {
    canvas.depth = rest;
    rest = canvas.depth + size * size;
  }
  if (channels == 1) {
    canvas.gray = rest;
  } else {
    canvas.colour = rest;
  }
  memset(rest, 0, size * size * channels);
  return canvas;
}

/* Where pixel `at` of a row or column of `size` goes. */
static uint32_t mirrored(uint32_t at, uint32_t size, bool flip) { return flip ? size - 1 - at : at; }

/* Canvas and picture have the same size. */
static void copy(const struct canvas *canvas, struct flips flips, uint8_t *picture) {
  const uint32_t size = canvas->size;
  for (uint32_t row = 0; row < size; row++) {
    const size_t from = (size_t)row * size;
    uint8_t *to = picture + (size_t)mirrored(row, size, flips.vertical) * size * 3;
    for (uint32_t column = 0; column < size; column++) {
      uint8_t *pixel = to + (size_t)mirrored(column, size, flips.horizontal) * 3;
      if (canvas->channels == 1) {
        pixel[0] = pixel[1] = pixel[2] = canvas->gray[from + column];
      } else {
        memcpy(pixel, &canvas->colour[from + column], 3);
      }
    }
  }
}

static void find_spans(uint32_t canvasSize, uint32_t size, struct span *spans) {
  for (uint32_t i = 0; i < size; i++) {
    const uint32_t begin = i * canvasSize, end = begin + canvasSize; /* in S T parts */
    const uint32_t first = begin / size, last = (end - 1) / size;
    spans[i] = (struct span){first, last, last > first ? (first + 1) * size - begin : canvasSize,
                             last > first ? end - last * size : 0};
  }
}

/* sums[i] += weight * line[i] */
static void add_line(uint32_t *sums, uint32_t weight, const uint8_t *line, size_t count) {
  for (size_t i = 0; i < count; i++) sums[i] += weight * line[i];
}

/* sums[i] = the weighted sum of byte i of the canvas rows under one picture row. */
static void sum_rows(const struct canvas *canvas, uint32_t size, const struct span *span) {
  const size_t width = (size_t)canvas->size * canvas->channels;
  const uint8_t *bytes = canvas->channels == 1 ? canvas->gray : (const uint8_t *)canvas->colour;
  memset(canvas->sums, 0, width * sizeof *canvas->sums);
  add_line(canvas->sums, span->firstWeight, bytes + span->first * width, width);
  for (uint32_t row = span->first + 1; row < span->last; row++) {
    add_line(canvas->sums, size, bytes + row * width, width);
  }
  add_line(canvas->sums, span->lastWeight, bytes + span->last * width, width);
}

/* The mean of one picture pixel in one channel. */
static inline uint8_t mean(const uint32_t *sums, uint32_t channels, uint32_t size, const struct span *span,
                           double scale) {
  uint32_t middle = 0;
  for (uint32_t column = span->first + 1; column < span->last; column++) middle += sums[column * channels];
  const uint32_t total = span->firstWeight * sums[span->first * channels] + size * middle +
                         span->lastWeight * sums[span->last * channels];
  return (uint8_t)(int32_t)(total * scale + 0.5);
}

/* One picture row from `sums`. */
static void sum_columns(const struct canvas *canvas, uint32_t size, bool flip, uint8_t *to) {
  const double scale = 1.0 / ((double)canvas->size * canvas->size);
  for (uint32_t column = 0; column < size; column++) {
    const struct span *span = &canvas->spans[column];
    uint8_t *pixel = to + (size_t)mirrored(column, size, flip) * 3;
    if (canvas->channels == 1) {
      pixel[0] = pixel[1] = pixel[2] = mean(canvas->sums, 1, size, span, scale);
    } else {
      for (int i = 0; i < 3; i++) pixel[i] = mean(canvas->sums + i, 4, size, span, scale);
    }
  }
}

void canvas_finish(const struct canvas *canvas, uint32_t size, struct flips flips, uint8_t *picture) {
  if (canvas->size == size) {
    copy(canvas, flips, picture);
    return;
  }
  find_spans(canvas->size, size, canvas->spans);
  for (uint32_t row = 0; row < size; row++) {
    sum_rows(canvas, size, &canvas->spans[row]);
    uint8_t *to = picture + (size_t)mirrored(row, size, flips.vertical) * size * 3;
    sum_columns(canvas, size, flips.horizontal, to);
  }
}
