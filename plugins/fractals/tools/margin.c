/* margin: how far accepted systems are from the early rejections of search.h.
 *
 *   margin [CANDIDATES_2D [CANDIDATES_3D]]
 *
 * Tests random candidates in full, without early rejection, and prints for each stage what the accepted ones showed,
 * how many of them the stage would have rejected (it should be none), and how many others it lets through. */
#include <stdio.h>
#include <stdlib.h>

#include "candidate.h"
#include "search.h"

static void measure(uint32_t dimensions, uint32_t candidates) {
  const struct search_stage *stages = dimensions == 2 ? search_stages_2d : search_stages_3d;
  const int count = dimensions == 2 ? (int)SEARCH_STAGES_2D : (int)SEARCH_STAGES_3D;
  double least[SEARCH_STAGES_2D];
  unsigned wronged[SEARCH_STAGES_2D] = {0}, passed[SEARCH_STAGES_2D] = {0}, accepted = 0;
  for (int i = 0; i < count; i++) least[i] = 1e9;
  for (uint32_t k = 0; k < candidates; k++) {
    fractals_system system;
    struct search_trace trace;
    if (!candidate_draw(1, k, 0, dimensions, &system)) continue;
    const bool good = dimensions == 2 ? search_accepts_2d(&system, 1, k, &trace)
                                      : search_accepts_3d(&system, 1, k, &trace);
    accepted += good;
    bool in = true;
    for (int i = 0; i < trace.stages; i++) {
      const double shown = trace.shown[i];
      in = in && shown >= stages[i].least;
      if (good && shown < least[i]) least[i] = shown;
      wronged[i] += good && shown < stages[i].least;
      passed[i] += !good && in;
    }
  }
  printf("%uD: %u of %u candidates accepted\n", (unsigned)dimensions, accepted, (unsigned)candidates);
  for (int i = 0; i < count; i++) {
    printf("  after %5d points: threshold %.3f, accepted show at least %.4f, %u of them rejected, %u others pass\n",
           stages[i].points, stages[i].least, least[i], wronged[i], passed[i]);
  }
}

int main(int count, char **arguments) {
  measure(2, count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 20000);
  measure(3, count > 2 ? (uint32_t)strtoul(arguments[2], NULL, 10) : 100000);
  return 0;
}
