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

static inline hid_t workbench_h5_create(const char *name, hid_t access) {
  return H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access);
}

/// The file is to be in memory only, growing in steps of `increment` bytes.
static inline int workbench_h5_stay_in_memory(hid_t access, size_t increment) {
  return H5Pset_fapl_core(access, increment, 0);
}

/// The time of writing is not to be stored.
static inline int workbench_h5_without_time(hid_t creation) { return H5Pset_obj_track_times(creation, 0); }

static inline int workbench_h5_hard_link(hid_t target, const char *target_name, hid_t group, const char *name) {
  return H5Lcreate_hard(target, target_name, group, name, H5P_DEFAULT, H5P_DEFAULT);
}
