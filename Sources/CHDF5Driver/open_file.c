// What callers ask of the open file of an object.
#include "guarded_file.h"

// NULL where the file is read by another driver.
static const guarded_file *owner_of(hid_t object) {
  hid_t owner = H5Iget_file_id(object);
  if (owner < 0) return NULL;
  const guarded_file *found = NULL;
  hid_t access = H5Fget_access_plist(owner);
  if (access >= 0 && H5Pget_driver(access) == vx_driver_id()) {
    void *file = NULL;
    if (H5Fget_vfd_handle(owner, H5P_DEFAULT, &file) >= 0) found = file;
  }
  if (access >= 0) H5Pclose(access);
  H5Idec_ref(owner);
  return found;
}

int vx_h5_descriptor(hid_t object) {
  const guarded_file *file = owner_of(object);
  return file ? file->descriptor : -1;
}

int vx_h5_is_left_open(hid_t object) {
  const guarded_file *file = owner_of(object);
  return file && file->superblock_size > 0;
}
