#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "hdf5_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { maximum_rank = 8, maximum_depth = 32, maximum_objects = 1 << 18, maximum_path = 4096 };

// Everything below runs in the child, which has one thread and ends with _exit.

typedef struct {
  int output;
  hid_t file;
  size_t objects;
  char path[maximum_path];
} reader;

static void send_bytes(int output, const void *bytes, size_t count) {
  const char *next = bytes;
  while (count > 0) {
    ssize_t done = write(output, next, count < (1 << 30) ? count : 1 << 30);
    if (done < 0 && errno == EINTR) continue;
    // The parent has gone: there is nobody to tell.
    if (done <= 0) _exit(1);
    next += done;
    count -= (size_t)done;
  }
}

static void send_frame(int output, uint32_t kind, const hsize_t *extents, int rank, const char *text) {
  workbench_h5_frame frame = {kind, (uint32_t)rank, strlen(text)};
  send_bytes(output, &frame, sizeof frame);
  for (int i = 0; i < rank; i++) {
    uint64_t extent = extents[i];
    send_bytes(output, &extent, sizeof extent);
  }
  send_bytes(output, text, frame.text_length);
}

static void fail(int output, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

static void fail(int output, const char *format, ...) {
  char text[maximum_path + 256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  send_frame(output, WORKBENCH_H5_ERROR, NULL, 0, text);
  _exit(0);
}

/// The parent's files are none of its business: it would keep their locks, and pipes open at their ends.
static void close_others(int output) {
#ifdef __linux__
  if (output > 3) close_range(3, (unsigned)output - 1, 0);
  close_range((unsigned)output + 1, ~0U, 0);
#else
  int count = getdtablesize();
  for (int descriptor = 3; descriptor < count; descriptor++) {
    if (descriptor != output) close(descriptor);
  }
#endif
}

/// What it may take, and what becomes of it when it breaks: no message, no core file, no handler of the parent's.
static void become_child(workbench_h5_limits limits) {
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  // Ctrl-C reaches the whole group; the parent decides.
  signal(SIGINT, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  struct rlimit core = {0, 0};
  setrlimit(RLIMIT_CORE, &core);
  long pages = 0;
  FILE *status = fopen("/proc/self/statm", "r");
  if (status) {
    if (fscanf(status, "%ld", &pages) == 1 && pages > 0) {
      rlim_t all = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + limits.memory;
      struct rlimit memory = {all, all};
      setrlimit(RLIMIT_AS, &memory);
    }
    fclose(status);
  }
  alarm(limits.seconds);
}

// The library would copy the image twice. The child may as well work on it in place: its memory is its own, a page of it
// is copied when it is written to, and nobody looks at it afterwards.

static void *image_as_it_is(size_t size, H5FD_file_image_op_t operation, void *image) {
  (void)size;
  (void)operation;
  return image;
}

static void *no_copy(void *to, const void *from, size_t size, H5FD_file_image_op_t operation, void *image) {
  (void)operation;
  (void)image;
  return to == from ? to : memcpy(to, from, size);
}

static void *no_growth(void *old, size_t size, H5FD_file_image_op_t operation, void *image) {
  (void)old;
  (void)size;
  (void)operation;
  (void)image;
  return NULL;
}

static herr_t kept(void *bytes, H5FD_file_image_op_t operation, void *image) {
  (void)bytes;
  (void)operation;
  (void)image;
  return 0;
}

static void *same_image(void *image) { return image; }

static herr_t kept_image(void *image) {
  (void)image;
  return 0;
}

static void open_image(reader *r, const void *image, size_t size) {
  if (H5open() < 0) fail(r->output, "the HDF5 library does not start");
  // No messages on stderr, and no filters from shared libraries that happen to lie about.
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state(0);
  H5FD_file_image_callbacks_t in_place = {
    image_as_it_is, no_copy, no_growth, kept, same_image, kept_image, (void *)image};
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (access < 0 || H5Pset_fapl_core(access, 1 << 16, 0) < 0 || H5Pset_file_image_callbacks(access, &in_place) < 0 ||
      H5Pset_file_image(access, (void *)image, size) < 0) {
    fail(r->output, "there is no memory for its %zu bytes", size);
  }
  r->file = H5Fopen("weights", H5F_ACC_RDONLY, access);
  if (r->file < 0) fail(r->output, "it is no HDF5 file, or a damaged one");
}

/// The extents of a dataset; -1 when it has none that can be.
static int rank_and_extents(hid_t dataset, hsize_t *extents) {
  hid_t space = H5Dget_space(dataset);
  if (space < 0 || H5Sget_simple_extent_type(space) == H5S_NULL) return -1;
  int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0 || rank > maximum_rank || H5Sget_simple_extent_dims(space, extents, NULL) < 0) return -1;
  H5Sclose(space);
  return rank;
}

static int holds_floats(hid_t dataset) {
  hid_t type = H5Dget_type(dataset);
  int result = type >= 0 && H5Tget_class(type) == H5T_FLOAT;
  H5Tclose(type);
  return result;
}

static void list_group(reader *r, hid_t group, size_t length, int depth);

typedef struct {
  reader *reader;
  size_t length;
  int depth;
} place;

static herr_t list_member(hid_t group, const char *name, const H5L_info_t *info, void *context) {
  const place *in = context;
  reader *r = in->reader;
  size_t room = sizeof r->path - in->length;
  int added = snprintf(r->path + in->length, room, "%s%s", in->length > 0 ? "/" : "", name);
  if (added < 0 || (size_t)added >= room) fail(r->output, "it has a path of more than %d bytes", maximum_path - 1);
  // Links can make a few objects look like any number of them.
  if (++r->objects > maximum_objects) fail(r->output, "it has more than %d objects", maximum_objects);
  if (info->type != H5L_TYPE_HARD) {
    send_frame(r->output, WORKBENCH_H5_LINK, NULL, 0, r->path);
    return 0;
  }
  hid_t object = H5Oopen(group, name, H5P_DEFAULT);
  if (object < 0) fail(r->output, "'%s' cannot be read", r->path);
  switch (H5Iget_type(object)) {
    case H5I_GROUP:
      if (in->depth >= maximum_depth) fail(r->output, "its groups lie more than %d deep", maximum_depth);
      send_frame(r->output, WORKBENCH_H5_GROUP, NULL, 0, r->path);
      list_group(r, object, in->length + (size_t)added, in->depth + 1);
      break;
    case H5I_DATASET: {
      hsize_t extents[maximum_rank];
      int rank = rank_and_extents(object, extents);
      if (rank < 0) fail(r->output, "'%s' has an impossible shape", r->path);
      send_frame(
        r->output, holds_floats(object) ? WORKBENCH_H5_NUMBERS : WORKBENCH_H5_OTHER, extents, rank, r->path);
      break;
    }
    default: send_frame(r->output, WORKBENCH_H5_OTHER, NULL, 0, r->path);
  }
  H5Oclose(object);
  return 0;
}

static void list_group(reader *r, hid_t group, size_t length, int depth) {
  place in = {r, length, depth};
  hsize_t next = 0;
  if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &next, list_member, &in) < 0) {
    r->path[length] = 0;
    fail(r->output, "the group '%s' cannot be read", r->path);
  }
}

