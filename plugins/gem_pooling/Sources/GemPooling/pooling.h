/* pooling.h: generalized-mean pooling of one block of channels of one example.
 *
 *   y = (mean over pixels of z^p)^(1/p),  z = max(x, epsilon)
 *
 *   F. Radenovic, G. Tolias, O. Chum: Fine-tuning CNN Image Retrieval with No Human Annotation.
 *   IEEE Transactions on Pattern Analysis and Machine Intelligence 41 (7), 2019, equation 3.
 *
 * p = 1 is average pooling, large p approaches max pooling. */
#ifndef GEM_POOLING_H
#define GEM_POOLING_H

#include <stdbool.h>
#include <stddef.h>

enum { POOLING_BLOCK = 64 };      /* channels that one call takes at most */
#define POOLING_LEAST_EXPONENT 0.1f /* smaller exponents count as this, and have no gradient */

/* Where a block of channels lies. */
struct pooling_block {
  size_t pixels;   /* h * w */
  size_t stride;   /* floats from pixel to pixel: the channels of the whole array */
  size_t channels; /* 1 ... POOLING_BLOCK */
  float epsilon;
};

/* The exponents of a block, one a channel, whether they are shared or not. */
struct pooling_exponents {
  float p[POOLING_BLOCK];
};

/* Writes y of each channel. The largest z is taken out of the mean, so that no power overflows; where an x is not
 * finite, y is NaN. Cost: about 20 operations a number, two passes. */
void pooling_forward(const struct pooling_block *block, const float *x, const struct pooling_exponents *exponents,
                     float *y);

/* With u = z / y, and g the gradient of y:
 *
 *   input gradient      g / pixels * u^(p - 1)           where x > epsilon, else 0
 *   exponent gradient   g * y / p * mean of (u^p ln u)   of each channel; 0 where p is below the least
 *
 * u^p is at most `pixels`, so for p of 1 or more an input's gradient is at most g, however large p. `inputGradient` may be NULL, or the memory of x;
 * `exponentGradient` may be NULL. */
void pooling_backward(const struct pooling_block *block, const float *x, const float *y, const float *g,
                      const struct pooling_exponents *exponents, float *inputGradient, float *exponentGradient);

#endif
