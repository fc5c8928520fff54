// "testfeld": the word, one byte of orientation, width and height as big-endian 32-bit numbers, then red, green, blue
// and opacity of each pixel, a byte each.

#include <string.h>

#include "test_pictures.h"

enum { HEADER_BYTES = 17 };

static uint32_t number(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int32_t recognises(const workbench_codec_type *type, const uint8_t *bytes, uint64_t count) {
  (void)type;
  return count >= 8 && memcmp(bytes, "testfeld", 8) == 0;
}

static workbench_status header(const workbench_codec_type *type, const uint8_t *bytes, uint64_t count,
                               workbench_picture *picture, char *message, size_t message_bytes) {
  (void)type;
  if (count < HEADER_BYTES) return test_fail(WORKBENCH_TRUNCATED, message, message_bytes, "the header is cut");
  if (bytes[8] == 'U') return test_fail(WORKBENCH_UNSUPPORTED, message, message_bytes, "kind U");
  if (bytes[8] == 'M') return test_fail(WORKBENCH_OUT_OF_MEMORY, message, message_bytes, "no memory");
  picture->orientation = bytes[8];
  picture->width = number(bytes + 9);
  picture->height = number(bytes + 13);
  picture->workspace_bytes = (uint64_t)picture->width * 4;
  return WORKBENCH_OK;
}

static workbench_status decode(const workbench_codec_type *type, const uint8_t *bytes, uint64_t count,
                               const workbench_picture *picture, uint8_t *rgb, void *workspace, char *message,
                               size_t message_bytes) {
  (void)type;
  const uint64_t row_bytes = (uint64_t)picture->width * 4;
  if (count < HEADER_BYTES + row_bytes * picture->height) {
    return test_fail(WORKBENCH_TRUNCATED, message, message_bytes, "rows are missing");
  }
  if ((uintptr_t)rgb % 64 != 0 || (uintptr_t)workspace % 64 != 0) {
    return test_fail(WORKBENCH_FAILED, message, message_bytes, "memory is not aligned");
  }
  uint8_t *row = workspace;
  for (uint64_t y = 0; y < picture->height; y++) {
    memcpy(row, bytes + HEADER_BYTES + y * row_bytes, row_bytes);
    for (uint64_t x = 0; x < picture->width; x++) {
      const uint32_t opacity = row[4 * x + 3];
      for (int c = 0; c < 3; c++) *rgb++ = (uint8_t)((row[4 * x + c] * opacity + 255 * (255 - opacity)) / 255);
      if (opacity == 13) return test_fail(WORKBENCH_CORRUPT, message, message_bytes, "opacity 13");
    }
  }
  return WORKBENCH_OK;
}

static const char *const extensions[] = {"tff"};
const workbench_codec_type test_codec = {
    .struct_size = sizeof test_codec,
    .extension_count = 1,
    .name = "testfeld",
    .help = "a format of the tests",
    .extensions = extensions,
    .recognises = recognises,
    .header = header,
    .decode = decode,
};
