#define _DEFAULT_SOURCE // usleep

// A source of dark and bright pictures, which can be told to go wrong in every way that the host must survive.

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test_pictures.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const formats[] = {"rgb", "bmp", "testfeld", "noise"};
static const char *const splits[] = {"none", "own", "partial", "torn", "strange"};
static const char *const faults[] = {
    "none",      "no_reserve", "twice",   "too_small",  "too_large",     "zero",      "huge",           "format",
    "no_pixels", "giant",      "no_text", "bad_label",  "same_class",    "empty_class", "endless_class", "open",
    "class",     "describe",   "no_samples", "many_samples", "no_classes", "scratch", "unlabelled",   "endless_name"};

#define INTEGER(option_name, value, low, high, option_help)                                                        \
  {.struct_size = sizeof(workbench_option), .kind = WORKBENCH_INTEGER, .name = option_name, .help = option_help,    \
   .presence = WORKBENCH_DEFAULT, .default_integer = value, .minimum = low, .maximum = high}
#define BOOLEAN(option_name, value, option_help)                                                                   \
  {.struct_size = sizeof(workbench_option), .kind = WORKBENCH_BOOLEAN, .name = option_name, .help = option_help,    \
   .presence = WORKBENCH_DEFAULT, .default_integer = value}

static const workbench_option count_option = INTEGER("count", 60, 0, 1000000, "samples");
static const workbench_option seed_option = INTEGER("seed", 1, 0, 1000000, "another number, other pictures");
static const workbench_option group_option = INTEGER("group_size", 0, 0, 1000, "samples of a group; 0: no groups");
static const workbench_option side_option = INTEGER("side", 0, 0, 10000, "pixels; 0: as the network wants");
static const workbench_option safe_option = BOOLEAN("thread_safe", 1, "whether it says that it is");
static const workbench_option varies_option = BOOLEAN("varies", 0, "whether a sample differs by epoch");
static const workbench_option named_option = BOOLEAN("named", 0, "whether samples have names");
static const workbench_option format_option = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_CHOICE, .name = "format", .help = "what samples are",
    .presence = WORKBENCH_DEFAULT, .choices = formats, .choice_count = COUNT(formats), .default_string = "rgb"};
static const workbench_option parts_option = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_CHOICE, .name = "parts", .help = "whose splits",
    .presence = WORKBENCH_DEFAULT, .choices = splits, .choice_count = COUNT(splits), .default_string = "none"};
static const workbench_option fault_option = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_CHOICE, .name = "fault", .help = "what goes wrong",
    .presence = WORKBENCH_DEFAULT, .choices = faults, .choice_count = COUNT(faults), .default_string = "none"};
static const workbench_option failing_option = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_INTEGERS, .name = "failing", .help = "samples that fail",
    .presence = WORKBENCH_DEFAULT, .minimum = 0, .maximum = 1000000};
static const workbench_option path_option = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_STRING, .name = "path", .help = "a file that must exist"};

static const workbench_option *const options[] = {
    &count_option,  &seed_option,   &group_option, &side_option,  &safe_option,    &varies_option,
    &named_option,  &format_option, &parts_option, &fault_option, &failing_option, &path_option};

typedef struct state {
  uint64_t count;
  int64_t seed, group_size, side;
  int thread_safe, varies, named;
  char format[16], parts[16], fault[24];
  uint64_t failing_count;
  uint64_t *failing;
  atomic_int inside; // calls that are under way
} state;

// Sources that were opened and not closed.
static atomic_int open_count;

static int is(const char *a, const char *b) { return strcmp(a, b) == 0; }

static void close_state(const workbench_source_type *type, void *pointer) {
  (void)type;
  state *s = pointer;
  free(s->failing);
  free(s);
  atomic_fetch_sub(&open_count, 1);
}

WORKBENCH_EXPORT int test_pictures_open_count(void) { return atomic_load(&open_count); }

