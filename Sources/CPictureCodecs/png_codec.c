#include "picture_codecs.h"
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Deflate makes at most 1032 bytes of one.
#define DEFLATE_LIMIT 1032

typedef struct {
  const uint8_t *data;
  size_t size, position;
  int ended;
  char *message;
  size_t message_size;
  jmp_buf jump;
} PNGSource;

static void png_failed(png_structp png, png_const_charp text) {
  PNGSource *source = png_get_error_ptr(png);
  snprintf(source->message, source->message_size, "%s", text);
  longjmp(source->jump, 1);
}

static void png_warned(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void png_read_source(png_structp png, png_bytep bytes, size_t count) {
  PNGSource *source = png_get_io_ptr(png);
  if (count > source->size - source->position) {
    source->ended = 1;
    png_error(png, "the data ends too early");
  }
  memcpy(bytes, source->data + source->position, count);
  source->position += count;
}

// All that must survive a longjmp lives in the caller's frame, behind these pointers.
static PictureStatus read_png(
    png_structp png, png_infop info, PNGSource *source, uint64_t maximum_pixels, DecodedPicture *result,
    png_bytep **rows) {
  if (setjmp(source->jump)) return source->ended ? PICTURE_TRUNCATED : PICTURE_CORRUPT;
  png_set_read_fn(png, source, png_read_source);
  png_set_benign_errors(png, 1);
  png_read_info(png, info);

  png_uint_32 width = png_get_image_width(png, info), height = png_get_image_height(png, info);
  result->width = width;
  result->height = height;
  if ((uint64_t)width * height > maximum_pixels) return PICTURE_TOO_LARGE;
  if ((uint64_t)png_get_rowbytes(png, info) * height / DEFLATE_LIMIT > source->size) return PICTURE_TRUNCATED;

  int colour = png_get_color_type(png, info);
  int has_alpha = (colour & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, info, PNG_INFO_tRNS);
  png_set_scale_16(png);
  png_set_expand(png);
  if (!(colour & PNG_COLOR_MASK_COLOR)) png_set_gray_to_rgb(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);

  result->channels = has_alpha ? 4 : 3;
  size_t row_bytes = (size_t)width * result->channels;
  if (png_get_rowbytes(png, info) != row_bytes) png_error(png, "unexpected row size");
  result->pixels = malloc(row_bytes * height);
  *rows = malloc(sizeof(png_bytep) * height);
  if (!result->pixels || !*rows) return PICTURE_NO_MEMORY;
  for (png_uint_32 y = 0; y < height; y++) (*rows)[y] = result->pixels + y * row_bytes;
  png_read_image(png, *rows);
  png_read_end(png, NULL);
  return PICTURE_OK;
}

PictureStatus picture_png_decode(const uint8_t *data, size_t size, uint64_t maximum_pixels, DecodedPicture *result) {
  memset(result, 0, sizeof *result);
  result->orientation = 1;
  PNGSource source = {.data = data, .size = size, .message = result->message, .message_size = sizeof result->message};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, png_failed, png_warned);
  if (!png) return PICTURE_NO_MEMORY;
  png_infop info = png_create_info_struct(png);
  png_bytep *rows = NULL;
  PictureStatus status =
      info ? read_png(png, info, &source, maximum_pixels, result, &rows) : PICTURE_NO_MEMORY;
  png_destroy_read_struct(&png, &info, NULL);
  free(rows);
  if (status != PICTURE_OK) {
    free(result->pixels);
    result->pixels = NULL;
  }
  return status;
}

PictureStatus picture_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t **bytes, size_t *size) {
  // libpng's simplified interface keeps its longjmp to itself.
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_RGB;
  *bytes = NULL;
  png_alloc_size_t count = PNG_IMAGE_PNG_SIZE_MAX(image);
  uint8_t *memory = malloc(count);
  if (!memory) return PICTURE_NO_MEMORY;
  if (!png_image_write_to_memory(&image, memory, &count, 0, pixels, 0, NULL)) {
    free(memory);
    return PICTURE_TOO_LARGE;
  }
  uint8_t *fitted = realloc(memory, count);
  *bytes = fitted ? fitted : memory;
  *size = count;
  return PICTURE_OK;
}
