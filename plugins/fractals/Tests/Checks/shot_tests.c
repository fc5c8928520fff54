#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fractals.h"

static fractals_database *opened(fractals_options options) {
  fractals_database *database = NULL;
  char message[200] = "";
  options.categories = 4;
  CHECK(fractals_open(&options, &database, message, sizeof message) == FRACTALS_OK, "%s", message);
  if (database == NULL) abort();
  return database;
}

static uint64_t shot_hash(fractals_database *database, fractals_shot shot) {
  const size_t room = fractals_shot_workspace_bytes(database, shot.size), bytes = (size_t)shot.size * shot.size * 3;
  void *workspace = malloc(room);
  uint8_t *picture = malloc(bytes);
  char message[200] = "";
  CHECK(fractals_shoot(database, &shot, workspace, room, picture, bytes, message, sizeof message) == FRACTALS_OK, "%s",
        message);
  const uint64_t hash = check_hash(picture, bytes);
  free(workspace);
  free(picture);
  return hash;
}

/* One database draws at any size what a database of that size draws. */
static void any_size(void) {
  for (uint32_t dimensions = 2; dimensions <= 3; dimensions++) {
    fractals_database *usual = opened(fractals_default_options(dimensions));
    const uint32_t sizes[] = {8, 61, 224, 513};
    for (int i = 0; i < 4; i++) {
      fractals_options options = fractals_default_options(dimensions);
      options.size = sizes[i];
      fractals_database *sized = opened(options);
      const fractals_shot shot = {.category = 2, .size = sizes[i]};
      CHECK(shot_hash(usual, shot) == shot_hash(sized, shot), "%uD at %u pixels", (unsigned)dimensions,
            (unsigned)sizes[i]);
      CHECK(fractals_shot_workspace_bytes(usual, sizes[i]) == fractals_workspace_bytes(sized), "%uD, %u pixels",
            (unsigned)dimensions, (unsigned)sizes[i]);
      fractals_close(sized);
    }
    fractals_close(usual);
  }
}

/* Patches and coins are chosen by themselves. */
static void patches_and_coins(void) {
  fractals_options options = fractals_default_options(2);
  options.flips = true;
  fractals_database *database = opened(options);
  fractals_shot shot = {.category = 1, .size = 32};
  const uint64_t first = shot_hash(database, shot);
  shot.patches = 1;
  const uint64_t second = shot_hash(database, shot);
  CHECK(first != second, "other patches give the same picture");
  uint32_t others = 0;
  for (shot.coins = 0; shot.coins < 20; shot.coins++) others += shot_hash(database, shot) != second;
  CHECK(others > 5 && others < 20, "%u of 20 throws mirror the picture", (unsigned)others);
  fractals_close(database);
}

static void bad_shots(void) {
  fractals_database *database = opened(fractals_default_options(3));
  const struct {
    fractals_shot shot;
    fractals_status status;
    const char *sentence;
  } cases[] = {{{.size = 7}, FRACTALS_INVALID_OPTION, "size: 7 is outside 8 ... 4096"},
               {{.size = 5000}, FRACTALS_INVALID_OPTION, "size: 5000 is outside 8 ... 4096"},
               {{.category = 4, .size = 8}, FRACTALS_OUT_OF_RANGE, "sample 4: the database has 0 ... 3"},
               {{.view = 12, .size = 8}, FRACTALS_OUT_OF_RANGE, "view 12: the database has 0 ... 11"},
               {{.size = 8}, FRACTALS_INVALID_ARGUMENT, "workspace: "}};
  for (int i = 0; i < 5; i++) {
    char message[200] = "";
    const fractals_status status = fractals_shoot(database, &cases[i].shot, NULL, 0, NULL, 0, message, sizeof message);
    CHECK(status == cases[i].status && strncmp(message, cases[i].sentence, strlen(cases[i].sentence)) == 0,
          "case %d: status %d, %s", i, status, message);
  }
  CHECK(fractals_shot_workspace_bytes(database, 7) == 0, "a size that cannot be drawn needs memory");
  fractals_close(database);
}

void shot_tests(void) {
  check_test("one database draws at any size what a database of that size draws", any_size);
  check_test("patches and mirrorings are chosen apart from each other", patches_and_coins);
  check_test("a shot that cannot be taken is refused with a sentence", bad_shots);
}
