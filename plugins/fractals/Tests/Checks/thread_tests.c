#include <pthread.h>
#include <stdlib.h>

#include "check.h"
#include "fractals.h"

enum { THREADS = 4, CATEGORIES = 12 };

struct job {
  fractals_database *database;
  int number; /* where in the round this thread begins */
  uint64_t hashes[CATEGORIES];
  uint32_t tries[CATEGORIES];
  bool failed;
};

/* Draws all categories, beginning at the thread's own. */
static void *work(void *argument) {
  struct job *job = argument;
  const size_t room = fractals_workspace_bytes(job->database), bytes = fractals_picture_bytes(job->database);
  void *workspace = malloc(room);
  uint8_t *picture = malloc(bytes);
  for (uint32_t i = 0; i < CATEGORIES; i++) {
    const uint32_t k = (i + (uint32_t)job->number) / 2 * 2 % CATEGORIES + i % 2; /* neighbours meet on purpose */
    fractals_system system;
    job->failed |= fractals_find(job->database, k, &system, NULL, 0) != FRACTALS_OK;
    job->failed |= fractals_render(job->database, k, 1, workspace, room, picture, bytes, NULL, 0) != FRACTALS_OK;
    job->tries[k] = system.tries;
    job->hashes[k] = check_hash(picture, bytes);
  }
  free(workspace);
  free(picture);
  return NULL;
}

static void run(fractals_options options, int threads, struct job *jobs) {
  fractals_database *database;
  options.categories = CATEGORIES;
  options.size = 48;
  CHECK(fractals_open(&options, &database, NULL, 0) == FRACTALS_OK, "cannot open");
  pthread_t handles[THREADS];
  for (int i = 0; i < threads; i++) {
    jobs[i] = (struct job){.database = database, .number = i * 3};
    CHECK(pthread_create(&handles[i], NULL, work, &jobs[i]) == 0, "no thread");
  }
  for (int i = 0; i < threads; i++) pthread_join(handles[i], NULL);
  fractals_close(database);
}

static void same_for_all(void) {
  for (uint32_t dimensions = 2; dimensions <= 3; dimensions++) {
    struct job alone, together[THREADS];
    run(fractals_default_options(dimensions), 1, &alone);
    run(fractals_default_options(dimensions), THREADS, together);
    CHECK(!alone.failed, "a call failed");
    for (int i = 0; i < THREADS; i++) {
      CHECK(!together[i].failed, "a call failed on thread %d", i);
      for (int k = 0; k < CATEGORIES; k++) {
        CHECK(together[i].hashes[k] == alone.hashes[k] && together[i].tries[k] == alone.tries[k],
              "%uD category %d differs on thread %d", (unsigned)dimensions, k, i);
      }
    }
  }
}

void thread_tests(void) {
  check_test("four threads that find and draw at once see what one alone sees", same_for_all);
}
