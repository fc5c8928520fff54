#pragma once
#include <hdf5.h>

// What hdf5.h has as macros, which Swift does not see, or under other names in other versions.

static inline hid_t workbench_h5_default(void) { return H5P_DEFAULT; }
static inline hid_t workbench_h5_whole_space(void) { return H5S_ALL; }
static inline hid_t workbench_h5_file_access_class(void) { return H5P_FILE_ACCESS; }
static inline hid_t workbench_h5_dataset_creation_class(void) { return H5P_DATASET_CREATE; }
static inline hid_t workbench_h5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t workbench_h5_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t workbench_h5_float64(void) { return H5T_IEEE_F64LE; }

/// No messages on stderr, and no filters from shared libraries that happen to lie about.
static inline void workbench_h5_prepare(void) {
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state(0);
}

static inline hid_t workbench_h5_open_for_reading(const char *name, hid_t access) {
  return H5Fopen(name, H5F_ACC_RDONLY, access);
}

static inline hid_t workbench_h5_create(const char *name, hid_t access) {
  return H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access);
}

/// The file is to be in memory only, growing in steps of `increment` bytes.
static inline int workbench_h5_stay_in_memory(hid_t access, size_t increment) {
  return H5Pset_fapl_core(access, increment, 0);
}

/// The time of writing is not to be stored.
static inline int workbench_h5_without_time(hid_t creation) { return H5Pset_obj_track_times(creation, 0); }

/// 1: the link is an ordinary one; 0: it is soft, external or of a user's kind; -1: it cannot be read.
static inline int workbench_h5_link_is_hard(hid_t group, const char *name) {
  H5L_info_t info;
  if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return -1;
  return info.type == H5L_TYPE_HARD;
}

/// The number of links in a group; -1 when it cannot be read.
static inline int64_t workbench_h5_link_count(hid_t group) {
  H5G_info_t info;
  if (H5Gget_info(group, &info) < 0) return -1;
  return (int64_t)info.nlinks;
}

/// The next link of a group in the order of names; its length, or -1.
static inline int64_t workbench_h5_link_name(hid_t group, uint64_t index, char *buffer, size_t size) {
  return H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, H5P_DEFAULT);
}

static inline int workbench_h5_hard_link(hid_t target, const char *target_name, hid_t group, const char *name) {
  return H5Lcreate_hard(target, target_name, group, name, H5P_DEFAULT, H5P_DEFAULT);
}

static inline int workbench_h5_filter_id(hid_t properties, unsigned index) {
  unsigned flags = 0, configuration = 0;
  size_t values = 0;
  return H5Pget_filter2(properties, index, &flags, &values, NULL, 0, NULL, &configuration);
}
