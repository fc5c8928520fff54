#include <string.h>

#include "orbit.h"
#include "random.h"

void orbit3d_start(struct orbit3d *orbit, const fractals_system *system, uint64_t seed, uint32_t category) {
  struct choice choice;
  choice_build(system->probability, system->maps, &choice);
  memset(orbit, 0, sizeof *orbit);
  memcpy(orbit->cut, choice.cut, sizeof orbit->cut);
  for (uint32_t entry = 0; entry < CHOICE_ENTRIES; entry++) {
    memcpy(orbit->map[entry], system->coefficients[choice.thing[entry]], 12 * sizeof(double));
  }
  orbit->key = random_key(seed, STREAM_ORBIT, category, 0);
}

/* Moves the lane's point on, then emits it. */
static inline void step(const struct orbit3d *orbit, uint32_t bits, double *x, double *y, double *z,
                        struct block3d *block, int n) {
  const double *c = orbit->map[choice_entry(orbit->cut, bits)];
  const double oldX = *x, oldY = *y, oldZ = *z;
  *x = c[0] * oldX + c[1] * oldY + c[2] * oldZ + c[9];
  *y = c[3] * oldX + c[4] * oldY + c[5] * oldZ + c[10];
  *z = c[6] * oldX + c[7] * oldY + c[8] * oldZ + c[11];
  block->x[n] = *x;
  block->y[n] = *y;
  block->z[n] = *z;
}

void orbit3d_next(struct orbit3d *orbit, struct block3d *block) {
  double x0 = orbit->x[0], x1 = orbit->x[1], x2 = orbit->x[2], x3 = orbit->x[3];
  double y0 = orbit->y[0], y1 = orbit->y[1], y2 = orbit->y[2], y3 = orbit->y[3];
  double z0 = orbit->z[0], z1 = orbit->z[1], z2 = orbit->z[2], z3 = orbit->z[3];
  uint64_t counter = orbit->counter;
  for (int n = 0; n < ORBIT_BLOCK; n += ORBIT_LANES) {
    const uint64_t first = random_at(orbit->key, counter), second = random_at(orbit->key, counter + 1);
    counter += 2;
    step(orbit, (uint32_t)first, &x0, &y0, &z0, block, n);
    step(orbit, (uint32_t)(first >> 32), &x1, &y1, &z1, block, n + 1);
    step(orbit, (uint32_t)second, &x2, &y2, &z2, block, n + 2);
    step(orbit, (uint32_t)(second >> 32), &x3, &y3, &z3, block, n + 3);
  }
  orbit->counter = counter;
  orbit->x[0] = x0, orbit->x[1] = x1, orbit->x[2] = x2, orbit->x[3] = x3;
  orbit->y[0] = y0, orbit->y[1] = y1, orbit->y[2] = y2, orbit->y[3] = y3;
  orbit->z[0] = z0, orbit->z[1] = z1, orbit->z[2] = z2, orbit->z[3] = z3;
}
