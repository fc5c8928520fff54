#include "candidate.h"

#include <math.h>
#include <string.h>

#include "random.h"

double candidate_determinant(const double *c, uint32_t dimensions) {
  if (dimensions == 2) return c[0] * c[3] - c[1] * c[2];
  return c[0] * (c[4] * c[8] - c[5] * c[7]) - c[1] * (c[3] * c[8] - c[5] * c[6]) + c[2] * (c[3] * c[7] - c[4] * c[6]);
}

bool candidate_draw(uint64_t seed, uint32_t category, uint32_t attempt, uint32_t dimensions, fractals_system *system) {
  memset(system, 0, sizeof *system);
  const uint64_t key = random_key(seed, STREAM_MAPS, category, attempt);
  const uint32_t coefficients = dimensions == 2 ? 6 : 12;
  uint64_t counter = 0;
  system->maps = FRACTALS_MAPS_MIN + random_below(random_at(key, counter++), FRACTALS_MAPS_MAX - FRACTALS_MAPS_MIN + 1);

  double sum = 0;
  for (uint32_t map = 0; map < system->maps; map++) {
    for (uint32_t i = 0; i < coefficients; i++) {
      system->coefficients[map][i] = random_signed(random_at(key, counter++));
    }
    system->probability[map] = fabs(candidate_determinant(system->coefficients[map], dimensions));
    sum += system->probability[map];
  }
  if (!(sum > 0)) return false;
  for (uint32_t map = 0; map < system->maps; map++) system->probability[map] /= sum;
  return true;
}
