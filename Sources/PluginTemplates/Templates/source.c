/* my_plugin: a data source that draws leaves of two kinds, with a smooth and with a toothed margin.
 *
 * Each picture follows from `seed` and its number alone: nothing is stored, and any sample can be drawn at any time, by
 * any thread. What a plugin must keep to stands at the top of workbench_plugin.h.
 */
#include "workbench_plugin.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRUCT(type) .struct_size = sizeof(type)

enum { SMOOTH = 0, TOOTHED = 1, CLASS_COUNT = 2 };
static const char *const class_names[CLASS_COUNT] = { "smooth_margin", "toothed_margin" };

/* What an open source knows. */
typedef struct state {
  uint64_t count;
  uint64_t seed;
  uint32_t size;
} state;

static workbench_status fail(workbench_status status, char *message, size_t message_bytes, const char *text) {
  snprintf(message, message_bytes, "%s", text);
  return status;
}

/* ---- Random numbers --------------------------------------------------------------------------------------------- */

/* SplitMix64 (Steele, Lea, Flood 2014): a good number for every state. */
static uint64_t next(uint64_t *random) {
  uint64_t z = *random += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/* From `low` to below `high`. */
static float between(uint64_t *random, float low, float high) {
  return low + (high - low) * (float)(next(random) >> 40) * 0x1p-24f;
}

/* Where a sample's own random numbers begin. */
static uint64_t random_of(const state *source, uint64_t sample) {
  uint64_t random = source->seed;
  random = next(&random) ^ sample;
  return next(&random);
}

static int32_t label_of(uint64_t sample) { return (int32_t)(sample % CLASS_COUNT); }

/* ---- Drawing ---------------------------------------------------------------------------------------------------- */

typedef struct leaf {
  float x, y;           /* of its middle, in parts of the picture's side */
  float cosine, sine;   /* of its direction */
  float length, width;  /* half of each, in parts of the side */
  float teeth, depth;   /* how many on a side, and how deep, in parts of the width */
  float red, green, blue;
} leaf;

static leaf random_leaf(uint64_t *random, int32_t label) {
  float angle = between(random, 0, 6.2831853f);
  leaf result = {
    .x = between(random, 0.4f, 0.6f), .y = between(random, 0.4f, 0.6f),
    .cosine = cosf(angle), .sine = sinf(angle),
    .length = between(random, 0.32f, 0.46f), .width = between(random, 0.14f, 0.24f),
    .teeth = roundf(between(random, 5, 9)), .depth = label == TOOTHED ? between(random, 0.22f, 0.4f) : 0,
    .red = between(random, 60, 120), .green = between(random, 95, 140), .blue = between(random, 40, 80),
  };
  return result;
}

/* How much of a pixel is leaf, 0 to 1. `along` and `across` are in parts of the side, `pixel` is the side of a pixel. */
static float cover(const leaf *leaf, float along, float across, float pixel) {
  float t = along / leaf->length;
  if (t <= -1 || t >= 1) return 0;
  float half = leaf->width * (1 - t * t) * (1 - 0.3f * t);
  /* A saw: each tooth rises slowly and ends at once, pointing to the tip. */
  float phase = (t + 1) * 0.5f * leaf->teeth;
  half *= 1 - leaf->depth * (phase - floorf(phase));
  float inside = (half - fabsf(across)) / pixel + 0.5f;
  return inside < 0 ? 0 : inside > 1 ? 1 : inside;
}

static uint8_t byte(float value) { return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5f); }

static void draw(const state *source, uint64_t sample, uint32_t width, uint32_t height, uint8_t *rgb) {
  uint64_t random = random_of(source, sample);
  leaf leaf = random_leaf(&random, label_of(sample));
  float side = (float)(width < height ? width : height), pixel = 1 / side;
  for (uint32_t row = 0; row < height; row++) {
    for (uint32_t column = 0; column < width; column++) {
      float x = ((float)column + 0.5f - 0.5f * (float)width) * pixel + 0.5f - leaf.x;
      float y = ((float)row + 0.5f - 0.5f * (float)height) * pixel + 0.5f - leaf.y;
      float along = leaf.cosine * x + leaf.sine * y, across = leaf.cosine * y - leaf.sine * x;
      float green = cover(&leaf, along, across, pixel);
      float vein = fabsf(across) < 0.006f + pixel ? 25.0f : 0.0f;
      float noise = between(&random, -7, 7);
      uint8_t *at = rgb + 3 * ((uint64_t)row * width + column);
      at[0] = byte(232 + noise + green * (leaf.red + vein - 232));
      at[1] = byte(226 + noise + green * (leaf.green + vein - 226));
      at[2] = byte(210 + noise + green * (leaf.blue + vein - 210));
    }
  }
}

/* ---- The source ------------------------------------------------------------------------------------------------- */

