#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broken_plugins.h"

// Coloured noise: `classes` classes, sample i of class i % classes; a workspace of one row.

typedef struct {
  uint64_t count;
  uint32_t classes;
  uint64_t reads;
} state;

static const workbench_option count_option = {
  .struct_size = sizeof(workbench_option), .kind = WORKBENCH_INTEGER, .name = "count", .help = "Samples.",
  .presence = WORKBENCH_DEFAULT, .minimum = 1, .maximum = 1000000, .default_integer = 24};
static const workbench_option classes_option = {
  .struct_size = sizeof(workbench_option), .kind = WORKBENCH_INTEGER, .name = "classes", .help = "Classes.",
  .presence = WORKBENCH_DEFAULT, .minimum = 1, .maximum = 100, .default_integer = 3};

static state *shared_state;
static uint64_t shared_row[4096];

static workbench_status open_source(
  const workbench_source_type *type, const workbench_source_request *request, workbench_source_info *info,
  char *message, size_t message_bytes) {
  (void)type;
  state *s = calloc(1, sizeof *s);
  if (!s) return broken_refuse(WORKBENCH_OUT_OF_MEMORY, "no memory", message, message_bytes);
  s->count = (uint64_t)workbench_find(request->options, "count")->integer;
  s->classes = (uint32_t)workbench_find(request->options, "classes")->integer;
  if (s->classes > s->count) {
    free(s);
    return broken_refuse(WORKBENCH_INVALID_OPTION, "'classes' is greater than 'count'", message, message_bytes);
  }
  info->flags = WORKBENCH_THREAD_SAFE;
  if (broken("source_epoch_declared")) info->flags |= WORKBENCH_VARIES_BY_EPOCH;
  info->count = s->count;
  info->class_count = s->classes;
  info->workspace_bytes = 64 * sizeof(uint64_t);
  if (broken("source_many")) info->count = (uint64_t)1 << 62;
  if (broken("source_many_classes")) info->class_count = 4000000000u;
  if (broken("source_much_workspace")) info->workspace_bytes = (uint64_t)1 << 40;
  info->state = s;
  shared_state = s;
  return WORKBENCH_OK;
}

static void close_source(const workbench_source_type *type, void *opened) {
  (void)type;
  if (broken("source_close")) abort();
  if (shared_state == opened) shared_state = NULL;
  free(opened);
}

static state *state_of(void *opened) { return broken("source_static") ? shared_state : opened; }

static workbench_status class_name(
  const workbench_source_type *type, void *opened, uint32_t index, char *name, size_t name_bytes, char *message,
  size_t message_bytes) {
  (void)type;
  if (index >= state_of(opened)->classes && !broken("source_class_range")) {
    return broken_refuse(WORKBENCH_OUT_OF_RANGE, "there is no such class", message, message_bytes);
  }
  snprintf(name, name_bytes, "class %d", broken("source_class_twice") ? 0 : (int)index);
  if (broken("source_class_empty")) name[0] = 0;
  return WORKBENCH_OK;
}

static workbench_status describe(
  const workbench_source_type *type, void *opened, uint64_t sample, workbench_sample *description, char *message,
  size_t message_bytes) {
  (void)type;
  const state *s = state_of(opened);
  if (sample >= s->count && !broken("source_range")) {
    return broken_refuse(WORKBENCH_OUT_OF_RANGE, "there is no such sample", message, message_bytes);
  }
  description->label = (int32_t)(sample % s->classes);
  if (broken("source_label") && sample == 5) description->label = (int32_t)s->classes;
  if (broken("source_split")) description->split = 9;
  snprintf(description->name, sizeof description->name, "noise %llu", (unsigned long long)sample);
  if (broken("source_text")) memset(description->group, 'g', sizeof description->group);
  return WORKBENCH_OK;
}

static uint64_t next(uint64_t *random) {
  *random = *random * 6364136223846793005u + 1442695040888963407u;
  return *random >> 33;
}

static workbench_status read_sample(
  const workbench_source_type *type, void *opened, workbench_read *read, char *message, size_t message_bytes) {
  (void)type;
  state *s = state_of(opened);
  if (read->sample >= s->count && !broken("source_range")) {
    return broken_refuse(WORKBENCH_OUT_OF_RANGE, "there is no such sample", message, message_bytes);
  }
  if (broken("source_hang")) {
    for (;;) usleep(10000);
  }
  uint32_t width = read->preferred_width ? read->preferred_width : 16;
  uint32_t height = read->preferred_height ? read->preferred_height : 12;
  if (broken("source_sizes") && read->preferred_width % 2) return WORKBENCH_FAILED;
  uint64_t bytes = (uint64_t)width * height * 3;
  uint8_t *pixels = NULL;
  if (!broken("source_no_reserve")) pixels = read->reserve(read, broken("source_reserve_size") ? bytes - 1 : bytes);
  if (broken("source_reserve_twice")) pixels = read->reserve(read, bytes);
  if (!pixels && !broken("source_no_memory") && !broken("source_no_reserve")) {
    return broken_refuse(WORKBENCH_OUT_OF_MEMORY, "no memory for the picture", message, message_bytes);
  }
  uint64_t random = read->sample * 977 + 1;
  if (broken("source_epoch")) random += read->epoch;
  if (broken("source_counter")) random += __atomic_fetch_add(&s->reads, 1, __ATOMIC_RELAXED);
  if (broken("source_workspace")) random += *(uint64_t *)read->workspace;
  uint64_t *row = broken("source_shared") ? shared_row : read->workspace;
  for (uint64_t i = 0; i < 64; i++) row[i] = next(&random);
  if (broken("source_shared")) usleep(20);
  for (uint64_t i = 0; i < bytes && pixels; i++) {
    if (broken("source_unwritten") && i + 1 == bytes) break;
    pixels[i] = (uint8_t)(row[i % 64] ^ (i / 64));
  }
  if (broken("source_overrun")) pixels[bytes] = 1;
  if (broken("source_workspace_overrun")) row[64] = 1;
  read->format = WORKBENCH_RGB;
  if (broken("source_encoded")) read->format = WORKBENCH_ENCODED;
  if (broken("source_format")) read->format = 7;
  read->width = width;
  read->height = height;
  return WORKBENCH_OK;
}

const workbench_sources *broken_sources(void) {
  static const workbench_option *const options[] = {&count_option, &classes_option};
  static const workbench_source_type type = {
    .struct_size = sizeof type,
    .name = "noise",
    .help = "Coloured noise.",
    .options = options,
    .option_count = 2,
    .open = open_source,
    .close = close_source,
    .class_name = class_name,
    .describe = describe,
    .read = read_sample,
  };
  static const workbench_source_type *const types[] = {&type};
  static const workbench_sources sources = {.struct_size = sizeof sources, .count = 1, .types = types};
  return &sources;
}
