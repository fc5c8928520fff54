#include "options.h"

#include "search.h"

fractals_options fractals_default_options(uint32_t dimensions) {
  return (fractals_options){.seed = 1,
                            .categories = 1000,
                            .dimensions = dimensions,
                            .style = dimensions == 2 ? FRACTALS_PATCHES : FRACTALS_POINTS,
                            .size = 224,
                            .views = 12,
                            .iterations = dimensions == 2 ? SEARCH_POINTS_2D : SEARCH_POINTS_3D,
                            .maximum_tries = 10000};
}

struct range {
  const char *name;
  uint32_t value, least, most;
};

fractals_status options_check(fractals_options *options, struct message message) {
  const struct range ranges[] = {
      {"categories", options->categories, 1, FRACTALS_CATEGORIES_MAX},
      {"dimensions", options->dimensions, 2, 3},
      {"style", options->style, FRACTALS_POINTS, FRACTALS_PATCHES},
      {"size", options->size, 8, FRACTALS_SIZE_MAX},
      {"views", options->views, 1, 360},
      {"iterations", options->iterations, 1000, 10000000},
      {"maximum_tries", options->maximum_tries, 1, 10000000},
  };
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    if (ranges[i].value < ranges[i].least || ranges[i].value > ranges[i].most) {
      return message_report(message, FRACTALS_INVALID_OPTION, "%s: %u is outside %u ... %u", ranges[i].name,
                            (unsigned)ranges[i].value, (unsigned)ranges[i].least, (unsigned)ranges[i].most);
    }
  }
  if (options->dimensions == 3 && options->style == FRACTALS_PATCHES) {
    return message_report(message, FRACTALS_INVALID_OPTION,
                          "style: patches are drawn in 2D only (3D clouds are drawn as points)");
  }
  if (options->canvas == 0) {
    const uint32_t usual = options->dimensions == 2 ? SEARCH_SIZE : 0;
    options->canvas = options->size > usual ? options->size : usual;
  }
  if (options->canvas < options->size || options->canvas > FRACTALS_SIZE_MAX) {
    return message_report(message, FRACTALS_INVALID_OPTION, "canvas: %u is outside %u (size) ... %u",
                          (unsigned)options->canvas, (unsigned)options->size, (unsigned)FRACTALS_SIZE_MAX);
  }
  return FRACTALS_OK;
}
