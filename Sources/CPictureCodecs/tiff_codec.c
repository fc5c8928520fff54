#include "picture_codecs.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

// A byte of LZW, deflate or PackBits becomes at most so many.
#define COMPRESSION_LIMIT 4096

typedef struct {
  const uint8_t *data;
  size_t size, position;
  int ended;
  char *message;
  size_t message_size;
} TIFFSource;

static int tiff_failed(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)module;
  TIFFSource *source = user;
  // The first message is the cause, later ones its consequences.
  if (!source->message[0]) vsnprintf(source->message, source->message_size, format, arguments);
  return 1;
}

static int tiff_warned(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)user;
  (void)module;
  (void)format;
  (void)arguments;
  return 1;
}

static tmsize_t tiff_read(thandle_t handle, void *bytes, tmsize_t count) {
  TIFFSource *source = (TIFFSource *)handle;
  size_t left = source->position < source->size ? source->size - source->position : 0;
  size_t taken = (size_t)count < left ? (size_t)count : left;
  if (taken < (size_t)count) source->ended = 1;
  if (taken) memcpy(bytes, source->data + source->position, taken);
  source->position += taken;
  return (tmsize_t)taken;
}

static tmsize_t tiff_write(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle;
  (void)bytes;
  (void)count;
  return 0;
}

static toff_t tiff_seek(thandle_t handle, toff_t offset, int origin) {
  TIFFSource *source = (TIFFSource *)handle;
  uint64_t base = origin == SEEK_CUR ? source->position : origin == SEEK_END ? source->size : 0;
  uint64_t position = base + offset;
  if (position > source->size) {
    source->ended = 1;
    position = source->size;
  }
  source->position = position;
  return position;
}

static int tiff_close(thandle_t handle) {
  (void)handle;
  return 0;
}

// The data is memory already. Without this libtiff 4.5 also refuses uncompressed tiles whose size is no multiple of 1 KB.
static int tiff_map(thandle_t handle, void **base, toff_t *size) {
  TIFFSource *source = (TIFFSource *)handle;
  *base = (void *)source->data;
  *size = source->size;
  return 1;
}

static void tiff_unmap(thandle_t handle, void *base, toff_t size) {
  (void)handle;
  (void)base;
  (void)size;
}

static toff_t tiff_size(thandle_t handle) { return ((TIFFSource *)handle)->size; }

static int tells_of_the_end(const char *message) {
  static const char *const phrases[] = {
      "read error", "Read error", "Can not read TIFF directory", "Not enough data", "past end", "beyond end",
      "Premature end", "premature end", "Sanity check on directory",
  };
  for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
    if (strstr(message, phrases[i])) return 1;
  return 0;
}

// Whether the pixels can come from so little data at all.
static int is_plausible(TIFF *tiff, uint32_t width, uint32_t height, size_t size) {
  uint16_t compression = COMPRESSION_NONE, bits = 1, samples = 1;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
  uint16_t photometric = 0;
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  // Chroma may be stored at a quarter of the resolution.
  uint64_t pixel_bits = photometric == PHOTOMETRIC_YCBCR ? 8 : (uint64_t)bits * samples;
  uint64_t bytes = (uint64_t)width * height / 8 * pixel_bits;
  switch (compression) {
  case COMPRESSION_NONE: return bytes <= size;
  case COMPRESSION_LZW:
  case COMPRESSION_PACKBITS:
  case COMPRESSION_ADOBE_DEFLATE:
  case COMPRESSION_DEFLATE: return bytes / COMPRESSION_LIMIT <= size;
  default: return 1;
  }
}

static PictureStatus read_tiff(TIFF *tiff, TIFFSource *source, uint64_t maximum_pixels, DecodedPicture *result) {
  uint32_t width = 0, height = 0;
  if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) || !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height) ||
      !width || !height) {
    snprintf(result->message, sizeof result->message, "no size is given");
    return PICTURE_CORRUPT;
  }
  result->width = width;
  result->height = height;
  if ((uint64_t)width * height > maximum_pixels) return PICTURE_TOO_LARGE;
  if (!is_plausible(tiff, width, height, source->size)) return PICTURE_TRUNCATED;
  uint32_t tile_width = 0, tile_height = 0;
  if (TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &tile_width) && TIFFGetField(tiff, TIFFTAG_TILELENGTH, &tile_height) &&
      (uint64_t)tile_width * tile_height > (uint64_t)width * height * 4 + (1 << 20)) {
    snprintf(result->message, sizeof result->message, "tiles far larger than the picture");
    return PICTURE_UNSUPPORTED;
  }
  uint16_t orientation = 1;
  if (TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation) && orientation >= 1 && orientation <= 8)
    result->orientation = orientation;

  char reason[1024] = "";
  if (!TIFFRGBAImageOK(tiff, reason)) {
    snprintf(result->message, sizeof result->message, "%.200s", reason);
    return PICTURE_UNSUPPORTED;
  }
  TIFFRGBAImage image;
  if (!TIFFRGBAImageBegin(&image, tiff, 1, reason)) {
    if (!result->message[0]) snprintf(result->message, sizeof result->message, "%.200s", reason);
    return source->ended || tells_of_the_end(result->message) ? PICTURE_TRUNCATED : PICTURE_CORRUPT;
  }
  // The rows as they are stored: libtiff would mirror but not transpose, the caller does both.
  image.orientation = ORIENTATION_TOPLEFT;
  image.req_orientation = ORIENTATION_TOPLEFT;
  result->channels = 4;
  result->premultiplied = 1;
  result->pixels = malloc((size_t)width * height * 4);
  if (!result->pixels) {
    TIFFRGBAImageEnd(&image);
    return PICTURE_NO_MEMORY;
  }
  int done = TIFFRGBAImageGet(&image, (uint32_t *)result->pixels, width, height);
  TIFFRGBAImageEnd(&image);
  if (done) return PICTURE_OK;
  return source->ended || tells_of_the_end(result->message) ? PICTURE_TRUNCATED : PICTURE_CORRUPT;
}

PictureStatus picture_tiff_decode(
    const uint8_t *data, size_t size, uint64_t maximum_pixels, DecodedPicture *result) {
  memset(result, 0, sizeof *result);
  result->orientation = 1;
  TIFFSource source = {
      .data = data, .size = size, .message = result->message, .message_size = sizeof result->message};
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return PICTURE_NO_MEMORY;
  uint64_t largest = maximum_pixels > INT64_MAX / 8 ? INT64_MAX : maximum_pixels * 8;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)largest);
  TIFFOpenOptionsSetErrorHandlerExtR(options, tiff_failed, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options, tiff_warned, &source);
  TIFF *tiff = TIFFClientOpenExt(
      "picture", "r", (thandle_t)&source, tiff_read, tiff_write, tiff_seek, tiff_close, tiff_size, tiff_map,
      tiff_unmap, options);
  TIFFOpenOptionsFree(options);
  PictureStatus status;
  if (tiff) {
    status = read_tiff(tiff, &source, maximum_pixels, result);
    TIFFClose(tiff);
  } else {
    status = source.ended || tells_of_the_end(result->message) ? PICTURE_TRUNCATED : PICTURE_CORRUPT;
  }
  if (status != PICTURE_OK) {
    free(result->pixels);
    result->pixels = NULL;
  }
  return status;
}
