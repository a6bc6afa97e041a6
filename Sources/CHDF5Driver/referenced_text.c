// Texts of variable length, read without the library's own heap.
#include "guarded_file.h"

// References lie in the file as a length (4 bytes), an address (4 or 8) and an index (4); out of here they come with an
// address of 8.
static herr_t convert_references(hid_t from, hid_t to, H5T_cdata_t *data, size_t count, size_t stride,
                                 size_t background_stride, void *buffer, void *background, hid_t transfer) {
  (void)background_stride, (void)background, (void)transfer;
  size_t size = H5Tget_size(from);
  switch (data->command) {
  case H5T_CONV_INIT:
    data->need_bkg = H5T_BKG_NO;
    return H5Tget_class(from) == H5T_STRING && H5Tis_variable_str(from) > 0 && H5Tget_class(to) == H5T_OPAQUE &&
                   H5Tget_size(to) == VX_H5_REFERENCE_SIZE
               ? 0
               : -1;
  case H5T_CONV_CONV: {
    if (size != 12 && size != 16) return -1;
    unsigned char *bytes = buffer;
    // From the last on, since they may grow.
    for (size_t i = count; i-- > 0;) {
      unsigned char *source = bytes + i * (stride ? stride : size);
      unsigned char *target = bytes + i * (stride ? stride : VX_H5_REFERENCE_SIZE);
      unsigned char reference[VX_H5_REFERENCE_SIZE] = {0};
      memcpy(reference, source, size - 4);
      memcpy(reference + 12, source + size - 4, 4);
      memcpy(target, reference, sizeof reference);
    }
    return 0;
  }
  default:
    return 0;
  }
}

hid_t vx_h5_reference_type(void) {
  static int registered = 0;
  hid_t reference = H5Tcreate(H5T_OPAQUE, VX_H5_REFERENCE_SIZE);
  if (reference < 0 || registered) return reference;
  hid_t text = H5Tcopy(H5T_C_S1);
  registered = text >= 0 && H5Tset_size(text, H5T_VARIABLE) >= 0 &&
               H5Tregister(H5T_PERS_SOFT, "references", text, reference, convert_references) >= 0;
  if (text >= 0) H5Tclose(text);
  if (registered) return reference;
  H5Tclose(reference);
  return -1;
}

// Reads a collection and notes where its objects begin.
static int load_heap(guarded_file *file, haddr_t address) {
  if (file->heap && file->heap_address == address) return 0;
  free(file->heap);
  file->heap = NULL;
  unsigned char head[16];
  if (address > file->size || file->size - address < sizeof head) return -1;
  if (vx_read_fully(file, address, sizeof head, head) != 0 || memcmp(head, "GCOL\1", 5) != 0) return -1;
  uint64_t size = vx_decode(head + 8, file->length_size);
  if (size < 16 || size > file->size - address) return -1;
  // A file that leads back and forth between large collections is not worth the time.
  file->heap_bytes += size;
  if (file->heap_bytes > 16 * file->size + ((uint64_t)64 << 20)) return -1;
  if (!file->objects) file->objects = malloc(65536 * sizeof *file->objects);
  unsigned char *heap = malloc(size);
  if (!heap || !file->objects || vx_read_fully(file, address, size, heap) != 0 || !vx_is_sound_heap(file, heap, size)) {
    free(heap);
    return -1;
  }
  memset(file->objects, 0, 65536 * sizeof *file->objects);
  for (uint64_t at = 16; at + 16 <= size;) {
    uint64_t index = vx_decode(heap + at, 2);
    uint64_t length = vx_decode(heap + at + 8, file->length_size);
    file->objects[index] = at;
    at += index > 0 ? 16 + ((length + 7) & ~(uint64_t)7) : length;
  }
  file->heap = heap;
  file->heap_address = address;
  file->heap_size = size;
  return 0;
}

// The open file of an object, and where in it addresses are counted from.
static guarded_file *file_of(hid_t object, haddr_t *base) {
  guarded_file *found = NULL;
  hid_t file = H5Iget_file_id(object);
  if (file < 0) return NULL;
  hid_t access = H5Fget_access_plist(file), creation = H5Fget_create_plist(file);
  hsize_t block = 0;
  void *handle = NULL;
  if (access >= 0 && creation >= 0 && H5Pget_driver(access) == vx_driver_id() &&
      H5Pget_userblock(creation, &block) >= 0 && H5Fget_vfd_handle(file, access, &handle) >= 0)
    found = handle;
  if (access >= 0) H5Pclose(access);
  if (creation >= 0) H5Pclose(creation);
  H5Fclose(file);
  *base = block;
  return found;
}

char *vx_h5_referenced_text(hid_t object, const unsigned char *reference, size_t *length) {
  haddr_t base = 0;
  guarded_file *file = file_of(object, &base);
  uint64_t wanted = vx_decode(reference, 4), address = vx_decode(reference + 4, 8), index = vx_decode(reference + 12, 4);
  if (!file || index == 0 || index > 65535 || address > file->size || load_heap(file, address + base) != 0) return NULL;
  uint64_t at = file->objects[index];
  if (at == 0) return NULL;
  uint64_t stored = vx_decode(file->heap + at + 8, file->length_size);
  if (wanted > stored || stored > file->heap_size - at - 16) return NULL;
  char *text = malloc(wanted ? wanted : 1);
  if (!text) return NULL;
  memcpy(text, file->heap + at + 16, wanted);
  *length = wanted;
  return text;
}
