// The codecs that report errors by longjmp or by variadic callbacks, behind functions that return a status.
//
// No longjmp leaves this target, and nothing here is global: any number of threads may call at the same time.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum {
  PICTURE_OK = 0,
  PICTURE_TRUNCATED,
  PICTURE_CORRUPT,
  PICTURE_UNSUPPORTED,
  PICTURE_TOO_LARGE,
  PICTURE_NO_MEMORY,
} PictureStatus;

typedef struct {
  uint32_t width, height;
  // Bytes a pixel: 3 red, green, blue; 4 with alpha.
  int channels;
  // Whether colours were multiplied by alpha already.
  int premultiplied;
  // The TIFF orientation tag, 1 to 8; 1 where there is none.
  int orientation;
  // [height, width, channels], from malloc, the caller's to free; NULL unless PICTURE_OK.
  uint8_t *pixels;
  // What the codec said; empty unless it failed.
  char message[256];
} DecodedPicture;

// 8-bit RGB or RGBA from any PNG; gAMA and colour profiles are ignored, as other readers for training do.
// When PICTURE_TOO_LARGE, width and height are set.
PictureStatus picture_png_decode(const uint8_t *data, size_t size, uint64_t maximum_pixels, DecodedPicture *result);

// An 8-bit RGB PNG. *bytes is from malloc, the caller's to free.
PictureStatus picture_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t **bytes, size_t *size);

// 8-bit RGBA, premultiplied, from the first page of a TIFF, not yet turned by its orientation.
PictureStatus picture_tiff_decode(const uint8_t *data, size_t size, uint64_t maximum_pixels, DecodedPicture *result);
