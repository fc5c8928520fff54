#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "candidate.h"
#include "check.h"
#include "choice.h"
#include "orbit.h"
#include "random.h"

/* The same orbits by the book: probabilities summed up, one lane after the other. */
static uint32_t map_of(const fractals_system *system, uint32_t bits) {
  struct choice choice;
  choice_build(system->probability, system->maps, &choice);
  return choice.thing[choice_entry(choice.cut, bits)];
}

static uint32_t lane_bits(uint64_t key, uint64_t step, int lane) {
  const uint64_t number = random_at(key, 2 * step + (uint64_t)(lane / 2));
  return (uint32_t)(lane % 2 == 0 ? number : number >> 32);
}

static void twin_2d(void) {
  fractals_system system;
  CHECK(candidate_draw(5, 3, 1, 2, &system), "no candidate");
  for (uint32_t map = 0; map < system.maps; map++) { /* halved: contractive, so that points stay comparable */
    for (int i = 0; i < 6; i++) system.coefficients[map][i] *= 0.5;
  }
  struct orbit2d orbit;
  struct block2d block;
  orbit2d_start(&orbit, &system, 5, 3);
  const uint64_t key = random_key(5, STREAM_ORBIT, 3, 0);
  double x[4] = {0}, y[4] = {0};
  for (uint64_t step = 0; step < 3 * ORBIT_BLOCK / 4; step++) {
    const int at = (int)(step * 4 % ORBIT_BLOCK);
    if (at == 0) orbit2d_next(&orbit, &block);
    for (int lane = 0; lane < 4; lane++) {
      CHECK(block.x[at + lane] == x[lane] && block.y[at + lane] == y[lane], "step %d lane %d differs", (int)step, lane);
      const double *c = system.coefficients[map_of(&system, lane_bits(key, step, lane))];
      const double nextX = c[0] * x[lane] + c[1] * y[lane] + c[4];
      y[lane] = c[2] * x[lane] + c[3] * y[lane] + c[5];
      x[lane] = nextX;
    }
  }
}

static void twin_3d(void) {
  fractals_system system;
  CHECK(candidate_draw(5, 3, 1, 3, &system), "no candidate");
  for (uint32_t map = 0; map < system.maps; map++) {
    for (int i = 0; i < 12; i++) system.coefficients[map][i] *= 0.5;
  }
  struct orbit3d orbit;
  struct block3d block;
  orbit3d_start(&orbit, &system, 5, 3);
  const uint64_t key = random_key(5, STREAM_ORBIT, 3, 0);
  double p[4][3] = {{0}};
  for (uint64_t step = 0; step < 3 * ORBIT_BLOCK / 4; step++) {
    const int at = (int)(step * 4 % ORBIT_BLOCK);
    if (at == 0) orbit3d_next(&orbit, &block);
    for (int lane = 0; lane < 4; lane++) {
      const double *c = system.coefficients[map_of(&system, lane_bits(key, step, lane))];
      double next[3];
      for (int i = 0; i < 3; i++) {
        next[i] = c[3 * i] * p[lane][0] + c[3 * i + 1] * p[lane][1] + c[3 * i + 2] * p[lane][2] + c[9 + i];
      }
      memcpy(p[lane], next, sizeof next);
      CHECK(block.x[at + lane] == next[0] && block.y[at + lane] == next[1] && block.z[at + lane] == next[2],
            "step %d lane %d differs", (int)step, lane);
    }
  }
}

/* Sierpinski's triangle: maps (p + corner) / 2. No point lies in the open middle triangle. */
static void sierpinski(void) {
  fractals_system system = {.maps = 3,
                            .coefficients = {{0.5, 0, 0, 0.5}, {0.5, 0, 0, 0.5, 0.5, 0}, {0.5, 0, 0, 0.5, 0, 0.5}},
                            .probability = {1.0 / 3, 1.0 / 3, 1.0 / 3}};
  struct orbit2d orbit;
  struct block2d block;
  int corners[3] = {0};
  orbit2d_start(&orbit, &system, 1, 0);
  for (int i = 0; i < 20; i++) {
    orbit2d_next(&orbit, &block);
    for (int n = 0; n < ORBIT_BLOCK; n++) {
      const double x = block.x[n], y = block.y[n];
      CHECK(x >= 0 && y >= 0 && x + y <= 1, "(%g, %g) is outside the triangle", x, y);
      CHECK(!(x < 0.5 && y < 0.5 && x + y > 0.5), "(%g, %g) is in the hole", x, y);
      corners[x >= 0.5 ? 1 : y >= 0.5 ? 2 : 0]++;
    }
  }
  for (int i = 0; i < 3; i++) CHECK(abs(corners[i] - 3413) < 200, "corner %d has %d of 10240 points", i, corners[i]);
}

static void determinants(void) {
  const double two[6] = {1, 2, 3, 4, 9, 9}, three[12] = {2, 0, 1, 1, 3, 2, 1, 1, 4, 9, 9, 9};
  CHECK(candidate_determinant(two, 2) == -2, "2 x 2: %g", candidate_determinant(two, 2));
  CHECK(candidate_determinant(three, 3) == 18, "3 x 3: %g", candidate_determinant(three, 3));
}

static void candidates_are_random(void) {
  int sizes[8] = {0};
  for (uint32_t k = 0; k < 6000; k++) {
    fractals_system system;
    CHECK(candidate_draw(9, k, 0, 2, &system), "candidate %u has no probability", (unsigned)k);
    sizes[system.maps]++;
    double sum = 0;
    for (uint32_t i = 0; i < system.maps; i++) sum += system.probability[i];
    CHECK(fabs(sum - 1) < 1e-12, "probabilities of %u sum to %g", (unsigned)k, sum);
    CHECK(system.maps == FRACTALS_MAPS_MAX || system.coefficients[system.maps][0] == 0, "unused maps are not 0");
  }
  for (int i = 2; i <= 7; i++) CHECK(sizes[i] > 850 && sizes[i] < 1150, "%d of 6000 have %d maps", sizes[i], i);
}

void orbit_tests(void) {
  check_test("determinants by hand", determinants);
  check_test("candidates have 2 to 7 maps, equally often, and probabilities that sum to 1", candidates_are_random);
  check_test("the 2D orbit is the chaos game, bit for bit", twin_2d);
  check_test("the 3D orbit is the chaos game, bit for bit", twin_3d);
  check_test("Sierpinski's triangle has its hole and three equal corners", sierpinski);
}
