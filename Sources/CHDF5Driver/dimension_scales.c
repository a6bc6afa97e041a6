// Dimension scales: what lies along the axes of an array, as netCDF-4, xarray and h5py store it.
#include "guarded_driver.h"
#include <stdlib.h>

// One entry of the attribute REFERENCE_LIST of a scale: an array, and the axis of it that the scale lies along.
typedef struct {
  hobj_ref_t array;
  int axis;
} scale_entry;

int vx_h5_scaled_axes(hid_t scale, uint64_t array, int rank, unsigned char *axes) {
  if (H5Aexists(scale, "REFERENCE_LIST") <= 0) return 0;
  int found = -1;
  hid_t attribute = H5Aopen(scale, "REFERENCE_LIST", H5P_DEFAULT);
  hid_t stored = attribute >= 0 ? H5Aget_type(attribute) : -1;
  hid_t space = attribute >= 0 ? H5Aget_space(attribute) : -1;
  hid_t memory = H5Tcreate(H5T_COMPOUND, sizeof(scale_entry));
  hssize_t count = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
  // Only a list of plain references and numbers is read: other members would lead into the file's heap.
  int is_plain = stored >= 0 && H5Tget_class(stored) == H5T_COMPOUND && H5Tget_nmembers(stored) == 2 &&
                 H5Tget_member_class(stored, 0) == H5T_REFERENCE && H5Tget_member_class(stored, 1) == H5T_INTEGER;
  if (is_plain) {
    hid_t member = H5Tget_member_type(stored, 0);
    is_plain = member >= 0 && H5Tequal(member, H5T_STD_REF_OBJ) > 0;
    if (member >= 0) H5Tclose(member);
  }
  if (is_plain && memory >= 0 && count > 0 && count <= 65536) {
    char *first = H5Tget_member_name(stored, 0), *second = H5Tget_member_name(stored, 1);
    scale_entry *entries = calloc((size_t)count, sizeof *entries);
    if (first && second && entries &&
        H5Tinsert(memory, first, HOFFSET(scale_entry, array), H5T_STD_REF_OBJ) >= 0 &&
        H5Tinsert(memory, second, HOFFSET(scale_entry, axis), H5T_NATIVE_INT) >= 0 &&
        H5Aread(attribute, memory, entries) >= 0) {
      found = 0;
      for (hssize_t i = 0; i < count; i++) {
        if (entries[i].array != array || entries[i].axis < 0 || entries[i].axis >= rank) continue;
        axes[entries[i].axis] = 1;
        found++;
      }
    }
    free(entries);
    if (first) H5free_memory(first);
    if (second) H5free_memory(second);
  }
  if (memory >= 0) H5Tclose(memory);
  if (space >= 0) H5Sclose(space);
  if (stored >= 0) H5Tclose(stored);
  if (attribute >= 0) H5Aclose(attribute);
  return found;
}
