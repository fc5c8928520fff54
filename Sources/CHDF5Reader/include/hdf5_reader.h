#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Reads HDF5 files that may have been made to harm. The HDF5 library divides by zero, or worse, on some of them; so it
// works in a child process, which sends what it found through a pipe. If it breaks, only the child ends.
//
//     parent:  workbench_h5_list / workbench_h5_read -> descriptor -> frames -> waitpid
//     child:   file image -> HDF5 -> frames -> _exit

enum {
  WORKBENCH_H5_END = 0,
  WORKBENCH_H5_GROUP = 1,
  /// A dataset of floating point numbers.
  WORKBENCH_H5_NUMBERS = 2,
  /// A dataset of anything else, a named type.
  WORKBENCH_H5_OTHER = 3,
  /// A link that is not followed: soft, external, or of a user's kind.
  WORKBENCH_H5_LINK = 4,
  /// The text is a clause that says why reading ended.
  WORKBENCH_H5_ERROR = 5,
};

/// What comes through the pipe, each in the machine's own byte order. Behind it: `rank` extents of 64 bits, then
/// `text_length` bytes of UTF-8 (an object's path from the root, without a slash before it), then, for
/// `workbench_h5_read`, as many floats as the extents say.
typedef struct {
  uint32_t kind;
  uint32_t rank;
  uint64_t text_length;
} workbench_h5_frame;

/// A dataset that is wanted.
typedef struct {
  const char *path;
  /// How many numbers it must have.
  uint64_t count;
} workbench_h5_request;

/// What a child may take.
typedef struct {
  /// Memory on top of what the process has, in bytes.
  uint64_t memory;
  unsigned seconds;
} workbench_h5_limits;

/// Starts a child that sends a frame for each object of the file: a group before its members, members in the order of
/// their names. The image may be freed when this returns.
///
/// Returns the descriptor to read from, which the caller closes, and the child to wait for; or -1 and `errno`.
int workbench_h5_list(const void *image, size_t size, workbench_h5_limits limits, pid_t *child);

/// Starts a child that sends a frame for each wanted dataset, in this order, with its numbers as float32. As above.
int workbench_h5_read(
  const void *image, size_t size, const workbench_h5_request *requests, size_t count, workbench_h5_limits limits,
  pid_t *child);
