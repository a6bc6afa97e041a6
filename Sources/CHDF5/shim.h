#pragma once
#include <hdf5.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Swift cannot see HDF5's macros (they call the library first) and its versioned functions
// (another number in each release); each of these stands for one of them.

static inline unsigned vx_h5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned vx_h5_exclusive(void) { return H5F_ACC_EXCL; }

static inline hid_t vx_h5_class_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t vx_h5_class_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t vx_h5_class_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t vx_h5_class_link_create(void) { return H5P_LINK_CREATE; }

static inline hid_t vx_h5_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t vx_h5_int16(void) { return H5T_NATIVE_INT16; }
static inline hid_t vx_h5_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t vx_h5_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t vx_h5_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t vx_h5_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t vx_h5_uint32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t vx_h5_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t vx_h5_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t vx_h5_double(void) { return H5T_NATIVE_DOUBLE; }
static inline size_t vx_h5_variable_length(void) { return H5T_VARIABLE; }
static inline hid_t vx_h5_c_string(void) { return H5T_C_S1; }

// A new type of IEEE 754 half precision in the machine's byte order, which HDF5 1.10 has no name for.
static inline hid_t vx_h5_make_half(void) {
  hid_t type = H5Tcopy(H5T_NATIVE_FLOAT);
  if (type < 0) return type;
  if (H5Tset_fields(type, 15, 10, 5, 0, 10) < 0 || H5Tset_size(type, 2) < 0 ||
      H5Tset_ebias(type, 15) < 0) {
    H5Tclose(type);
    return -1;
  }
  return type;
}

typedef struct {
  char *text;
  size_t size;
} vx_h5_message;

static herr_t vx_h5_take_message(unsigned n, const H5E_error2_t *error, void *context) {
  vx_h5_message *message = (vx_h5_message *)context;
  if (n == 0 && error->desc && message->size > 0) {
    strncpy(message->text, error->desc, message->size - 1);
    message->text[message->size - 1] = 0;
  }
  return 0;
}

// The innermost description on the error stack, which is then cleared; empty where there is none.
static inline void vx_h5_take_error(char *text, size_t size) {
  vx_h5_message message = {text, size};
  if (size > 0) text[0] = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, vx_h5_take_message, &message);
  H5Eclear2(H5E_DEFAULT);
}

// Errors are fetched by vx_h5_take_error and never printed. The library must not clean up when the process ends: after a
// file that could not be completed on a full disk it then follows a null pointer, and every file is closed by us.
static inline void vx_h5_silence(void) {
  static int asked = 0;
  if (!asked) H5dont_atexit();
  asked = 1;
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

typedef struct {
  char *names;
  size_t used, capacity, count, limit;
} vx_h5_list;

static int vx_h5_append(vx_h5_list *list, const char *name) {
  size_t length = strlen(name) + 1;
  if (list->count >= list->limit) return 1;
  if (list->used + length > list->capacity) {
    size_t capacity = 2 * (list->used + length) + 1024;
    char *names = (char *)realloc(list->names, capacity);
    if (!names) return -1;
    list->names = names;
    list->capacity = capacity;
  }
  memcpy(list->names + list->used, name, length);
  list->used += length;
  list->count += 1;
  return 0;
}

#if H5_VERSION_GE(1, 12, 0)
static herr_t vx_h5_take_link(hid_t group, const char *name, const H5L_info2_t *info, void *context) {
#else
static herr_t vx_h5_take_link(hid_t group, const char *name, const H5L_info_t *info, void *context) {
#endif
  (void)group;
  (void)info;
  return vx_h5_append((vx_h5_list *)context, name);
}

static herr_t vx_h5_take_attribute(hid_t object, const char *name, const H5A_info_t *info, void *context) {
  (void)object;
  (void)info;
  return vx_h5_append((vx_h5_list *)context, name);
}

// Names of a group's links, in alphabetical order, each ended by a zero byte; at most `limit` of them.
// The caller frees the result. NULL and a negative `*count` on failure.
static inline char *vx_h5_link_names(hid_t group, size_t limit, int64_t *count, size_t *bytes) {
  vx_h5_list list = {NULL, 0, 0, 0, limit};
#if H5_VERSION_GE(1, 12, 0)
  herr_t result = H5Literate2(group, H5_INDEX_NAME, H5_ITER_INC, NULL, vx_h5_take_link, &list);
#else
  herr_t result = H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, vx_h5_take_link, &list);
#endif
  *count = result < 0 ? -1 : (int64_t)list.count;
  *bytes = list.used;
  return list.names;
}

// Names of an object's attributes, as above.
static inline char *vx_h5_attribute_names(hid_t object, size_t limit, int64_t *count, size_t *bytes) {
  vx_h5_list list = {NULL, 0, 0, 0, limit};
  herr_t result = H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, vx_h5_take_attribute, &list);
  *count = result < 0 ? -1 : (int64_t)list.count;
  *bytes = list.used;
  return list.names;
}