static workbench_status check_path(const workbench_source_request *request, char *message, size_t message_bytes) {
  const workbench_value *path = workbench_find(request->options, "path");
  if (!path->kind) return WORKBENCH_OK;
  char full[4096];
  const int is_absolute = path->string[0] == '/';
  snprintf(full, sizeof full, "%s%s%s", is_absolute ? "" : request->folder, is_absolute ? "" : "/", path->string);
  if (access(full, R_OK) == 0) return WORKBENCH_OK;
  return test_fail(WORKBENCH_UNREADABLE, message, message_bytes, "the file of 'path' is not there");
}

static workbench_status open_source(const workbench_source_type *type, const workbench_source_request *request,
                                    workbench_source_info *info, char *message, size_t message_bytes) {
  (void)type;
  const workbench_status found = check_path(request, message, message_bytes);
  if (found) return found;
  const workbench_options *o = request->options;
  const char *fault = workbench_find(o, "fault")->string;
  if (is(fault, "open")) return test_fail(WORKBENCH_FAILED, message, message_bytes, "this source does not open");

  state *s = calloc(1, sizeof *s);
  if (!s) return test_fail(WORKBENCH_OUT_OF_MEMORY, message, message_bytes, "no memory");
  s->count = (uint64_t)workbench_find(o, "count")->integer;
  s->seed = workbench_find(o, "seed")->integer;
  s->group_size = workbench_find(o, "group_size")->integer;
  s->side = workbench_find(o, "side")->integer;
  s->thread_safe = (int)workbench_find(o, "thread_safe")->integer;
  s->varies = (int)workbench_find(o, "varies")->integer;
  s->named = (int)workbench_find(o, "named")->integer;
  snprintf(s->format, sizeof s->format, "%s", workbench_find(o, "format")->string);
  snprintf(s->parts, sizeof s->parts, "%s", workbench_find(o, "parts")->string);
  snprintf(s->fault, sizeof s->fault, "%s", fault);
  const workbench_value *failing = workbench_find(o, "failing");
  s->failing_count = failing->list_count;
  s->failing = calloc(failing->list_count + 1, sizeof *s->failing);
  for (uint64_t i = 0; i < failing->list_count; i++) s->failing[i] = (uint64_t)failing->list[i];
  atomic_fetch_add(&open_count, 1);

  info->state = s;
  info->flags = (s->thread_safe ? WORKBENCH_THREAD_SAFE : 0) | (s->varies ? WORKBENCH_VARIES_BY_EPOCH : 0);
  info->count = is(fault, "no_samples") ? 0 : is(fault, "many_samples") ? (uint64_t)1 << 62 : s->count;
  info->class_count = is(fault, "no_classes") ? 0 : 2;
  info->workspace_bytes = is(fault, "scratch") ? (uint64_t)1 << 62 : 64;
  return WORKBENCH_OK;
}

static workbench_status class_name(const workbench_source_type *type, void *pointer, uint32_t index, char *name,
                                   size_t name_bytes, char *message, size_t message_bytes) {
  (void)type;
  const state *s = pointer;
  if (index > 1) return test_fail(WORKBENCH_OUT_OF_RANGE, message, message_bytes, "there are two classes");
  if (is(s->fault, "class")) return test_fail(WORKBENCH_FAILED, message, message_bytes, "it has no name");
  if (is(s->fault, "same_class")) index = 0;
  snprintf(name, name_bytes, "%s", is(s->fault, "empty_class") ? "" : index ? "bright" : "dark");
  if (is(s->fault, "endless_class")) memset(name, 'x', name_bytes);
  return WORKBENCH_OK;
}

