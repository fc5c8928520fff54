/* power.h: base-2 logarithm and exponential of float32, as loops that compilers turn into vector instructions.
 *
 * Errors against double precision, measured over all floats of the stated ranges (Tests/PowerTests.swift holds them):
 *   power_log2  x in 2^-126 ..< 2^128: relative error below 2.5e-7, or absolute error below 1e-9 beside x = 1
 *   power_exp2  x in -126 ... 127: relative error below 1.5e-7 */
#ifndef GEM_POWER_H
#define GEM_POWER_H

#include <stdint.h>
#include <string.h>

static inline uint32_t power_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float power_float(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* log2 x of a positive x; about -126 or less for 0 and what is denormal, NaN for what is not finite.
 *
 * x = 2^e m with m in sqrt(1/2) ..< sqrt(2); ln m = 2 atanh s with s = (m - 1) / (m + 1), |s| < 0.1716, by five terms
 * of its series: the sixth is below 1.1e-9 s. */
static inline float power_log2(float x) {
  const uint32_t shifted = power_bits(x) - 0x3F3504F3u; /* the bits of sqrt(1/2) */
  const float exponent = (float)((int32_t)shifted >> 23);
  const float m = power_float((shifted & 0x007FFFFFu) + 0x3F3504F3u);
  const float s = (m - 1.0f) / (m + 1.0f), q = s * s;
  const float series = ((((2.0f / 9) * q + 2.0f / 7) * q + 2.0f / 5) * q + 2.0f / 3) * q;
  const float ln = s * series + (s + s);
  /* x - x is 0, or NaN for what is not finite: that must not get lost among the bits. */
  return (ln * 1.44269504088896341f + exponent) + (x - x);
}

/* 2^x; 0 below -126, about 2^127 above 127; NaN for NaN.
 *
 * x = n + f with an integer n and |f| <= 1/2; 2^f by the series of e^(f ln 2) up to the seventh power: the eighth term
 * is below 5.2e-9. */
static inline float power_exp2(float x) {
  const float low = x < -126.0f ? -126.0f : x, inside = low > 127.0f ? 127.0f : low;
  const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer, which then are the low bits */
  const float sum = inside + magic;
  const float f = inside - (sum - magic);
  const float ln2 = 0.693147180559945309f, y = f * ln2;
  float series = 1.0f / 5040;
  series = series * y + 1.0f / 720;
  series = series * y + 1.0f / 120;
  series = series * y + 1.0f / 24;
  series = series * y + 1.0f / 6;
  series = series * y + 0.5f;
  series = series * y + 1.0f;
  series = series * y + 1.0f;
  const float power = series * power_float((power_bits(sum) << 23) + 0x3F800000u);
  return x < -126.0f ? 0.0f : power;
}

#endif
