#include <string.h>

#include "orbit.h"
#include "random.h"

void orbit2d_start(struct orbit2d *orbit, const fractals_system *system, uint64_t seed, uint32_t category) {
  struct choice choice;
  choice_build(system->probability, system->maps, &choice);
  memset(orbit, 0, sizeof *orbit);
  memcpy(orbit->cut, choice.cut, sizeof orbit->cut);
  for (uint32_t entry = 0; entry < CHOICE_ENTRIES; entry++) {
    memcpy(orbit->map[entry], system->coefficients[choice.thing[entry]], 6 * sizeof(double));
  }
  orbit->key = random_key(seed, STREAM_ORBIT, category, 0);
}

/* Emits the lane's point, then moves it on. */
static inline void step(const struct orbit2d *orbit, uint32_t bits, double *x, double *y, double *outX, double *outY) {
  const double *c = orbit->map[choice_entry(orbit->cut, bits)];
  const double oldX = *x, oldY = *y;
  *outX = oldX;
  *outY = oldY;
  *x = c[0] * oldX + c[1] * oldY + c[4];
  *y = c[2] * oldX + c[3] * oldY + c[5];
}

void orbit2d_next(struct orbit2d *orbit, struct block2d *block) {
  double x0 = orbit->x[0], x1 = orbit->x[1], x2 = orbit->x[2], x3 = orbit->x[3];
  double y0 = orbit->y[0], y1 = orbit->y[1], y2 = orbit->y[2], y3 = orbit->y[3];
  uint64_t counter = orbit->counter;
  for (int n = 0; n < ORBIT_BLOCK; n += ORBIT_LANES) {
    const uint64_t first = random_at(orbit->key, counter), second = random_at(orbit->key, counter + 1);
    counter += 2;
    step(orbit, (uint32_t)first, &x0, &y0, &block->x[n], &block->y[n]);
    step(orbit, (uint32_t)(first >> 32), &x1, &y1, &block->x[n + 1], &block->y[n + 1]);
    step(orbit, (uint32_t)second, &x2, &y2, &block->x[n + 2], &block->y[n + 2]);
    step(orbit, (uint32_t)(second >> 32), &x3, &y3, &block->x[n + 3], &block->y[n + 3]);
  }
  orbit->counter = counter;
  orbit->x[0] = x0, orbit->x[1] = x1, orbit->x[2] = x2, orbit->x[3] = x3;
  orbit->y[0] = y0, orbit->y[1] = y1, orbit->y[2] = y2, orbit->y[3] = y3;
}
