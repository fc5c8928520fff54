/* fractals.h: the one-instance fractal database (OFDB), found and drawn on demand.
 *
 * A category is an iterated function system (IFS) of 2 to 7 affine maps with coefficients uniform in
 * [-1, 1]. The system with number k is the first of a sequence of random candidates, drawn from
 * (seed, k) alone, that passes the search of
 *
 *   R. Nakamura, H. Kataoka, S. Takashima, E. J. Martinez Noriega, R. Yokota, N. Inoue:
 *   Pre-training Vision Transformers with Very Limited Synthesized Images. ICCV 2023, arXiv 2307.14710.
 *
 * 2D: 100,000 points on 512 x 512 pixels (6 of them padding on every side) fill at least 20 % of the pixels.
 * 3D: 10,000 points, normalised to [-1, 1] over all axes together, have a variance above 0.05 along each axis.
 *
 * Rules of this interface
 *   - Every fallible call returns a status and, where that is not FRACTALS_OK, writes a sentence of at most
 *     `message_bytes` bytes (its final zero included) to `message`. `message` may be NULL.
 *   - No globals, no output, no exit. The only allocation is the database, made by fractals_open and freed by
 *     fractals_close; pictures and workspaces belong to the caller.
 *   - All calls but fractals_open and fractals_close may run on any number of threads at once with the same
 *     database. What they answer depends on the options and arguments alone, never on threads or on order.
 *   - C11, also valid C++.
 */
#ifndef FRACTALS_H
#define FRACTALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Most categories of one database (the paper's larger set). */
#define FRACTALS_CATEGORIES_MAX 21000
/* Fewest and most maps of one system: U{2..7}. */
#define FRACTALS_MAPS_MIN 2
#define FRACTALS_MAPS_MAX 7
/* Coefficients of one map: 6 are used in 2D, 12 in 3D. */
#define FRACTALS_COEFFICIENTS_MAX 12
/* Largest edge of a picture or canvas in pixels. */
#define FRACTALS_SIZE_MAX 4096

typedef enum fractals_status {
  FRACTALS_OK = 0,
  FRACTALS_INVALID_OPTION,   /* an option is outside its range, or two do not fit together */
  FRACTALS_INVALID_ARGUMENT, /* a pointer is NULL or a buffer is too small */
  FRACTALS_OUT_OF_RANGE,     /* no such category, sample or view */
  FRACTALS_NOT_FOUND,        /* the search for this category used up its tries */
  FRACTALS_OUT_OF_MEMORY
} fractals_status;

typedef enum fractals_style {
  FRACTALS_POINTS = 0, /* a point is one pixel */
  FRACTALS_PATCHES = 1 /* 2D only: a point is a random 3 x 3 binary patch, one of 511 (the empty one is left out) */
} fractals_style;

typedef struct fractals_options {
  uint64_t seed;          /* of the whole database */
  uint32_t categories;    /* 1 ... 21,000: also the number of samples, one a category */
  uint32_t dimensions;    /* 2 or 3 */
  uint32_t style;         /* a fractals_style */
  uint32_t size;          /* edge of a picture in pixels, 8 ... 4096 */
  uint32_t canvas;        /* edge of the drawing that is averaged down to `size`, size ... 4096; 0: as the paper did,
                           * 512 (or `size` if that is more) in 2D, `size` in 3D */
  uint32_t views;         /* 3D: cameras around the cloud, 1 ... 360; 2D: ignored */
  uint32_t iterations;    /* points in a picture, 1,000 ... 10,000,000 (the search has its own, fixed count) */
  uint32_t maximum_tries; /* candidates per category before FRACTALS_NOT_FOUND, 1 ... 10,000,000 */
  bool colour;            /* the n-th point has the hue n / 128 turns; else gray 127 in 2D, white in 3D */
  bool flips;             /* mirror left-right and top-bottom, each with probability 1/2 per (sample, epoch) */
  bool redraw_patches;    /* new random patches in every epoch; else always the same ones */
} fractals_options;

/* One found category. A point (x, y) goes to
 *   2D: (c0 x + c1 y + c4, c2 x + c3 y + c5)
 *   3D: (c0 x + c1 y + c2 z + c9, c3 x + c4 y + c5 z + c10, c6 x + c7 y + c8 z + c11)
 * under the map that was chosen with probability |det| / (sum of |det|). */
