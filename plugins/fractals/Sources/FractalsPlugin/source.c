#include "source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../Fractals/random.h"

/* Pictures that a network wants larger than this are drawn at this size, unless the option `drawn_size` says otherwise:
 * the host reserves the workspace before it says what the network wants. */
enum { WANTED_MAX = 1024, WANTED_MIN = 8, WANTED_DEFAULT = 224 };

/* An open source. */
struct gallery {
  fractals_database *database;
  fractals_options options;
  uint32_t instances;
  uint32_t size; /* 0: what the network wants */
};

/* ---- Failures ----------------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static workbench_status failed(char *message, size_t message_bytes,
                                                                     workbench_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, message_bytes, format, arguments);
  va_end(arguments);
  return status;
}

static workbench_status translated(fractals_status status) {
  switch (status) {
    case FRACTALS_OK: return WORKBENCH_OK;
    case FRACTALS_INVALID_OPTION: return WORKBENCH_INVALID_OPTION;
    case FRACTALS_OUT_OF_RANGE: return WORKBENCH_OUT_OF_RANGE;
    case FRACTALS_OUT_OF_MEMORY: return WORKBENCH_OUT_OF_MEMORY;
    default: return WORKBENCH_FAILED;
  }
}

/* ---- Options ------------------------------------------------------------------------------------------------------ */

static bool is_set(const workbench_source_request *request, enum option_index index) {
  return request->options->values[index]->kind != 0;
}

static uint64_t number(const workbench_source_request *request, enum option_index index) {
  return (uint64_t)request->options->values[index]->integer;
}

static fractals_options options_of(const workbench_source_request *request) {
  fractals_options options = fractals_default_options((uint32_t)number(request, OPTION_DIMENSIONS));
  options.seed = number(request, OPTION_SEED);
  options.categories = (uint32_t)number(request, OPTION_CATEGORIES);
  options.views = (uint32_t)number(request, OPTION_VIEWS);
  options.colour = number(request, OPTION_COLOUR) != 0;
  options.flips = number(request, OPTION_FLIPS) != 0;
  options.redraw_patches = number(request, OPTION_REDRAW) != 0;
  if (is_set(request, OPTION_DRAWN_SIZE)) options.size = (uint32_t)number(request, OPTION_DRAWN_SIZE);
  if (is_set(request, OPTION_POINTS)) options.iterations = (uint32_t)number(request, OPTION_POINTS);
  if (is_set(request, OPTION_STYLE)) {
    const char *style = request->options->values[OPTION_STYLE]->string;
    options.style = strcmp(style, "patches") == 0 ? FRACTALS_PATCHES : FRACTALS_POINTS;
  }
  return options;
}

/* Samples of one category must be able to differ. */
static workbench_status check_instances(const fractals_options *options, uint32_t instances, char *message,
                                        size_t message_bytes) {
  if (options->dimensions == 3 && instances > options->views) {
    return failed(message, message_bytes, WORKBENCH_INVALID_OPTION,
                  "instances: is %u, but there are only %u views to divide among them", (unsigned)instances,
                  (unsigned)options->views);
  }
  if (options->dimensions == 2 && instances > 1 && options->style == FRACTALS_POINTS) {
    return failed(message, message_bytes, WORKBENCH_INVALID_OPTION,
                  "instances: is %u, but flat fractals of points look all alike; style = \"patches\" draws them with "
                  "other patches",
                  (unsigned)instances);
  }
  return WORKBENCH_OK;
}

/* Whether a sample's picture depends on the epoch. */
static bool varies(const fractals_options *options, uint32_t instances) {
  if (options->flips) return true;
  if (options->dimensions == 3) return options->views > instances;
  return options->style == FRACTALS_PATCHES && options->redraw_patches;
}

/* ---- Calls -------------------------------------------------------------------------------------------------------- */

static workbench_status open_source(const workbench_source_type *type, const workbench_source_request *request,
                                    workbench_source_info *info, char *message, size_t message_bytes) {
  (void)type;
  const fractals_options options = options_of(request);
  const uint32_t instances = (uint32_t)number(request, OPTION_INSTANCES);
  const workbench_status status = check_instances(&options, instances, message, message_bytes);
  if (status != WORKBENCH_OK) return status;
  struct gallery *gallery = malloc(sizeof *gallery);
  if (gallery == NULL) return failed(message, message_bytes, WORKBENCH_OUT_OF_MEMORY, "no memory");
  *gallery = (struct gallery){.options = options,
                              .instances = instances,
                              .size = is_set(request, OPTION_DRAWN_SIZE) ? options.size : 0};
  const fractals_status opened = fractals_open(&options, &gallery->database, message, message_bytes);
  if (opened != FRACTALS_OK) {
    free(gallery);
    return translated(opened);
  }
  info->flags = WORKBENCH_THREAD_SAFE | (varies(&options, instances) ? WORKBENCH_VARIES_BY_EPOCH : 0);
  info->count = (uint64_t)options.categories * instances;
  info->class_count = options.categories;
  info->workspace_bytes =
      fractals_shot_workspace_bytes(gallery->database, gallery->size ? gallery->size : WANTED_MAX);
  info->state = gallery;
  return WORKBENCH_OK;
}

