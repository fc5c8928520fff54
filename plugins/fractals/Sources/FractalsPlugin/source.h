/* source.h: the data source `fractals`: its options, and its calls in terms of fractals.h. */
#ifndef FRACTALS_SOURCE_H
#define FRACTALS_SOURCE_H

#include <string.h>

#include "fractals.h"
#include "workbench_plugin.h"

enum option_index {
  OPTION_SEED,
  OPTION_CATEGORIES,
  OPTION_INSTANCES,
  OPTION_DIMENSIONS,
  OPTION_STYLE,
  OPTION_DRAWN_SIZE,
  OPTION_VIEWS,
  OPTION_COLOUR,
  OPTION_FLIPS,
  OPTION_REDRAW,
  OPTION_POINTS,
  OPTION_COUNT
};

/* The schema, in this order. */
extern const workbench_option *const source_options[OPTION_COUNT];

extern const workbench_source_type fractals_source;

#endif
