#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fractals.h"

/* An open database with its buffers, guarded by 16 bytes on either end. */
struct studio {
  fractals_database *database;
  uint8_t *workspace, *picture;
  size_t workspace_bytes, picture_bytes;
};

enum { GUARD = 16 };

static struct studio studio_open(fractals_options options) {
  struct studio studio = {0};
  char message[200];
  CHECK(fractals_open(&options, &studio.database, message, sizeof message) == FRACTALS_OK, "%s", message);
  if (studio.database == NULL) abort();
  studio.workspace_bytes = fractals_workspace_bytes(studio.database);
  studio.picture_bytes = fractals_picture_bytes(studio.database);
  studio.workspace = malloc(studio.workspace_bytes + 2 * GUARD);
  studio.picture = malloc(studio.picture_bytes + 2 * GUARD);
  memset(studio.workspace, 0xA5, studio.workspace_bytes + 2 * GUARD);
  memset(studio.picture, 0xA5, studio.picture_bytes + 2 * GUARD);
  return studio;
}

static void check_guard(const uint8_t *bytes, size_t count, const char *name) {
  for (size_t i = 0; i < GUARD; i++) {
    CHECK(bytes[i] == 0xA5 && bytes[GUARD + count + i] == 0xA5, "%s: guard byte %zu is overwritten", name, i);
  }
}

static void studio_close(struct studio *studio) {
  check_guard(studio->workspace, studio->workspace_bytes, "workspace");
  check_guard(studio->picture, studio->picture_bytes, "picture");
  fractals_close(studio->database);
  free(studio->workspace);
  free(studio->picture);
}

/* Draws and returns the picture's bytes. */
static const uint8_t *draw(struct studio *studio, uint32_t sample, uint32_t epoch) {
  char message[200];
  const fractals_status status =
      fractals_render(studio->database, sample, epoch, studio->workspace + GUARD, studio->workspace_bytes,
                      studio->picture + GUARD, studio->picture_bytes, message, sizeof message);
  CHECK(status == FRACTALS_OK, "%s", message);
  return studio->picture + GUARD;
}

static uint64_t draw_hash(struct studio *studio, uint32_t sample, uint32_t epoch) {
  return check_hash(draw(studio, sample, epoch), studio->picture_bytes);
}

static fractals_options make(uint32_t dimensions, uint32_t style, bool colour, uint32_t size) {
  fractals_options options = fractals_default_options(dimensions);
  options.categories = 20;
  options.style = style;
  options.colour = colour;
  options.size = size;
  return options;
}

/* The picture of the search itself: 512 pixels, 100,000 points. */
static void fill_is_measure(void) {
  struct studio studio = studio_open(make(2, FRACTALS_POINTS, false, 512));
  for (uint32_t k = 0; k < 3; k++) {
    const uint8_t *picture = draw(&studio, k, 0);
    uint32_t filled = 0;
    for (size_t i = 0; i < studio.picture_bytes; i += 3) filled += picture[i] != 0;
    fractals_system system;
    CHECK(fractals_find(studio.database, k, &system, NULL, 0) == FRACTALS_OK, "not found");
    CHECK(filled == system.measure[0] * 512 * 512, "category %u: %u pixels drawn, %g found", (unsigned)k,
          (unsigned)filled, system.measure[0] * 512 * 512);
    CHECK(system.measure[0] >= 0.2, "category %u fills %g", (unsigned)k, system.measure[0]);
  }
  studio_close(&studio);
}

static void sizes_and_guards(void) {
  const uint32_t all[] = {8, 9, 31, 97, 513};
  for (int i = 0; i < 5; i++) {
    for (int kind = 0; kind < 6; kind++) {
      fractals_options options =
          make(kind < 4 ? 2 : 3, kind % 4 < 2 ? FRACTALS_POINTS : FRACTALS_PATCHES, kind % 2 == 1, all[i]);
      options.iterations = kind == 0 ? 300000 : 1234;
      options.canvas = i % 2 == 0 ? all[i] : 0;
      struct studio studio = studio_open(options);
      const uint8_t *picture = draw(&studio, 4, 1);
      size_t lit = 0;
      for (size_t n = 0; n < studio.picture_bytes; n++) lit += picture[n] != 0;
      CHECK(lit > 0, "kind %d at %u pixels is black", kind, (unsigned)all[i]);
      studio_close(&studio);
    }
  }
}

/* Pinned: a change here changes every data set that was made with the library. */
static void pinned_pictures(void) {
  const struct {
    uint32_t dimensions, style;
    bool colour;
    uint64_t hash;
  } pins[] = {{2, FRACTALS_POINTS, false, UINT64_C(0x4DDBAFF8225ADAED)},
              {2, FRACTALS_PATCHES, false, UINT64_C(0x06D3B3EE478F05C5)},
              {2, FRACTALS_PATCHES, true, UINT64_C(0x8D7A2B19C4942003)},
              {3, FRACTALS_POINTS, false, UINT64_C(0xA17D4D46DE14C4AD)},
              {3, FRACTALS_POINTS, true, UINT64_C(0xFA5301B0532ECA42)}};
  for (int i = 0; i < 5; i++) {
    struct studio studio = studio_open(make(pins[i].dimensions, pins[i].style, pins[i].colour, 224));
    const uint64_t hash = draw_hash(&studio, 3, 0);
    CHECK(hash == pins[i].hash, "picture %d: UINT64_C(0x%016llX)", i, (unsigned long long)hash);
    CHECK(hash == draw_hash(&studio, 3, 0), "picture %d is another one the second time", i);
    CHECK(hash != draw_hash(&studio, 2, 0), "pictures of two categories are equal");
    studio_close(&studio);
  }
}

