/* candidate.h: random systems of affine maps, before anyone knows whether they make a good fractal. */
#ifndef FRACTALS_CANDIDATE_H
#define FRACTALS_CANDIDATE_H

#include "exact.h"
#include "fractals.h"

/* Draws the maps of candidate `attempt` of `category`: count uniform in 2 ... 7, coefficients uniform in [-1, 1),
 * probability[i] = |det_i| / (sum of |det|). Everything else in `*system` becomes 0.
 * Returns false if all determinants are 0, where no probability exists. */
bool candidate_draw(uint64_t seed, uint32_t category, uint32_t attempt, uint32_t dimensions, fractals_system *system);

/* Determinant of the linear part of one map. */
double candidate_determinant(const double *coefficients, uint32_t dimensions);

#endif