// Kind of a link: 0 hard, 1 soft, 2 external, 3 other, negative on failure. `*size` is the length of
// the value of a soft or external link.
static inline int vx_h5_link_kind(hid_t location, const char *name, size_t *size) {
#if H5_VERSION_GE(1, 12, 0)
  H5L_info2_t info;
  if (H5Lget_info2(location, name, &info, H5P_DEFAULT) < 0) return -1;
#else
  H5L_info_t info;
  if (H5Lget_info(location, name, &info, H5P_DEFAULT) < 0) return -1;
#endif
  *size = 0;
  if (info.type == H5L_TYPE_HARD) return 0;
  *size = info.u.val_size;
  if (info.type == H5L_TYPE_SOFT) return 1;
  return info.type == H5L_TYPE_EXTERNAL ? 2 : 3;
}

// What names an object uniquely: the number of its open file and its address there.
// A group or dataset; a dataset with the access properties that tell where its other files lie.
static inline hid_t vx_h5_open(hid_t location, const char *name, hid_t dataset_access) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info;
  herr_t known = H5Oget_info_by_name3(location, name, &info, H5O_INFO_BASIC, H5P_DEFAULT);
#else
  H5O_info_t info;
  herr_t known = H5Oget_info_by_name2(location, name, &info, H5O_INFO_BASIC, H5P_DEFAULT);
#endif
  if (known >= 0 && info.type == H5O_TYPE_DATASET) return H5Dopen2(location, name, dataset_access);
  return H5Oopen(location, name, H5P_DEFAULT);
}

static inline herr_t vx_h5_identity(hid_t object, uint64_t *file, uint64_t *address) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info;
  haddr_t at = 0;
  if (H5Oget_info3(object, &info, H5O_INFO_BASIC) < 0) return -1;
  if (H5VLnative_token_to_addr(object, info.token, &at) < 0) return -1;
#else
  H5O_info_t info;
  if (H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0) return -1;
  haddr_t at = info.addr;
#endif
  *file = (uint64_t)info.fileno;
  *address = (uint64_t)at;
  return 0;
}

// Number, name and settings of one of a dataset's filters; `*count` is the room in `settings`, and then how many there are.
static inline int vx_h5_filter(hid_t creation, unsigned index, char *name, size_t size, unsigned *settings,
                               size_t *count) {
  unsigned flags = 0, configuration = 0;
  return (int)H5Pget_filter2(creation, index, &flags, count, settings, size, name, &configuration);
}

static inline unsigned vx_h5_swmr_read(void) { return H5F_ACC_SWMR_READ; }
static inline hid_t vx_h5_class_dataset_transfer(void) { return H5P_DATASET_XFER; }
static inline int vx_h5_is_undefined(haddr_t address) { return address == HADDR_UNDEF; }