static workbench_status describe(const workbench_source_type *type, void *pointer, uint64_t sample,
                                 workbench_sample *description, char *message, size_t message_bytes) {
  (void)type;
  const state *s = pointer;
  if (sample >= s->count) return test_fail(WORKBENCH_OUT_OF_RANGE, message, message_bytes, "no such sample");
  if (is(s->fault, "describe") && sample == 3) {
    return test_fail(WORKBENCH_FAILED, message, message_bytes, "nothing is known of it");
  }
  description->label = is(s->fault, "unlabelled") && sample % 3 == 0 ? -1 : (int32_t)(sample % 2);
  if (is(s->fault, "bad_label") && sample == 5) description->label = 7;
  if (s->named) snprintf(description->name, sizeof description->name, "sheet %llu", (unsigned long long)sample);
  if (is(s->fault, "endless_name")) memset(description->name, 'x', sizeof description->name);
  if (s->group_size > 0) {
    snprintf(description->group, sizeof description->group, "plant %llu",
             (unsigned long long)(sample / (uint64_t)s->group_size));
  }
  if (is(s->parts, "own") || (is(s->parts, "partial") && sample != 4)) {
    description->split = sample % 10 < 6 ? WORKBENCH_SPLIT_TRAIN : sample % 10 < 8 ? WORKBENCH_SPLIT_VALIDATION
                                                                                    : WORKBENCH_SPLIT_TEST;
  }
  if (is(s->parts, "torn")) description->split = sample % 2 ? WORKBENCH_SPLIT_TRAIN : WORKBENCH_SPLIT_TEST;
  if (is(s->parts, "strange")) description->split = 9;
  return WORKBENCH_OK;
}

// Dark or bright, with noise that follows from seed, sample and, where it varies, epoch.
static uint8_t pixel(const state *s, uint64_t sample, uint64_t epoch, uint64_t place) {
  uint64_t x = (uint64_t)s->seed * 0x9e3779b97f4a7c15u + sample * 0xbf58476d1ce4e5b9u + place * 0x94d049bb133111ebu;
  if (s->varies) x += epoch * 0xd6e8feb86659fd93u;
  x ^= x >> 31, x *= 0x7fb5d329728ea185u, x ^= x >> 27;
  return (uint8_t)((sample % 2 ? 170 : 40) + (x & 63));
}

static void little(uint8_t *bytes, uint32_t number) {
  for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(number >> 8 * i);
}

static void big(uint8_t *bytes, uint32_t number) {
  for (int i = 0; i < 4; i++) bytes[3 - i] = (uint8_t)(number >> 8 * i);
}

static workbench_status write_bmp(const state *s, workbench_read *read, uint32_t width, uint32_t height) {
  const uint64_t stride = ((uint64_t)width * 3 + 3) / 4 * 4, bytes = 54 + stride * height;
  uint8_t *out = read->reserve(read, bytes);
  if (!out) return WORKBENCH_OUT_OF_MEMORY;
  memset(out, 0, bytes);
  memcpy(out, "BM", 2);
  little(out + 2, (uint32_t)bytes), little(out + 10, 54), little(out + 14, 40);
  little(out + 18, width), little(out + 22, height);
  out[26] = 1, out[28] = 24;
  for (uint64_t y = 0; y < height; y++) {
    for (uint64_t i = 0; i < (uint64_t)width * 3; i++) {
      // From the bottom up, blue first.
      out[54 + (height - 1 - y) * stride + i / 3 * 3 + (2 - i % 3)] =
          pixel(s, read->sample, read->epoch, y * width * 3 + i);
    }
  }
  read->format = WORKBENCH_ENCODED;
  return WORKBENCH_OK;
}

static workbench_status write_testfeld(const state *s, workbench_read *read, uint32_t width, uint32_t height) {
  const uint64_t pixels = (uint64_t)width * height;
  uint8_t *out = read->reserve(read, 17 + pixels * 4);
  if (!out) return WORKBENCH_OUT_OF_MEMORY;
  memcpy(out, "testfeld", 8);
  out[8] = 1;
  big(out + 9, width), big(out + 13, height);
  for (uint64_t i = 0; i < pixels * 3; i++) {
    out[17 + i / 3 * 4 + i % 3] = pixel(s, read->sample, read->epoch, i);
    out[17 + i / 3 * 4 + 3] = 255;
  }
  read->format = WORKBENCH_ENCODED;
  return WORKBENCH_OK;
}