/// Whether the file has all numbers of a dataset: what is not there would be read as zeros.
static int has_all_numbers(hid_t dataset, hid_t properties, const hsize_t *extents, int rank) {
  if (H5Pget_layout(properties) == H5D_CHUNKED) {
    hsize_t chunk[maximum_rank];
    hsize_t expected = 1, found = 0;
    if (H5Pget_chunk(properties, maximum_rank, chunk) != rank) return 0;
    for (int i = 0; i < rank; i++) {
      if (chunk[i] == 0) return 0;
      expected *= extents[i] / chunk[i] + (extents[i] % chunk[i] != 0);
    }
    hid_t space = H5Dget_space(dataset);
    int status = H5Dget_num_chunks(dataset, space, &found);
    H5Sclose(space);
    return status >= 0 && found == expected;
  }
  H5D_space_status_t status = H5D_SPACE_STATUS_ERROR;
  return H5Dget_space_status(dataset, &status) >= 0 && status == H5D_SPACE_STATUS_ALLOCATED;
}

/// That the numbers of a dataset are in this file, all of them.
static void require_own_numbers(
  const reader *r, hid_t dataset, const hsize_t *extents, int rank, const char *path
) {
  hid_t properties = H5Dget_create_plist(dataset);
  if (properties < 0) fail(r->output, "'%s' cannot be read", path);
  if (H5Pget_external_count(properties) != 0) {
    fail(r->output, "the numbers of '%s' lie in another file, which is not read", path);
  }
  if (H5Pget_layout(properties) == H5D_VIRTUAL) {
    fail(r->output, "the numbers of '%s' lie in other datasets, which are not read", path);
  }
  int filters = H5Pget_nfilters(properties);
  for (int i = 0; i < filters; i++) {
    unsigned flags = 0;
    size_t values = 0;
    H5Z_filter_t filter = H5Pget_filter2(properties, (unsigned)i, &flags, &values, NULL, 0, NULL, NULL);
    if (filter < 0 || H5Zfilter_avail(filter) <= 0) {
      fail(r->output, "'%s' is packed by the HDF5 filter %d, which is not to be had", path, (int)filter);
    }
  }
  if (!has_all_numbers(dataset, properties, extents, rank)) {
    fail(r->output, "the numbers of '%s' are not all in the file", path);
  }
  H5Pclose(properties);
}