static void close_source(const workbench_source_type *type, void *state) {
  (void)type;
  struct gallery *gallery = state;
  if (gallery == NULL) return;
  fractals_close(gallery->database);
  free(gallery);
}

static workbench_status class_name(const workbench_source_type *type, void *state, uint32_t index, char *name,
                                   size_t name_bytes, char *message, size_t message_bytes) {
  (void)type;
  const struct gallery *gallery = state;
  if (index >= gallery->options.categories) {
    return failed(message, message_bytes, WORKBENCH_OUT_OF_RANGE, "there is no class %u: there are %u", (unsigned)index,
                  (unsigned)gallery->options.categories);
  }
  /* With what makes them other fractals, which no model may take for its own classes. */
  snprintf(name, name_bytes, "fractal %05u, seed %llu, %uD", (unsigned)index, (unsigned long long)gallery->options.seed,
           (unsigned)gallery->options.dimensions);
  return WORKBENCH_OK;
}

static workbench_status check_sample(const struct gallery *gallery, uint64_t sample, char *message,
                                     size_t message_bytes) {
  const uint64_t count = (uint64_t)gallery->options.categories * gallery->instances;
  if (sample < count) return WORKBENCH_OK;
  return failed(message, message_bytes, WORKBENCH_OUT_OF_RANGE, "there is no sample %llu: there are %llu",
                (unsigned long long)sample, (unsigned long long)count);
}

static workbench_status describe(const workbench_source_type *type, void *state, uint64_t sample,
                                 workbench_sample *description, char *message, size_t message_bytes) {
  (void)type;
  const struct gallery *gallery = state;
  const workbench_status status = check_sample(gallery, sample, message, message_bytes);
  if (status != WORKBENCH_OK) return status;
  const unsigned category = (unsigned)(sample / gallery->instances), instance = (unsigned)(sample % gallery->instances);
  description->label = (int32_t)category;
  if (gallery->instances == 1) {
    snprintf(description->name, sizeof description->name, "fractal %05u", category);
  } else {
    snprintf(description->name, sizeof description->name, "fractal %05u, instance %u", category, instance);
  }
  return WORKBENCH_OK;
}

/* What sample `sample` shows in `epoch`. Views are dealt out among the instances like cards: instance j has the views
 * j, j + instances, j + 2 instances, ..., so that no two instances ever show the same one. */
static fractals_shot shot_of(const struct gallery *gallery, uint64_t sample, uint64_t epoch) {
  const fractals_options *options = &gallery->options;
  const uint32_t instances = gallery->instances, instance = (uint32_t)(sample % instances);
  fractals_shot shot = {.category = (uint32_t)(sample / instances)};
  const uint32_t drawing = (uint32_t)(epoch * instances + instance); /* begins anew after 2^32 */
  shot.coins = drawing;
  shot.patches = options->redraw_patches ? drawing : instance;
  if (options->dimensions == 3) {
    const uint32_t own = (options->views - instance + instances - 1) / instances;
    const uint64_t key = random_key(options->seed, STREAM_VIEW, shot.category, drawing);
    shot.view = instance + instances * random_below(random_at(key, 0), own);
  }
  return shot;
}

/* The edge of the picture for these wishes; pictures are square, and what cannot be drawn is only a wish. */
static uint32_t edge_of(const struct gallery *gallery, const workbench_read *read) {
  if (gallery->size) return gallery->size;
  const uint32_t wanted =
      read->preferred_width > read->preferred_height ? read->preferred_width : read->preferred_height;
  if (wanted == 0) return WANTED_DEFAULT;
  return wanted < WANTED_MIN ? WANTED_MIN : wanted > WANTED_MAX ? WANTED_MAX : wanted;
}

static workbench_status read_sample(const workbench_source_type *type, void *state, workbench_read *read,
                                    char *message, size_t message_bytes) {
  (void)type;
  const struct gallery *gallery = state;
  const workbench_status status = check_sample(gallery, read->sample, message, message_bytes);
  if (status != WORKBENCH_OK) return status;
  fractals_shot shot = shot_of(gallery, read->sample, read->epoch);
  shot.size = edge_of(gallery, read);
  const size_t bytes = (size_t)shot.size * shot.size * 3;
  uint8_t *picture = read->reserve(read, bytes);
  if (picture == NULL) {
    return failed(message, message_bytes, WORKBENCH_OUT_OF_MEMORY, "no memory for a picture of %zu bytes", bytes);
  }
  const fractals_status drawn =
      fractals_shoot(gallery->database, &shot, read->workspace,
                     fractals_shot_workspace_bytes(gallery->database, shot.size), picture, bytes, message,
                     message_bytes);
  if (drawn != FRACTALS_OK) return translated(drawn);
  read->format = WORKBENCH_RGB;
  read->width = read->height = shot.size;
  return WORKBENCH_OK;
}

const workbench_source_type fractals_source = {
    .struct_size = sizeof(workbench_source_type),
    .name = "fractals",
    .help = "fractals of random systems of maps, one class each, drawn on demand: pictures to pre-train on",
    .option_count = OPTION_COUNT,
    .options = source_options,
    .open = open_source,
    .close = close_source,
    .class_name = class_name,
    .describe = describe,
    .read = read_sample};
