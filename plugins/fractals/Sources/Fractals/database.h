/* database.h: the cache of found categories. */
#ifndef FRACTALS_DATABASE_H
#define FRACTALS_DATABASE_H

#include <stdatomic.h>

#include "message.h"

/* An entry goes EMPTY -> WRITING -> FOUND or FAILED, once. Whoever finds it EMPTY or WRITING searches for itself:
 * searching twice gives the same answer twice, so nobody ever waits for a lock. */
enum entry_state { ENTRY_EMPTY = 0, ENTRY_WRITING, ENTRY_FOUND, ENTRY_FAILED };

struct entry {
  atomic_int state;
  fractals_system system;
};

struct fractals_database {
  fractals_options options; /* `canvas` as it is for `size` */
  uint32_t canvas;          /* as it was given: 0 leaves it open */
  struct entry *entries; /* [categories] */
};

/* The system of a category that is in range. */
fractals_status database_find(fractals_database *database, uint32_t category, fractals_system *system,
                              struct message message);

#endif
