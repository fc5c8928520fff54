#include "check.h"

#include <stdarg.h>
#include <stdio.h>

enum { TESTS_MAX = 100 };

struct test {
  const char *name;
  void (*run)(void);
};

static struct test tests[TESTS_MAX];
static int test_count;

/* Where the running test writes what failed. */
static struct {
  char *text;
  size_t bytes, used;
  int failures;
} report;

void check_that(bool condition, const char *file, int line, const char *format, ...) {
  if (condition) return;
  report.failures++;
  const char *name = file;
  for (const char *at = file; *at; at++) {
    if (*at == '/') name = at + 1;
  }
  char sentence[300];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  const size_t left = report.bytes - report.used;
  const int written = snprintf(report.text + report.used, left, "%s:%d: %s\n", name, line, sentence);
  report.used += written < 0 ? 0 : (size_t)written < left ? (size_t)written : left - 1;
}

void check_test(const char *name, void (*run)(void)) {
  if (test_count < TESTS_MAX) tests[test_count++] = (struct test){name, run};
}

int check_count(void) {
  if (test_count == 0) {
    random_tests();
    choice_tests();
    orbit_tests();
    search_tests();
    canvas_tests();
    options_tests();
    render_tests();
    shot_tests();
    thread_tests();
  }
  return test_count;
}

const char *check_name(int test) { return tests[test].name; }

int check_run(int test, char *text, size_t bytes) {
  report.text = text;
  report.bytes = bytes;
  report.used = 0;
  report.failures = 0;
  text[0] = 0;
  tests[test].run();
  return report.failures;
}

uint64_t check_hash(const void *bytes, size_t count) {
  const uint8_t *at = bytes;
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (size_t i = 0; i < count; i++) hash = (hash ^ at[i]) * UINT64_C(0x100000001B3);
  return hash;
}
