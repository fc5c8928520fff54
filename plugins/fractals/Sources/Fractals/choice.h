/* choice.h: picks one of up to 8 things with given probabilities from 32 random bits.
 *
 * A. J. Walker's alias method (1977), table built as by M. D. Vose (1991), with always 8 slots:
 *
 *   bits:   | 29 bits: fraction | 3 bits: slot |
 *   answer: 2 * slot + (fraction >= cut[slot])   in 0 ..< 16
 *
 * The caller keeps two things per slot, `first` and `second`, in a table of 16: choosing is then a load, a
 * comparison and an addition, without a branch that the processor could guess wrong. */
#ifndef FRACTALS_CHOICE_H
#define FRACTALS_CHOICE_H

#include <stdint.h>

#include "exact.h"

enum { CHOICE_SLOTS = 8, CHOICE_ENTRIES = 16 };

struct choice {
  uint32_t cut[CHOICE_SLOTS];    /* 0 ... 2^29 */
  uint8_t thing[CHOICE_ENTRIES]; /* thing[2 * slot] below the cut, thing[2 * slot + 1] from it on */
};

/* Builds the table for `count` probabilities (1 ... 8, sum 1). Their error is below 2^-31. */
void choice_build(const double *probability, uint32_t count, struct choice *choice);

static inline uint32_t choice_entry(const uint32_t *cut, uint32_t bits) {
  const uint32_t slot = bits & (CHOICE_SLOTS - 1);
  return 2 * slot + (uint32_t)(bits >> 3 >= cut[slot]);
}

#endif