static workbench_status write_rgb(const state *s, workbench_read *read, uint32_t width, uint32_t height) {
  const uint64_t bytes = (uint64_t)width * height * 3;
  read->format = is(s->fault, "format") ? 9 : WORKBENCH_RGB;
  read->width = is(s->fault, "no_pixels") ? 0 : is(s->fault, "giant") ? 4000000000u : width;
  read->height = is(s->fault, "giant") ? 4000000000u : height;
  if (is(s->fault, "no_reserve")) return WORKBENCH_OK;
  uint64_t wanted = bytes;
  if (is(s->fault, "too_small")) wanted = bytes - 1;
  if (is(s->fault, "too_large")) wanted = bytes + 1;
  if (is(s->fault, "zero")) wanted = 0;
  if (is(s->fault, "huge")) wanted = (uint64_t)1 << 60;
  uint8_t *out = read->reserve(read, wanted);
  if (is(s->fault, "twice")) read->reserve(read, wanted);
  if (!out) return WORKBENCH_OK;
  for (uint64_t i = 0; i < bytes && i < wanted; i++) out[i] = pixel(s, read->sample, read->epoch, i);
  return WORKBENCH_OK;
}

static workbench_status write_sample(const state *s, workbench_read *read, char *message, size_t message_bytes) {
  for (uint64_t i = 0; i < s->failing_count; i++) {
    if (s->failing[i] == read->sample) {
      return test_fail(WORKBENCH_CORRUPT, message, message_bytes, is(s->fault, "no_text") ? "" : "moths ate it");
    }
  }
  memset(read->workspace, (int)(read->sample & 255), 64);
  const uint32_t width = s->side ? (uint32_t)s->side : read->preferred_width ? read->preferred_width : 32;
  const uint32_t height = s->side ? (uint32_t)s->side : read->preferred_height ? read->preferred_height : 32;
  if (is(s->format, "bmp")) return write_bmp(s, read, width, height);
  if (is(s->format, "testfeld")) return write_testfeld(s, read, width, height);
  if (is(s->format, "noise")) {
    uint8_t *out = read->reserve(read, 4);
    if (out) memcpy(out, "oops", 4);
    read->format = WORKBENCH_ENCODED;
    return WORKBENCH_OK;
  }
  const workbench_status status = write_rgb(s, read, width, height);
  // Nobody else may have used this workspace meanwhile.
  for (int i = 0; i < 64; i++) {
    if (((uint8_t *)read->workspace)[i] != (read->sample & 255)) {
      return test_fail(WORKBENCH_FAILED, message, message_bytes, "somebody else wrote to the workspace");
    }
  }
  return status;
}

static workbench_status read_sample(const workbench_source_type *type, void *pointer, workbench_read *read,
                                    char *message, size_t message_bytes) {
  (void)type;
  state *s = pointer;
  if (read->sample >= s->count) return test_fail(WORKBENCH_OUT_OF_RANGE, message, message_bytes, "no such sample");
  const int others = atomic_fetch_add(&s->inside, 1);
  if (!s->thread_safe) usleep(200);
  const workbench_status status = write_sample(s, read, message, message_bytes);
  atomic_fetch_sub(&s->inside, 1);
  if (!s->thread_safe && others) {
    return test_fail(WORKBENCH_FAILED, message, message_bytes, "two threads at once");
  }
  return status;
}

const workbench_source_type test_source = {
    .struct_size = sizeof test_source,
    .name = "test_pictures",
    .help = "dark and bright pictures",
    .option_count = COUNT(options),
    .options = options,
    .open = open_source,
    .close = close_state,
    .class_name = class_name,
    .describe = describe,
    .read = read_sample,
};
