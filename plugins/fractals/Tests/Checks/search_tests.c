#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "candidate.h"
#include "check.h"
#include "search.h"

/* Four half-size copies fill the square evenly: 250,000 (1 - exp(-100,000 / 250,000)) different pixels expected. */
static void even_square(void) {
  fractals_system system = {.maps = 4, .probability = {0.25, 0.25, 0.25, 0.25}};
  for (int i = 0; i < 4; i++) {
    const double map[6] = {0.5, 0, 0, 0.5, i % 2 * 0.5, i / 2 * 0.5};
    memcpy(system.coefficients[i], map, sizeof map);
  }
  CHECK(search_accepts_2d(&system, 1, 0, NULL), "an evenly filled square is rejected");
  CHECK(fabs(system.measure[0] - 0.31440) < 0.001, "fill is %.5f, not 0.3144", system.measure[0]);
  CHECK(system.low[0] == 0 && system.high[0] < 1 && system.high[0] > 0.9999, "box is %g ... %g", system.low[0],
        system.high[0]);
}

/* Sierpinski's triangle has 3^9 cells at 512 pixels: too thin. */
static void thin(void) {
  fractals_system system = {.maps = 3,
                            .coefficients = {{0.5, 0, 0, 0.5}, {0.5, 0, 0, 0.5, 0.5, 0}, {0.5, 0, 0, 0.5, 0, 0.5}},
                            .probability = {1.0 / 3, 1.0 / 3, 1.0 / 3}};
  struct search_trace trace;
  CHECK(!search_accepts_2d(&system, 1, 0, NULL), "Sierpinski's triangle is accepted early");
  CHECK(!search_accepts_2d(&system, 1, 0, &trace), "Sierpinski's triangle is accepted with fill %g", system.measure[0]);
  CHECK(system.measure[0] > 0.05 && system.measure[0] < 0.15, "its fill is %g", system.measure[0]);
}

/* Four alternate corners of the cube, halfway: every coordinate is uniform in [0, 1], variance 4 / 12 after
 * normalisation to [-1, 1]. */
static void even_tetrahedron(void) {
  const double corners[4][3] = {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}};
  fractals_system system = {.maps = 4, .probability = {0.25, 0.25, 0.25, 0.25}};
  for (int i = 0; i < 4; i++) {
    for (int axis = 0; axis < 3; axis++) system.coefficients[i][4 * axis] = 0.5;
    memcpy(&system.coefficients[i][9], corners[i], sizeof corners[i]);
  }
  CHECK(search_accepts_3d(&system, 1, 0, NULL), "a tetrahedron is rejected");
  for (int axis = 0; axis < 3; axis++) {
    CHECK(fabs(system.measure[axis] - 1.0 / 3) < 0.01, "variance %d is %g, not 1/3", axis, system.measure[axis]);
    CHECK(fabs(system.centre[axis] - 0.5) < 0.02, "centre %d is %g, not 0.5", axis, system.centre[axis]);
  }
  for (int i = 0; i < 4; i++) system.coefficients[i][8] = 0.01; /* flat along z */
  for (int i = 0; i < 4; i++) system.coefficients[i][11] *= 0.01;
  CHECK(!search_accepts_3d(&system, 1, 0, NULL), "a flat cloud is accepted");
}

static void divergent(void) {
  const double scales[] = {1.01, 2, 1e200};
  for (int i = 0; i < 3; i++) {
    fractals_system system = {.maps = 2, .probability = {0.5, 0.5}};
    for (int map = 0; map < 2; map++) {
      const double two[6] = {scales[i], 0, 0, -scales[i], 1, 0.5};
      memcpy(system.coefficients[map], two, sizeof two);
    }
    CHECK(!search_accepts_2d(&system, 1, 0, NULL), "2D maps with scale %g are accepted", scales[i]);
    for (int map = 0; map < 2; map++) {
      const double three[12] = {scales[i], 0, 0, 0, scales[i], 0, 0, 0, -scales[i], 1, 1, 1};
      memcpy(system.coefficients[map], three, sizeof three);
    }
    CHECK(!search_accepts_3d(&system, 1, 0, NULL), "3D maps with scale %g are accepted", scales[i]);
  }
}