/* [any] */
static workbench_status open_source(const workbench_source_type *type, const workbench_source_request *request,
                                    workbench_source_info *info, char *message, size_t message_bytes) {
  (void)type;
  state *source = malloc(sizeof *source);
  if (source == NULL) return fail(WORKBENCH_OUT_OF_MEMORY, message, message_bytes, "no memory for the source");
  source->count = (uint64_t)workbench_find(request->options, "count")->integer;
  source->seed = (uint64_t)workbench_find(request->options, "drawing_seed")->integer;
  source->size = (uint32_t)workbench_find(request->options, "drawing_size")->integer;
  info->flags = WORKBENCH_THREAD_SAFE;
  info->count = source->count;
  info->class_count = CLASS_COUNT;
  info->state = source;
  return WORKBENCH_OK;
}

/* [main] */
static void close_source(const workbench_source_type *type, void *opened) {
  (void)type;
  free(opened);
}

/* [main] */
static workbench_status class_name(const workbench_source_type *type, void *opened, uint32_t index, char *name,
                                   size_t name_bytes, char *message, size_t message_bytes) {
  (void)type, (void)opened;
  if (index >= CLASS_COUNT) return fail(WORKBENCH_OUT_OF_RANGE, message, message_bytes, "there are two classes");
  snprintf(name, name_bytes, "%s", class_names[index]);
  return WORKBENCH_OK;
}

/* [any] */
static workbench_status describe(const workbench_source_type *type, void *opened, uint64_t sample,
                                 workbench_sample *description, char *message, size_t message_bytes) {
  (void)type;
  const state *source = opened;
  if (sample >= source->count) return fail(WORKBENCH_OUT_OF_RANGE, message, message_bytes, "there is no such leaf");
  description->label = label_of(sample);
  snprintf(description->name, sizeof description->name, "leaf-%llu", (unsigned long long)sample);
  return WORKBENCH_OK;
}

/* [any] */
static workbench_status read_sample(const workbench_source_type *type, void *opened, workbench_read *read,
                                    char *message, size_t message_bytes) {
  (void)type;
  const state *source = opened;
  if (read->sample >= source->count)
    return fail(WORKBENCH_OUT_OF_RANGE, message, message_bytes, "there is no such leaf");
  /* Drawn as large as the network wants it, which saves resizing. */
  read->width = read->preferred_width ? read->preferred_width : source->size;
  read->height = read->preferred_height ? read->preferred_height : source->size;
  read->format = WORKBENCH_RGB;
  uint8_t *rgb = read->reserve(read, (uint64_t)read->width * read->height * 3);
  if (rgb == NULL) return fail(WORKBENCH_OUT_OF_MEMORY, message, message_bytes, "no memory for a picture");
  draw(source, read->sample, read->width, read->height, rgb);
  return WORKBENCH_OK;
}

/* ---- What the plugin brings ------------------------------------------------------------------------------------- */

#define INTEGER_OPTION(option_name, low, high, preset, text)                                                          \
  static const workbench_option option_name = {                                                                       \
    STRUCT(workbench_option), .kind = WORKBENCH_INTEGER, .name = #option_name, .help = text,                          \
    .presence = WORKBENCH_DEFAULT, .minimum = low, .maximum = high, .default_integer = preset,                        \
  }
/* `split`, `size`, `augment` and what else all sources have are options of the host. */
INTEGER_OPTION(count, 2, 10000000, 600, "how many leaves there are, half of them of each class");
INTEGER_OPTION(drawing_seed, 0, 1000000000, 1, "another number gives other leaves");
INTEGER_OPTION(drawing_size, 16, 4096, 128, "side of the pictures in pixels, where nobody prefers another");
static const workbench_option *const options[] = { &count, &drawing_seed, &drawing_size };

static const workbench_source_type leaves = {
  STRUCT(workbench_source_type), .name = "my_plugin", .help = "drawn leaves with smooth and with toothed margins",
  .option_count = 3, .options = options, .open = open_source, .close = close_source, .class_name = class_name,
  .describe = describe, .read = read_sample,
};
static const workbench_source_type *const types[] = { &leaves };
static const workbench_sources sources = { STRUCT(workbench_sources), .count = 1, .types = types };

/* [any] */
static const void *capability(const workbench_plugin *plugin, const char *id) {
  (void)plugin;
  return strcmp(id, WORKBENCH_SOURCES) == 0 ? &sources : NULL;
}

static const workbench_plugin plugin = {
  STRUCT(workbench_plugin), .abi_major = WORKBENCH_PLUGIN_MAJOR, .abi_minor = WORKBENCH_PLUGIN_MINOR,
  .id = "my_plugin", .version = "0.1.0", .help = "the data source my_plugin: drawn leaves",
  .capability = capability,
};

/* [main] */
WORKBENCH_EXPORT const workbench_plugin *workbench_plugin_main(const workbench_host *host, char *message,
                                                               size_t message_bytes) {
  (void)host, (void)message, (void)message_bytes;
  return &plugin;
}
