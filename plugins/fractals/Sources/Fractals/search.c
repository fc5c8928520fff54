#include "search.h"

#include "candidate.h"

bool search_category(const fractals_options *options, uint32_t category, fractals_system *system) {
  for (uint32_t attempt = 0; attempt < options->maximum_tries; attempt++) {
    if (!candidate_draw(options->seed, category, attempt, options->dimensions, system)) continue;
    const bool accepted = options->dimensions == 2 ? search_accepts_2d(system, options->seed, category, NULL)
                                                   : search_accepts_3d(system, options->seed, category, NULL);
    if (accepted) {
      system->tries = attempt + 1;
      return true;
    }
  }
  return false;
}