static void send_numbers(const reader *r, const workbench_h5_request *request) {
  hid_t dataset = H5Dopen2(r->file, request->path, H5P_DEFAULT);
  if (dataset < 0) fail(r->output, "'%s' cannot be read", request->path);
  hsize_t extents[maximum_rank];
  int rank = rank_and_extents(dataset, extents);
  uint64_t count = 1;
  for (int i = 0; i < rank; i++) {
    if (__builtin_mul_overflow(count, (uint64_t)extents[i], &count)) rank = -1;
  }
  if (rank < 0 || count != request->count || count > SIZE_MAX / sizeof(float) || !holds_floats(dataset)) {
    fail(r->output, "'%s' is not what was announced", request->path);
  }
  float *numbers = malloc(count > 0 ? count * sizeof(float) : 1);
  if (!numbers) fail(r->output, "there is no memory for the %llu numbers of '%s'", (unsigned long long)count,
                     request->path);
  if (count > 0) {
    require_own_numbers(r, dataset, extents, rank, request->path);
    if (H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) < 0) {
      fail(r->output, "the numbers of '%s' cannot be read: they are damaged, or cut off", request->path);
    }
  }
  send_frame(r->output, WORKBENCH_H5_NUMBERS, extents, rank, request->path);
  send_bytes(r->output, numbers, count * sizeof(float));
  free(numbers);
  H5Dclose(dataset);
}

// The parent.

static int start(
  const void *image, size_t size, const workbench_h5_request *requests, size_t count, workbench_h5_limits limits,
  pid_t *child
) {
  int ends[2];
#ifdef __linux__
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
#else
  if (pipe(ends) < 0) return -1;
#endif
  pid_t id = fork();
  if (id < 0) {
    int code = errno;
    close(ends[0]);
    close(ends[1]);
    errno = code;
    return -1;
  }
  if (id == 0) {
    close(ends[0]);
    close_others(ends[1]);
    become_child(limits);
    reader r = {.output = ends[1]};
    open_image(&r, image, size);
    if (requests) {
      for (size_t i = 0; i < count; i++) send_numbers(&r, &requests[i]);
    } else {
      hid_t root = H5Gopen2(r.file, "/", H5P_DEFAULT);
      if (root < 0) fail(r.output, "it has no root");
      list_group(&r, root, 0, 0);
    }
    send_frame(r.output, WORKBENCH_H5_END, NULL, 0, "");
    _exit(0);
  }
  close(ends[1]);
  *child = id;
  return ends[0];
}

int workbench_h5_list(const void *image, size_t size, workbench_h5_limits limits, pid_t *child) {
  return start(image, size, NULL, 0, limits, child);
}

int workbench_h5_read(
  const void *image, size_t size, const workbench_h5_request *requests, size_t count, workbench_h5_limits limits,
  pid_t *child
) {
  return start(image, size, requests, count, limits, child);
}
