/* my_plugin: reads farbfeld pictures, a format that fits on a beer mat (https://tools.suckless.org/farbfeld):
 *
 *   bytes  0 ...  7   the word "farbfeld"
 *   bytes  8 ... 11   width, big-endian
 *   bytes 12 ... 15   height, big-endian
 *   then, row by row, for each pixel red, green, blue and opacity, 16 bits each, big-endian
 *
 * What a plugin must keep to stands at the top of workbench_plugin.h.
 */
#include "workbench_plugin.h"

#include <stdio.h>
#include <string.h>

#define STRUCT(type) .struct_size = sizeof(type)

enum { HEADER_BYTES = 16, PIXEL_BYTES = 8 };
static const char magic[] = "farbfeld";

static workbench_status fail(workbench_status status, char *message, size_t message_bytes, const char *text) {
  snprintf(message, message_bytes, "%s", text);
  return status;
}

static uint32_t read32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t read16(const uint8_t *bytes) { return (uint32_t)bytes[0] << 8 | bytes[1]; }

/* [any] */
static int32_t recognises(const workbench_codec_type *type, const uint8_t *bytes, uint64_t count) {
  (void)type;
  return count >= sizeof magic - 1 && memcmp(bytes, magic, sizeof magic - 1) == 0;
}

/* [any] */
static workbench_status header(const workbench_codec_type *type, const uint8_t *bytes, uint64_t count,
                               workbench_picture *picture, char *message, size_t message_bytes) {
  if (!recognises(type, bytes, count)) return fail(WORKBENCH_CORRUPT, message, message_bytes, "is no farbfeld file");
  if (count < HEADER_BYTES) return fail(WORKBENCH_TRUNCATED, message, message_bytes, "ends within its header");
  picture->width = read32(bytes + 8);
  picture->height = read32(bytes + 12);
  if (picture->width == 0 || picture->height == 0)
    return fail(WORKBENCH_CORRUPT, message, message_bytes, "has no pixels");
  return WORKBENCH_OK;
}

/* [any] */
static workbench_status decode(const workbench_codec_type *type, const uint8_t *bytes, uint64_t count,
                               const workbench_picture *picture, uint8_t *rgb, void *workspace, char *message,
                               size_t message_bytes) {
  (void)type, (void)workspace;
  /* Two numbers of 32 bits: their product fits 64, and 8 times as much is not asked for before it is known to. */
  uint64_t pixels = (uint64_t)picture->width * picture->height;
  if (count < HEADER_BYTES || (count - HEADER_BYTES) / PIXEL_BYTES < pixels)
    return fail(WORKBENCH_TRUNCATED, message, message_bytes, "ends before its last pixel");
  const uint8_t *at = bytes + HEADER_BYTES;
  for (uint64_t i = 0; i < pixels; i++, at += PIXEL_BYTES, rgb += 3) {
    uint32_t opacity = read16(at + 6);
    for (int channel = 0; channel < 3; channel++) {
      /* Laid on white, then from 16 bits to 8, rounded. */
      uint64_t value = (uint64_t)read16(at + 2 * channel) * opacity + (uint64_t)65535 * (65535 - opacity);
      rgb[channel] = (uint8_t)((value * 255 + (uint64_t)65535 * 65535 / 2) / ((uint64_t)65535 * 65535));
    }
  }
  return WORKBENCH_OK;
}

/* ---- What the plugin brings ------------------------------------------------------------------------------------- */

static const char *const extensions[] = { "ff" };

static const workbench_codec_type codec = {
  STRUCT(workbench_codec_type), .name = "my_plugin", .help = "farbfeld pictures", .extension_count = 1,
  .extensions = extensions, .recognises = recognises, .header = header, .decode = decode,
};
static const workbench_codec_type *const types[] = { &codec };
static const workbench_codecs codecs = { STRUCT(workbench_codecs), .count = 1, .types = types };

/* [any] */
static const void *capability(const workbench_plugin *plugin, const char *id) {
  (void)plugin;
  return strcmp(id, WORKBENCH_CODECS) == 0 ? &codecs : NULL;
}

static const workbench_plugin plugin = {
  STRUCT(workbench_plugin), .abi_major = WORKBENCH_PLUGIN_MAJOR, .abi_minor = WORKBENCH_PLUGIN_MINOR,
  .id = "my_plugin", .version = "0.1.0", .help = "the picture format of my_plugin: farbfeld",
  .capability = capability,
};

/* [main] */
WORKBENCH_EXPORT const workbench_plugin *workbench_plugin_main(const workbench_host *host, char *message,
                                                               size_t message_bytes) {
  (void)host, (void)message, (void)message_bytes;
  return &plugin;
}
