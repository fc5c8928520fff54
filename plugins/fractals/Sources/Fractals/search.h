/* search.h: which random systems of maps make a category. */
#ifndef FRACTALS_SEARCH_H
#define FRACTALS_SEARCH_H

#include "fractals.h"

/* The paper's figures (its section 3 and the authors' generator). */
enum {
  SEARCH_POINTS_2D = 100000,
  SEARCH_SIZE = 512,
  SEARCH_PADDING = 6,
  SEARCH_POINTS_3D = 10000
};
#define SEARCH_FILL 0.2      /* least share of filled pixels in 2D */
#define SEARCH_VARIANCE 0.05 /* the variance along each axis must be above this in 3D */

/* Early rejection: what the first points must show so that the rest is computed at all.
 *
 * 2D: an accepted orbit fills F >= 52,429 different pixels with N = 100,000 points. Lay cells of A pixels over the
 * drawing: a cell that holds n points has at most min(A, n) different pixels, so the sum of min(A, n) over all cells
 * is at least F. From the first m points the same sum is estimated by min(A, N n / m), in units of 52,429. The box of
 * the first points can only be smaller than the final one, which spreads them over more cells.
 * 3D: the variances of the first points, normalised as all of them will be.
 *
 * The thresholds lie below what accepted systems showed: `make margin` measures it again. They are a part of the
 * definition of the database: a change can change categories. */
struct search_stage {
  int points; /* a multiple of the orbit's block */
  int shift;  /* 2D: a cell has 2^shift pixels along an edge */
  double least;
};
enum { SEARCH_STAGES_2D = 4, SEARCH_STAGES_3D = 2 };
extern const struct search_stage search_stages_2d[SEARCH_STAGES_2D];
extern const struct search_stage search_stages_3d[SEARCH_STAGES_3D];

/* What a candidate showed at each early stage; for `make margin` and the tests. */
struct search_trace {
  double shown[SEARCH_STAGES_2D];
  int stages; /* how many were computed */
};

/* Tests one candidate: fills low, high, centre and measure of `*system`, and says whether it is a category.
 * With a `trace`, early stages are written down and reject nothing; NULL is the search proper. */
bool search_accepts_2d(fractals_system *system, uint64_t seed, uint32_t category, struct search_trace *trace);
bool search_accepts_3d(fractals_system *system, uint64_t seed, uint32_t category, struct search_trace *trace);

/* Tries the candidates of `category` in order, at most `options->maximum_tries`; false if none is accepted.
 * Cost: about 4 ms in 2D and 1 ms in 3D, of one core. */
bool search_category(const fractals_options *options, uint32_t category, fractals_system *system);

#endif
