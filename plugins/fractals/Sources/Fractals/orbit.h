/* orbit.h: the chaos game, in blocks of points.
 *
 * x[n + 1] = (a randomly chosen map)(x[n]). One such orbit is a chain in which every point waits for the one before;
 * therefore four orbits run side by side (lanes), all from the origin, and point n belongs to lane n mod 4. The points
 * have the same distribution as those of one orbit. M. F. Barnsley: Fractals Everywhere, 1988, chapter 3. */
#ifndef FRACTALS_ORBIT_H
#define FRACTALS_ORBIT_H

#include "choice.h"
#include "fractals.h"

enum { ORBIT_LANES = 4, ORBIT_BLOCK = 512 };

/* A point farther out than this has left for infinity: the orbit is rejected.
 * An accepted orbit stays within a few units of the origin. */
#define ORBIT_LIMIT 1e6

struct orbit2d {
  double map[CHOICE_ENTRIES][8]; /* c0 ... c5 of the map behind each entry; 64 bytes, a cache line */
  uint32_t cut[CHOICE_SLOTS];
  uint64_t key, counter;
  double x[ORBIT_LANES], y[ORBIT_LANES];
};

struct orbit3d {
  double map[CHOICE_ENTRIES][12];
  uint32_t cut[CHOICE_SLOTS];
  uint64_t key, counter;
  double x[ORBIT_LANES], y[ORBIT_LANES], z[ORBIT_LANES];
};

struct block2d {
  double x[ORBIT_BLOCK], y[ORBIT_BLOCK];
};

struct block3d {
  double x[ORBIT_BLOCK], y[ORBIT_BLOCK], z[ORBIT_BLOCK];
};

/* Starts the orbit of a system; its random numbers depend on (seed, category) alone, so that the search and every
 * picture of a category walk through the same points. */
void orbit2d_start(struct orbit2d *orbit, const fractals_system *system, uint64_t seed, uint32_t category);
void orbit3d_start(struct orbit3d *orbit, const fractals_system *system, uint64_t seed, uint32_t category);

/* The next 512 points. The first points in 2D are the origin; in 3D the origin is left out (as in the paper's code).
 * Cost: about 3.5 ns a point in 2D, 5.5 ns in 3D. */
void orbit2d_next(struct orbit2d *orbit, struct block2d *block);
void orbit3d_next(struct orbit3d *orbit, struct block3d *block);

#endif
