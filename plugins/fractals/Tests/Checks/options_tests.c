#include <stdio.h>
#include <string.h>

#include "check.h"
#include "fractals.h"

static void refused(fractals_options options, fractals_status status, const char *sentence) {
  char message[200] = "";
  fractals_database *database = (fractals_database *)message;
  const fractals_status found = fractals_open(&options, &database, message, sizeof message);
  CHECK(found == status && strcmp(message, sentence) == 0, "status %d: %s", found, message);
  CHECK(database == NULL, "a refused database is not NULL");
}

static void bad_options(void) {
  fractals_options options = fractals_default_options(2);
  options.categories = 0;
  refused(options, FRACTALS_INVALID_OPTION, "categories: 0 is outside 1 ... 21000");
  options.categories = 21001;
  refused(options, FRACTALS_INVALID_OPTION, "categories: 21001 is outside 1 ... 21000");
  refused(fractals_default_options(4), FRACTALS_INVALID_OPTION, "dimensions: 4 is outside 2 ... 3");
  options = fractals_default_options(2);
  options.style = 2;
  refused(options, FRACTALS_INVALID_OPTION, "style: 2 is outside 0 ... 1");
  options = fractals_default_options(2);
  options.size = 5000;
  refused(options, FRACTALS_INVALID_OPTION, "size: 5000 is outside 8 ... 4096");
  options = fractals_default_options(3);
  options.views = 0;
  refused(options, FRACTALS_INVALID_OPTION, "views: 0 is outside 1 ... 360");
  options = fractals_default_options(3);
  options.iterations = 10;
  refused(options, FRACTALS_INVALID_OPTION, "iterations: 10 is outside 1000 ... 10000000");
  options = fractals_default_options(3);
  options.maximum_tries = 0;
  refused(options, FRACTALS_INVALID_OPTION, "maximum_tries: 0 is outside 1 ... 10000000");
  options = fractals_default_options(3);
  options.style = FRACTALS_PATCHES;
  refused(options, FRACTALS_INVALID_OPTION,
          "style: patches are drawn in 2D only (3D clouds are drawn as points)");
  options = fractals_default_options(2);
  options.canvas = 100;
  refused(options, FRACTALS_INVALID_OPTION, "canvas: 100 is outside 224 (size) ... 4096");
}

static uint32_t canvas_of(uint32_t dimensions, uint32_t size) {
  fractals_options options = fractals_default_options(dimensions);
  options.size = size;
  fractals_database *database;
  if (fractals_open(&options, &database, NULL, 0) != FRACTALS_OK) return 0;
  const uint32_t canvas = fractals_get_options(database)->canvas;
  fractals_close(database);
  return canvas;
}

static void usual_canvas(void) {
  CHECK(canvas_of(2, 224) == 512, "2D at 224: %u", (unsigned)canvas_of(2, 224));
  CHECK(canvas_of(2, 600) == 600, "2D at 600: %u", (unsigned)canvas_of(2, 600));
  CHECK(canvas_of(3, 96) == 96, "3D at 96: %u", (unsigned)canvas_of(3, 96));
}

static void null_arguments(void) {
  char message[100];
  const fractals_options options = fractals_default_options(2);
  fractals_database *database;
  CHECK(fractals_open(NULL, &database, message, sizeof message) == FRACTALS_INVALID_ARGUMENT, "NULL options");
  CHECK(fractals_open(&options, NULL, message, sizeof message) == FRACTALS_INVALID_ARGUMENT, "NULL database");
  CHECK(fractals_find(NULL, 0, NULL, message, sizeof message) == FRACTALS_INVALID_ARGUMENT, "NULL in find");
  CHECK(fractals_render(NULL, 0, 0, NULL, 0, NULL, 0, message, sizeof message) == FRACTALS_INVALID_ARGUMENT,
        "NULL in render");
  fractals_close(NULL);
}

static void short_messages(void) {
  fractals_options options = fractals_default_options(4);
  fractals_database *database;
  char message[8] = "1234567";
  CHECK(fractals_open(&options, &database, NULL, 0) == FRACTALS_INVALID_OPTION, "no message buffer");
  CHECK(fractals_open(&options, &database, message, 0) == FRACTALS_INVALID_OPTION && message[0] == '1', "0 bytes");
  CHECK(fractals_open(&options, &database, message, 5) == FRACTALS_INVALID_OPTION, "5 bytes");
  CHECK(memcmp(message, "dime\0" "67", 7) == 0, "5 bytes of a message are '%s'", message);
}

static void used_up(void) {
  fractals_options options = fractals_default_options(3);
  options.maximum_tries = 1;
  options.seed = 3;
  fractals_database *database;
  CHECK(fractals_open(&options, &database, NULL, 0) == FRACTALS_OK, "cannot open");
  for (int round = 0; round < 2; round++) {
    char message[200] = "";
    const fractals_status status = fractals_find(database, 7, NULL, message, sizeof message);
    CHECK(status == FRACTALS_NOT_FOUND, "round %d: status %d", round, status);
    CHECK(strcmp(message, "category 7: no 3D fractal among 1 candidates of seed 3 (raise maximum_tries)") == 0,
          "round %d: %s", round, message);
  }
  fractals_close(database);
}

void options_tests(void) {
  check_test("each bad option is refused with a sentence", bad_options);
  check_test("the canvas is 512 pixels in 2D unless the picture is larger", usual_canvas);
  check_test("NULL arguments are refused", null_arguments);
  check_test("messages are cut to their buffer", short_messages);
  check_test("a used-up search says so, every time", used_up);
}
