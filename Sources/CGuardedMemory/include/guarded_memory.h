#ifndef GUARDED_MEMORY_H
#define GUARDED_MEMORY_H

#include <stddef.h>
#include <stdint.h>

// Memory that notices who writes beside it, for tests of foreign code.
//
//     [ no access, 1 MiB ][ guard bytes ][ block, 64-byte aligned ][ guard bytes ][ no access, 1 MiB ]
//
// A write into the guard bytes is found afterwards, by `guarded_damage`; an access beyond them ends the process with
// SIGSEGV, and `guarded_report_crashes` has the block's name and the place written to a descriptor before.

/// A block of `bytes` bytes, or NULL and `errno`.
///
/// tight: the block ends where the forbidden memory begins, but for what its alignment leaves (less than 64 bytes);
/// else there is a page of guard bytes behind it.
void *guarded_allocate(size_t bytes, int tight, const char *name);

/// Frees a block; NULL is none.
void guarded_free(void *block);

/// Where the guard bytes were first changed: 0 nowhere, -n the n-th byte before the block, n the n-th byte behind it.
int64_t guarded_damage(const void *block);

/// From now on a SIGSEGV or SIGBUS in a block or beside it writes one line to `descriptor` before the process ends:
/// `{"crash":"1024 bytes behind the end of output (300 bytes)"}`.
void guarded_report_crashes(int descriptor);

/// From now on the process ends with the thread that started it: nobody waits for what it says then.
void guarded_end_with_parent(void);

#endif