typedef struct fractals_system {
  uint32_t maps; /* 2 ... 7 */
  uint32_t tries; /* candidates looked at, the accepted one included */
  double coefficients[FRACTALS_MAPS_MAX][FRACTALS_COEFFICIENTS_MAX]; /* unused ones are 0 */
  double probability[FRACTALS_MAPS_MAX];                             /* their sum is 1 */
  double low[3], high[3];   /* bounding box of the orbit of the search, in the maps' own coordinates */
  double centre[3];         /* 3D: mean of that orbit */
  double measure[3];        /* 2D: measure[0] = share of filled pixels; 3D: variance along x, y, z */
} fractals_system;

typedef struct fractals_database fractals_database;

/* Seed 1, 1,000 categories, no colour, no flips.
 * 2D: 100,000 random patches on 512 pixels, averaged down to 224. 3D: 10,000 points at 224 pixels, 12 views.
 * 10,000 tries a category (2.3 % of the candidates pass in 2D, 1.2 % in 3D). */
fractals_options fractals_default_options(uint32_t dimensions);

/* Checks the options and makes an empty database: categories are found when they are first asked for.
 * Cost: about 1 kB a category, touched only when found. `*database` is NULL unless FRACTALS_OK. */
fractals_status fractals_open(const fractals_options *options, fractals_database **database, char *message,
                              size_t message_bytes);

/* Frees the database; NULL is allowed. No other call may be running on it. */
void fractals_close(fractals_database *database);

/* The options the database was opened with, `canvas` made explicit. Valid until fractals_close. */
const fractals_options *fractals_get_options(const fractals_database *database);

/* Finds category `category` or takes it from the cache; copies it to `*system` if that is not NULL.
 * A search takes about 4 ms in 2D and 1 ms in 3D, and 200 kB of stack.
 * To fill the cache up-front, call it for all categories from a parallel loop.
 * Two threads that ask for the same new category may both search; both get the same answer. */
fractals_status fractals_find(fractals_database *database, uint32_t category, fractals_system *system, char *message,
                              size_t message_bytes);

/* Bytes of scratch memory that one call of fractals_render needs, for any sample. One workspace a thread. */
size_t fractals_workspace_bytes(const fractals_database *database);

/* Bytes of one picture: size * size * 3. */
size_t fractals_picture_bytes(const fractals_database *database);

/* One drawing of one category. */
typedef struct fractals_shot {
  uint32_t category;
  uint32_t view;    /* 3D: 0 ..< views; 2D: 0 */
  uint32_t patches; /* 2D with patches: which random patches */
  uint32_t coins;   /* with the option `flips`: which throw of the two coins decides */
  uint32_t size;    /* edge of the picture in pixels, 8 ... 4096, whatever the options say */
} fractals_shot;

/* Bytes of scratch memory for a picture of `size` pixels. Never less for a larger size. */
size_t fractals_shot_workspace_bytes(const fractals_database *database, uint32_t size);

/* Draws a shot: [size, size, 3]. The canvas is the one of the options; if they left it open, what they say about it
 * with this size. Buffers as for fractals_render. */
fractals_status fractals_shoot(fractals_database *database, const fractals_shot *shot, void *workspace,
                               size_t workspace_bytes, uint8_t *picture, size_t picture_bytes, char *message,
                               size_t message_bytes);

/* The view that `sample` shows in `epoch`: uniform over 0 ..< views; always 0 in 2D or for a sample out of range. */
uint32_t fractals_view(const fractals_database *database, uint32_t sample, uint32_t epoch);

/* Draws sample `sample` (= category) as the network sees it in `epoch`: RGB, row-major from the top, [size, size, 3].
 * `workspace` needs fractals_workspace_bytes bytes and the alignment of malloc; its content is of no matter. */
fractals_status fractals_render(fractals_database *database, uint32_t sample, uint32_t epoch, void *workspace,
                                size_t workspace_bytes, uint8_t *picture, size_t picture_bytes, char *message,
                                size_t message_bytes);

/* The same for a view of the caller's choice; 2D has view 0 only. Flips and new patches still follow `epoch`. */
fractals_status fractals_render_view(fractals_database *database, uint32_t sample, uint32_t view, uint32_t epoch,
                                     void *workspace, size_t workspace_bytes, uint8_t *picture, size_t picture_bytes,
                                     char *message, size_t message_bytes);

#ifdef __cplusplus
}
#endif

#endif