static void seeds_matter(void) {
  fractals_options options = make(2, FRACTALS_POINTS, false, 64);
  struct studio first = studio_open(options);
  options.seed = 2;
  struct studio second = studio_open(options);
  CHECK(draw_hash(&first, 0, 0) != draw_hash(&second, 0, 0), "two seeds give the same picture");
  studio_close(&first);
  studio_close(&second);
}

/* Over 40 epochs all four mirrorings turn up, and nothing else. */
static void flips(void) {
  fractals_options options = make(2, FRACTALS_PATCHES, true, 40);
  struct studio plain = studio_open(options);
  options.flips = true;
  struct studio flipped = studio_open(options);
  const uint8_t *from = draw(&plain, 1, 0);
  CHECK(check_hash(from, plain.picture_bytes) == draw_hash(&plain, 1, 9), "without options, epochs differ");
  int seen[4] = {0};
  for (uint32_t epoch = 0; epoch < 40; epoch++) {
    const uint8_t *to = draw(&flipped, 1, epoch);
    for (int kind = 0; kind < 4; kind++) {
      bool equal = true;
      for (int n = 0; n < 40 * 40 && equal; n++) {
        const int y = kind & 2 ? 39 - n / 40 : n / 40, x = kind & 1 ? 39 - n % 40 : n % 40;
        equal = memcmp(from + n * 3, to + (y * 40 + x) * 3, 3) == 0;
      }
      seen[kind] += equal;
    }
  }
  CHECK(seen[0] + seen[1] + seen[2] + seen[3] == 40, "only %d of 40 are mirrorings",
        seen[0] + seen[1] + seen[2] + seen[3]);
  for (int kind = 0; kind < 4; kind++) CHECK(seen[kind] > 2, "mirroring %d turns up %d times", kind, seen[kind]);
  studio_close(&plain);
  studio_close(&flipped);
}

static void redrawn_patches(void) {
  fractals_options options = make(2, FRACTALS_PATCHES, false, 64);
  options.redraw_patches = true;
  struct studio studio = studio_open(options);
  const uint64_t zero = draw_hash(&studio, 1, 0), one = draw_hash(&studio, 1, 1);
  CHECK(zero != one, "two epochs have the same patches");
  CHECK(zero == draw_hash(&studio, 1, 0), "an epoch's patches change");
  studio_close(&studio);
}

static void views(void) {
  struct studio studio = studio_open(make(3, FRACTALS_POINTS, false, 64));
  uint64_t hashes[12];
  int seen[12] = {0};
  for (uint32_t view = 0; view < 12; view++) {
    CHECK(fractals_render_view(studio.database, 5, view, 0, studio.workspace + GUARD, studio.workspace_bytes,
                               studio.picture + GUARD, studio.picture_bytes, NULL, 0) == FRACTALS_OK,
          "view %u", (unsigned)view);
    hashes[view] = check_hash(studio.picture + GUARD, studio.picture_bytes);
    for (uint32_t other = 0; other < view; other++) {
      CHECK(hashes[view] != hashes[other], "views %u and %u are equal", (unsigned)other, (unsigned)view);
    }
  }
  for (uint32_t epoch = 0; epoch < 240; epoch++) {
    const uint32_t view = fractals_view(studio.database, 5, epoch);
    seen[view]++;
    if (epoch < 5) CHECK(draw_hash(&studio, 5, epoch) == hashes[view], "epoch %u shows no view", (unsigned)epoch);
  }
  for (int view = 0; view < 12; view++) CHECK(seen[view] > 6, "view %d is seen %d times in 240", view, seen[view]);
  studio_close(&studio);
}

static void bad_arguments(void) {
  struct studio studio = studio_open(make(3, FRACTALS_POINTS, false, 64));
  char message[200];
  uint8_t *workspace = studio.workspace + GUARD, *picture = studio.picture + GUARD;
  const size_t room = studio.workspace_bytes, bytes = studio.picture_bytes;
  CHECK(fractals_render(studio.database, 20, 0, workspace, room, picture, bytes, message, 200) ==
                FRACTALS_OUT_OF_RANGE &&
            strcmp(message, "sample 20: the database has 0 ... 19") == 0,
        "%s", message);
  CHECK(fractals_render_view(studio.database, 0, 12, 0, workspace, room, picture, bytes, message, 200) ==
                FRACTALS_OUT_OF_RANGE &&
            strcmp(message, "view 12: the database has 0 ... 11") == 0,
        "%s", message);
  CHECK(fractals_render(studio.database, 0, 0, workspace, room - 1, picture, bytes, message, 200) ==
                FRACTALS_INVALID_ARGUMENT &&
            strncmp(message, "workspace: ", 11) == 0,
        "%s", message);
  CHECK(fractals_render(studio.database, 0, 0, workspace, room, picture, bytes - 1, message, 200) ==
                FRACTALS_INVALID_ARGUMENT &&
            strcmp(message, "picture: 12288 bytes needed, 12287 given") == 0,
        "%s", message);
  CHECK(fractals_find(studio.database, 20, NULL, message, 200) == FRACTALS_OUT_OF_RANGE &&
            strcmp(message, "category 20: the database has 0 ... 19") == 0,
        "%s", message);
  studio_close(&studio);
}

void render_tests(void) {
  check_test("a picture fills exactly what the search counted", fill_is_measure);
  check_test("all kinds draw something at awkward sizes and nothing outside their buffers", sizes_and_guards);
  check_test("five pictures are what they always were", pinned_pictures);
  check_test("another seed is another database", seeds_matter);
  check_test("flips are the four mirrorings of one picture", flips);
  check_test("patches are redrawn each epoch if asked for", redrawn_patches);
  check_test("twelve views differ and are all seen over the epochs", views);
  check_test("bad samples, views and buffers are refused with a sentence", bad_arguments);
}
