/* check.h: the smallest test frame, whose tests Swift runs. A test is a function; its name is a sentence.
 * One thread at a time, but for CHECK-free helpers of a test. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many tests there are; to be called first. */
int check_count(void);
const char *check_name(int test);
/* Runs one test: the number of its failed checks, and a line for each of them in `text`, as far as it reaches. */
int check_run(int test, char *text, size_t bytes);

/* Counts a failure and writes file, line and the sentence made from `format`. */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
void check_that(bool condition, const char *file, int line, const char *format, ...);

#define CHECK(condition, ...) check_that(condition, __FILE__, __LINE__, __VA_ARGS__)

/* Adds a test to the list. */
void check_test(const char *name, void (*run)(void));

/* FNV-1a, for bytes that must not change. */
uint64_t check_hash(const void *bytes, size_t count);

void random_tests(void);
void choice_tests(void);
void orbit_tests(void);
void search_tests(void);
void canvas_tests(void);
void options_tests(void);
void render_tests(void);
void shot_tests(void);
void thread_tests(void);

#endif
