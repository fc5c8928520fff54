#include "pooling.h"

#include "power.h"

/* Sums over pixels are added up in chunks, so that rounding errors do not grow with the plane. */
enum { CHUNK = 64 };

static inline float clamped(float x, float epsilon) { return x < epsilon ? epsilon : x; /* keeps NaN */ }

static inline float at_least(float p) { return p < POOLING_LEAST_EXPONENT ? POOLING_LEAST_EXPONENT : p; }

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static void add(float *total, float *chunk, size_t channels) {
  for (size_t c = 0; c < channels; c++) {
    total[c] += chunk[c];
    chunk[c] = 0;
  }
}

void pooling_forward(const struct pooling_block *block, const float *x, const struct pooling_exponents *exponents,
                     float *y) {
  const size_t channels = block->channels;
  const float epsilon = block->epsilon;
  float p[POOLING_BLOCK], largest[POOLING_BLOCK], inverse[POOLING_BLOCK];
  float total[POOLING_BLOCK] = {0}, chunk[POOLING_BLOCK] = {0};
  for (size_t c = 0; c < channels; c++) largest[c] = epsilon;
  for (size_t i = 0; i < block->pixels; i++) {
    const float *pixel = x + i * block->stride;
    for (size_t c = 0; c < channels; c++) largest[c] = pixel[c] > largest[c] ? pixel[c] : largest[c];
  }
  for (size_t c = 0; c < channels; c++) {
    inverse[c] = 1.0f / largest[c];
    p[c] = at_least(exponents->p[c]);
  }
  for (size_t first = 0; first < block->pixels; first += CHUNK) {
    const size_t end = smaller(first + CHUNK, block->pixels);
    for (size_t i = first; i < end; i++) {
      const float *pixel = x + i * block->stride;
      for (size_t c = 0; c < channels; c++) {
        chunk[c] += power_exp2(p[c] * power_log2(clamped(pixel[c], epsilon) * inverse[c]));
      }
    }
    add(total, chunk, channels);
  }
  const float share = 1.0f / (float)block->pixels;
  for (size_t c = 0; c < channels; c++) {
    y[c] = largest[c] * power_exp2(power_log2(total[c] * share) / p[c]);
  }
}

void pooling_backward(const struct pooling_block *block, const float *x, const float *y, const float *g,
                      const struct pooling_exponents *exponents, float *inputGradient, float *exponentGradient) {
  const size_t channels = block->channels;
  const float epsilon = block->epsilon, share = 1.0f / (float)block->pixels;
  float p[POOLING_BLOCK], inverse[POOLING_BLOCK], scale[POOLING_BLOCK], row[POOLING_BLOCK];
  float total[POOLING_BLOCK] = {0}, chunk[POOLING_BLOCK] = {0};
  for (size_t c = 0; c < channels; c++) {
    p[c] = at_least(exponents->p[c]);
    inverse[c] = 1.0f / y[c];
    scale[c] = g[c] * share;
  }
  for (size_t first = 0; first < block->pixels; first += CHUNK) {
    const size_t end = smaller(first + CHUNK, block->pixels);
    for (size_t i = first; i < end; i++) {
      const float *pixel = x + i * block->stride;
      for (size_t c = 0; c < channels; c++) {
        const float u = clamped(pixel[c], epsilon) * inverse[c], logarithm = power_log2(u);
        const float power = power_exp2((p[c] - 1.0f) * logarithm);
        chunk[c] += power * u * logarithm;
        row[c] = pixel[c] > epsilon ? scale[c] * power : 0.0f;
      }
      /* Only now: the gradient may lie where x does. */
      if (inputGradient) memcpy(inputGradient + i * block->stride, row, channels * sizeof *row);
    }
    add(total, chunk, channels);
  }
  if (!exponentGradient) return;
  const float ln2 = 0.693147180559945309f;
  for (size_t c = 0; c < channels; c++) {
    const float slope = g[c] * y[c] / p[c] * total[c] * share * ln2;
    exponentGradient[c] = exponents->p[c] < POOLING_LEAST_EXPONENT ? 0.0f : slope;
  }
}
