#include "database.h"

#include <stdlib.h>

#include "options.h"
#include "search.h"

fractals_status fractals_open(const fractals_options *options, fractals_database **database, char *text,
                              size_t text_bytes) {
  const struct message message = {text, text_bytes};
  if (database == NULL) return message_report(message, FRACTALS_INVALID_ARGUMENT, "database: is NULL");
  *database = NULL;
  if (options == NULL) return message_report(message, FRACTALS_INVALID_ARGUMENT, "options: is NULL");
  fractals_options checked = *options;
  const fractals_status status = options_check(&checked, message);
  if (status != FRACTALS_OK) return status;

  struct fractals_database *made = malloc(sizeof *made);
  struct entry *entries = calloc(checked.categories, sizeof *entries); /* all of them ENTRY_EMPTY */
  if (made == NULL || entries == NULL) {
    free(made);
    free(entries);
    return message_report(message, FRACTALS_OUT_OF_MEMORY, "no memory for %u categories",
                          (unsigned)checked.categories);
  }
  *made = (struct fractals_database){.options = checked, .canvas = options->canvas, .entries = entries};
  *database = made;
  return FRACTALS_OK;
}

void fractals_close(fractals_database *database) {
  if (database == NULL) return;
  free(database->entries);
  free(database);
}

const fractals_options *fractals_get_options(const fractals_database *database) { return &database->options; }

/* Publishes an answer, unless another thread was first. */
static void publish(struct entry *entry, const fractals_system *system, enum entry_state state) {
  int expected = ENTRY_EMPTY;
  if (!atomic_compare_exchange_strong_explicit(&entry->state, &expected, ENTRY_WRITING, memory_order_acquire,
                                               memory_order_relaxed)) {
    return;
  }
  entry->system = *system;
  atomic_store_explicit(&entry->state, state, memory_order_release);
}

fractals_status database_find(fractals_database *database, uint32_t category, fractals_system *system,
                              struct message message) {
  struct entry *entry = &database->entries[category];
  int state = atomic_load_explicit(&entry->state, memory_order_acquire);
  if (state == ENTRY_FOUND) {
    *system = entry->system;
  } else if (state != ENTRY_FAILED) {
    state = search_category(&database->options, category, system) ? ENTRY_FOUND : ENTRY_FAILED;
    publish(entry, system, (enum entry_state)state);
  }
  if (state == ENTRY_FOUND) return FRACTALS_OK;
  return message_report(message, FRACTALS_NOT_FOUND,
                        "category %u: no %uD fractal among %u candidates of seed %llu (raise maximum_tries)",
                        (unsigned)category, (unsigned)database->options.dimensions,
                        (unsigned)database->options.maximum_tries, (unsigned long long)database->options.seed);
}

fractals_status fractals_find(fractals_database *database, uint32_t category, fractals_system *system, char *text,
                              size_t text_bytes) {
  const struct message message = {text, text_bytes};
  if (database == NULL) return message_report(message, FRACTALS_INVALID_ARGUMENT, "database: is NULL");
  if (category >= database->options.categories) {
    return message_report(message, FRACTALS_OUT_OF_RANGE, "category %u: the database has 0 ... %u", (unsigned)category,
                          (unsigned)(database->options.categories - 1));
  }
  fractals_system found;
  const fractals_status status = database_find(database, category, &found, message);
  if (status == FRACTALS_OK && system != NULL) *system = found;
  return status;
}
