/* random.h: counter-based random numbers.
 *
 * The n-th number of a stream is splitmix64's output function at (key + n * golden ratio):
 * G. L. Steele, D. Lea, C. H. Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014;
 * multipliers of D. Stafford's "Mix 13". Nothing is carried from one number to the next, so any category,
 * candidate or point can be reached at once. */
#ifndef FRACTALS_RANDOM_H
#define FRACTALS_RANDOM_H

#include <stdint.h>

#define FRACTALS_GOLDEN UINT64_C(0x9E3779B97F4A7C15)

/* What a stream is for; two purposes never share a stream. */
enum stream_purpose { STREAM_MAPS = 1, STREAM_ORBIT, STREAM_PATCHES, STREAM_FLIPS, STREAM_VIEW, STREAM_CAMERA };

static inline uint64_t random_mix(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

/* The key of the stream for `purpose` in (seed, category, index). */
static inline uint64_t random_key(uint64_t seed, enum stream_purpose purpose, uint32_t category, uint32_t index) {
  uint64_t key = random_mix(seed + (uint64_t)purpose * FRACTALS_GOLDEN);
  return random_mix(key ^ random_mix(((uint64_t)category << 32 | index) + FRACTALS_GOLDEN));
}

/* The n-th number of a stream, 64 random bits. */
static inline uint64_t random_at(uint64_t key, uint64_t n) { return random_mix(key + (n + 1) * FRACTALS_GOLDEN); }

/* 64 random bits as a number uniform in [-1, 1), a multiple of 2^-52. */
static inline double random_signed(uint64_t bits) { return (double)(bits >> 11) * 0x1p-52 - 1.0; }

/* 64 random bits as an integer uniform in 0 ..< bound, up to a bias of bound / 2^32. */
static inline uint32_t random_below(uint64_t bits, uint32_t bound) { return (uint32_t)((bits >> 32) * bound >> 32); }

#endif
