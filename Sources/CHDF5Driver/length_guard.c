// A filter that changes nothing: it stands first in a list of filters, so that on reading it sees last what the others have
// unpacked, and refuses it where its length is another one than was announced. The library itself does not look.
#include "guarded_file.h"

#define LENGTH_GUARD 499

static size_t check_length(unsigned flags, size_t count, const unsigned settings[], size_t bytes, size_t *capacity,
                           void **buffer) {
  (void)capacity, (void)buffer;
  if (!(flags & H5Z_FLAG_REVERSE) || count < 2) return bytes;
  return bytes == ((uint64_t)settings[1] << 32 | settings[0]) ? bytes : 0;
}

static const H5Z_class2_t length_guard = {
    .version = H5Z_CLASS_T_VERS,
    .id = LENGTH_GUARD,
    .encoder_present = 1,
    .decoder_present = 1,
    .name = "length guard",
    .filter = check_length,
};

// The properties of a dataset of one chunk that has the filters of `creation` behind the guard, but for those that the chunk
// skipped (bits of `skipped`): a filter that is optional is left out where it cannot make the chunk smaller.
static hid_t guarded_properties(hid_t creation, int rank, const hsize_t *chunk, size_t bytes, uint32_t skipped) {
  hid_t properties = H5Pcopy(creation);
  if (properties < 0) return -1;
  const unsigned length[2] = {(unsigned)(bytes & 0xFFFFFFFFu), (unsigned)((uint64_t)bytes >> 32)};
  int filters = H5Pget_nfilters(creation);
  if (filters < 0 || filters > 30 || H5Premove_filter(properties, H5Z_FILTER_ALL) < 0 ||
      H5Pset_chunk(properties, rank, chunk) < 0 || H5Pset_filter(properties, LENGTH_GUARD, 0, 2, length) < 0)
    goto failed;
  for (int i = 0; i < filters; i++) {
    if (skipped >> i & 1) continue;
    unsigned flags = 0, configuration = 0, settings[64];
    size_t count = 64;
    H5Z_filter_t id = H5Pget_filter2(creation, (unsigned)i, &flags, &count, settings, 0, NULL, &configuration);
    if (id < 0 || count > 64 || H5Pset_filter(properties, id, flags, count, settings) < 0) goto failed;
  }
  return properties;
failed:
  H5Pclose(properties);
  return -1;
}

int vx_h5_unpack_guarded(hid_t creation, hid_t type, int rank, const hsize_t *chunk, size_t bytes, uint32_t skipped,
                         const void *packed, size_t length, hid_t memory_type, void *target) {
  static int registered = 0;
  if (!registered && H5Zregister(&length_guard) < 0) return -1;
  registered = 1;
  hsize_t origin[H5S_MAX_RANK] = {0};
  hid_t properties = guarded_properties(creation, rank, chunk, bytes, skipped);
  hid_t access = H5Pcreate(H5P_FILE_ACCESS), file = -1, space = -1, dataset = -1;
  int status = -1;
  if (properties >= 0 && access >= 0 && H5Pset_fapl_core(access, 1 << 16, 0) >= 0)
    file = H5Fcreate("voxelith-chunk", H5F_ACC_TRUNC, H5P_DEFAULT, access);
  if (file >= 0) space = H5Screate_simple(rank, chunk, NULL);
  if (space >= 0) dataset = H5Dcreate2(file, "chunk", type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  if (dataset >= 0 && H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, origin, length, packed) >= 0 &&
      H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, target) >= 0)
    status = 0;
  if (dataset >= 0) H5Dclose(dataset);
  if (space >= 0) H5Sclose(space);
  if (file >= 0) H5Fclose(file);
  if (access >= 0) H5Pclose(access);
  if (properties >= 0) H5Pclose(properties);
  return status;
}
