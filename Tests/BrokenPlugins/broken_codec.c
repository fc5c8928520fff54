#include <string.h>
#include <unistd.h>

#include "broken_plugins.h"

// "TINY", width, height (a byte each, 1 or more), then width * height * 3 bytes.

static int32_t recognises(const workbench_codec_type *type, const uint8_t *bytes, uint64_t count) {
  (void)type;
  if (broken("codec_noise")) return 1;
  if (broken("codec_number")) return count >= 4 && memcmp(bytes, "TINY", 4) == 0 ? -3 : 0;
  if (broken("codec_recognises_overread")) return memcmp(bytes, "TINY", 4) == 0;
  return count >= 4 && memcmp(bytes, "TINY", 4) == 0;
}

static workbench_status header(
  const workbench_codec_type *type, const uint8_t *bytes, uint64_t count, workbench_picture *picture, char *message,
  size_t message_bytes) {
  (void)type;
  if (count < 6) return broken_refuse(WORKBENCH_TRUNCATED, "the file ends in its header", message, message_bytes);
  if (memcmp(bytes, "TINY", 4) != 0 || !bytes[4] || !bytes[5]) {
    return broken_refuse(WORKBENCH_CORRUPT, "the file is no TINY picture", message, message_bytes);
  }
  picture->width = bytes[4];
  picture->height = bytes[5];
  picture->workspace_bytes = 256;
  if (broken("codec_orientation")) picture->orientation = 9;
  if (broken("codec_empty")) picture->width = 0;
  return WORKBENCH_OK;
}

static workbench_status decode(
  const workbench_codec_type *type, const uint8_t *bytes, uint64_t count, const workbench_picture *picture,
  uint8_t *rgb, void *workspace, char *message, size_t message_bytes) {
  (void)type;
  static uint8_t shared[256 * 256 * 3];
  static volatile int calls;
  uint64_t size = (uint64_t)picture->width * picture->height * 3;
  if (count < 6 + size && !broken("codec_overread") && !broken("codec_unwritten")) {
    return broken_refuse(WORKBENCH_TRUNCATED, "the file ends in its pixels", message, message_bytes);
  }
  if (broken("codec_bit_flip") && bytes[count - 1] & 0x80) *(volatile int *)(uintptr_t)8 = 1;
  uint64_t there = broken("codec_unwritten") && count < 6 + size ? count - 6 : size;
  memset(workspace, 0, 256);
  if (broken("codec_shared")) {
    memcpy(shared, bytes + 6, there);
    usleep(20);
    memcpy(rgb, shared, there);
  } else {
    memcpy(rgb, bytes + 6, there);
  }
  if (broken("codec_overrun")) rgb[size] = 1;
  if (broken("codec_counter")) rgb[0] = (uint8_t)calls++;
  return WORKBENCH_OK;
}

const workbench_codecs *broken_codecs(void) {
  static workbench_codec_type type;
  static const char *extensions[] = {"tiny"};
  static const workbench_codec_type *const types[] = {&type};
  static const workbench_codecs codecs = {.struct_size = sizeof codecs, .count = 1, .types = types};
  if (broken("codec_extension")) extensions[0] = ".TINY";
  type = (workbench_codec_type){
    .struct_size = sizeof type,
    .name = "tiny",
    .help = "Pictures of at most 255 x 255 pixels.",
    .extensions = extensions,
    .extension_count = 1,
    .recognises = recognises,
    .header = header,
    .decode = decode,
  };
  return &codecs;
}