/* One axis grows to either side while the others stay put. */
static void divergent_axes(void) {
  for (int axis = 0; axis < 3; axis++) {
    for (int sign = -1; sign <= 1; sign += 2) {
      fractals_system two = {.maps = 2, .probability = {0.5, 0.5}}, three = two;
      for (int map = 0; map < 2; map++) {
        for (int i = 0; i < 2; i++) two.coefficients[map][3 * i] = i == axis ? 1.5 : 0.5;
        two.coefficients[map][4 + axis % 2] = sign;
        two.coefficients[map][5 - axis % 2] = map;
        for (int i = 0; i < 3; i++) three.coefficients[map][4 * i] = i == axis ? 1.5 : 0.5;
        three.coefficients[map][9 + axis] = sign;
      }
      struct search_trace trace;
      if (axis < 2) {
        CHECK(!search_accepts_2d(&two, 1, 0, &trace) && trace.stages == 0, "2D axis %d, sign %d: %d stages", axis, sign,
              trace.stages);
      }
      CHECK(!search_accepts_3d(&three, 1, 0, &trace) && trace.stages == 0, "3D axis %d, sign %d: %d stages", axis, sign,
            trace.stages);
    }
  }
}

/* A single point has no box. */
static void pointlike(void) {
  fractals_system system = {.maps = 2, .probability = {0.5, 0.5}};
  CHECK(!search_accepts_2d(&system, 1, 0, NULL), "a single point is a 2D category");
  CHECK(!search_accepts_3d(&system, 1, 0, NULL), "a single point is a 3D category");
}

static void early_rejection_is_harmless(void) {
  const uint32_t candidates[2] = {400, 5000};
  for (uint32_t dimensions = 2; dimensions <= 3; dimensions++) {
    int accepted = 0;
    for (uint32_t k = 0; k < candidates[dimensions - 2]; k++) {
      fractals_system system;
      struct search_trace trace;
      if (!candidate_draw(77, k, 0, dimensions, &system)) continue;
      const bool full = dimensions == 2 ? search_accepts_2d(&system, 77, k, &trace)
                                        : search_accepts_3d(&system, 77, k, &trace);
      const bool staged = dimensions == 2 ? search_accepts_2d(&system, 77, k, NULL)
                                          : search_accepts_3d(&system, 77, k, NULL);
      accepted += full;
      if (full) {
        const double *m = system.measure;
        CHECK(dimensions == 2 ? m[0] >= 0.2 : m[0] > 0.05 && m[1] > 0.05 && m[2] > 0.05,
              "%uD candidate %u is accepted with %g, %g, %g", (unsigned)dimensions, (unsigned)k, m[0], m[1], m[2]);
      }
      CHECK(full == staged, "%uD candidate %u: %d in full, %d with early rejection", (unsigned)dimensions, (unsigned)k,
            full, staged);
    }
    CHECK(accepted > 3, "%uD: only %d accepted", (unsigned)dimensions, accepted);
  }
}

/* Pinned: a change here changes every data set that was made with the library. */
static void pinned_categories(void) {
  const struct {
    uint32_t dimensions, category, tries;
    uint64_t hash;
  } pins[] = {{2, 0, 40, UINT64_C(0x32A18E2D43D4799F)},
              {2, 20999, 7, UINT64_C(0x1C168B7DEE86EAF3)},
              {3, 0, 5, UINT64_C(0x2756E1D2B616E0E1)},
              {3, 20999, 77, UINT64_C(0xDC47B53D20639EC5)}};
  for (int i = 0; i < 4; i++) {
    fractals_options options = fractals_default_options(pins[i].dimensions);
    fractals_system system;
    CHECK(search_category(&options, pins[i].category, &system), "not found");
    const uint64_t hash = check_hash(system.coefficients, sizeof system.coefficients);
    CHECK(system.tries == pins[i].tries && hash == pins[i].hash, "%uD category %u: {%u, UINT64_C(0x%016llX)}",
          (unsigned)pins[i].dimensions, (unsigned)pins[i].category, (unsigned)system.tries, (unsigned long long)hash);
  }
}

void search_tests(void) {
  check_test("an evenly filled square is accepted with the fill that theory expects", even_square);
  check_test("Sierpinski's triangle is too thin", thin);
  check_test("a tetrahedron has the variance of theory; a flat one is rejected", even_tetrahedron);
  check_test("maps that lead to infinity are rejected", divergent);
  check_test("one axis that leads to infinity is enough, to either side", divergent_axes);
  check_test("a single point is rejected", pointlike);
  check_test("early rejection changes no answer", early_rejection_is_harmless);
  check_test("categories 0 and 20,999 of seed 1 are what they always were", pinned_categories);
}
