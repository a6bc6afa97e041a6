// A virtual file driver of HDF5 for reading. Metadata come to it one piece at a time, with their kind, before the
// library believes them.
#include "guarded_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ADDRESS (((haddr_t)1 << 62) - 1)

// What a piece of an object header holds.
typedef enum { HEADER_START, MESSAGES, MESSAGES_2, MESSAGES_2_ORDERED, REMAINDER } header_kind;

typedef struct {
  haddr_t address;  // 0: no entry
  header_kind kind;
} header_piece;

typedef struct {
  H5FD_t base;
  int descriptor;
  dev_t device;
  ino_t inode;
  haddr_t size;
  haddr_t end_of_allocated;
  // Bytes of a length and of an address in this file: 2, 4 or 8; and where addresses are counted from.
  unsigned length_size, offset_size;
  haddr_t start;
  // Pieces of object headers that are still to come, an open hash by address.
  header_piece *pieces;
  size_t piece_count, piece_capacity;
  // The collection of the global heap that was looked at last, and where in it each object begins (0: nowhere).
  unsigned char *heap;
  haddr_t heap_address;
  uint64_t heap_size;
  uint64_t *objects;
  // Bytes of collections that were read so far.
  uint64_t heap_bytes;
} guarded_file;

// Fills the buffer; what lies behind the end of the file is not read.
static int read_fully(const guarded_file *file, haddr_t address, size_t size, void *buffer) {
  size_t done = 0;
  while (done < size) {
    ssize_t got = pread(file->descriptor, (char *)buffer + done, size - done, (off_t)(address + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return -1;
    done += (size_t)got;
  }
  return 0;
}

static uint64_t decode(const unsigned char *bytes, unsigned size) {
  uint64_t value = 0;
  for (unsigned i = 0; i < size; i++) value |= (uint64_t)bytes[i] << (8 * i);
  return value;
}

// A collection of the global heap (HDF5 file format specification, III.E): the library walks its objects by their
// sizes, and goes round for ever where one is 0 or leads back.
static int is_sound_heap(const guarded_file *file, const unsigned char *heap, uint64_t size) {
  const uint64_t header = 16, object = 16;
  uint64_t at = header;
  while (at < size) {
    if (at + object > size) return 1;
    uint64_t index = decode(heap + at, 2);
    uint64_t length = decode(heap + at + 8, file->length_size);
    if (length > size - at) return 0;
    uint64_t need = index > 0 ? object + ((length + 7) & ~(uint64_t)7) : length;
    if (need < object || need > size - at) return 0;
    at += need;
  }
  return at == size;
}

static int check_heap(const guarded_file *file, haddr_t address, size_t size, const unsigned char *buffer) {
  if (size < 16 || memcmp(buffer, "GCOL\1\0\0", 8) != 0) return 0;
  uint64_t whole = decode(buffer + 8, file->length_size);
  if (whole < 16 || address > file->size || whole > file->size - address) return -1;
  if (whole <= size) return is_sound_heap(file, buffer, whole) ? 0 : -1;
  unsigned char *heap = malloc(whole);
  if (!heap) return -1;
  int sound = read_fully(file, address, whole, heap) == 0 && is_sound_heap(file, heap, whole);
  free(heap);
  return sound ? 0 : -1;
}

static header_piece *find_piece(const guarded_file *file, haddr_t address) {
  size_t at = (size_t)(address * 0x9E3779B97F4A7C15u >> 20) & (file->piece_capacity - 1);
  while (file->pieces[at].address != 0 && file->pieces[at].address != address) at = (at + 1) & (file->piece_capacity - 1);
  return &file->pieces[at];
}

static int note_piece(guarded_file *file, haddr_t address, header_kind kind) {
  if (2 * (file->piece_count + 1) > file->piece_capacity) {
    header_piece *old = file->pieces;
    size_t count = file->piece_capacity;
    file->piece_capacity = count ? 2 * count : 256;
    file->pieces = calloc(file->piece_capacity, sizeof *file->pieces);
    if (!file->pieces) {
      file->pieces = old;
      file->piece_capacity = count;
      return -1;
    }
    for (size_t i = 0; i < count; i++)
      if (old[i].address != 0) *find_piece(file, old[i].address) = old[i];
    free(old);
  }
  header_piece *piece = find_piece(file, address);
  if (piece->address == 0) file->piece_count++;
  piece->address = address;
  piece->kind = kind;
  return 0;
}

// Walks messages (format specification, IV.A) and notes where the header goes on. The library takes memory for a
// continuation before it looks whether the file is as long.
static int check_messages(guarded_file *file, header_kind kind, const unsigned char *bytes, size_t size) {
  const size_t head = kind == MESSAGES ? 8 : kind == MESSAGES_2 ? 4 : 6;
  for (size_t at = 0; at + head <= size;) {
    uint64_t type = decode(bytes + at, kind == MESSAGES ? 2 : 1);
    uint64_t length = decode(bytes + at + (kind == MESSAGES ? 2 : 1), 2);
    if (length > size - at - head) return 0;  // the library says so itself
    if (type == 0x10 && length >= file->offset_size + file->length_size) {
      haddr_t address = decode(bytes + at + head, file->offset_size) + file->start;
      uint64_t span = decode(bytes + at + head + file->offset_size, file->length_size);
      if (address > file->size || span > file->size - address) return -1;
      if (address != 0 && note_piece(file, address, kind) != 0) return -1;
    }
    at += head + length;
  }
  return 0;
}

// The first piece of an object header: the library believes the size that it claims.
static int check_header_start(guarded_file *file, haddr_t address, size_t size, const unsigned char *buffer) {
  size_t head = 16;
  uint64_t span = 0;
  header_kind kind = MESSAGES;
  if (size >= 16 && buffer[0] == 1 && buffer[1] == 0) {
    span = decode(buffer + 8, 4);
  } else if (size >= 16 && memcmp(buffer, "OHDR\2", 5) == 0) {
    unsigned flags = buffer[5];
    size_t place = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
    if (place + 8 > size) return 0;
    span = decode(buffer + place, 1u << (flags & 3));
    head = place + (1u << (flags & 3));
    kind = flags & 4 ? MESSAGES_2_ORDERED : MESSAGES_2;
  } else {
    return 0;
  }
  if (span > file->size - address) return -1;
  if (head + span <= size) return check_messages(file, kind, buffer + head, span);
  if (span > file->size - address - head) return -1;
  unsigned char *whole = malloc(span);
  if (!whole) return -1;
  int status = read_fully(file, address + head, span, whole) == 0 ? check_messages(file, kind, whole, span) : -1;
  free(whole);
  return status == 0 ? note_piece(file, address + size, REMAINDER) : -1;
}

static int check_header(guarded_file *file, haddr_t address, size_t size, const unsigned char *buffer) {
  const header_piece *piece = file->piece_capacity ? find_piece(file, address) : NULL;
  switch (piece && piece->address == address && address != 0 ? piece->kind : HEADER_START) {
  case HEADER_START: return check_header_start(file, address, size, buffer);
  case MESSAGES: return check_messages(file, MESSAGES, buffer, size);
  case MESSAGES_2:
  case MESSAGES_2_ORDERED:
    return size < 8 || memcmp(buffer, "OCHK", 4) != 0 ? 0 : check_messages(file, piece->kind, buffer + 4, size - 8);
  case REMAINDER: return 0;
  }
  return 0;
}

// The sizes of lengths and addresses from the superblock, which lies at 0, 512, 1024, ...
static int read_superblock(guarded_file *file) {
  static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
  for (haddr_t at = 0; at + 16 <= file->size && at <= (haddr_t)1 << 24; at = at ? 2 * at : 512) {
    unsigned char head[16];
    if (read_fully(file, at, sizeof head, head) != 0) return -1;
    if (memcmp(head, signature, 8) != 0) continue;
    unsigned offset = head[8] < 2 ? head[13] : head[9], length = head[8] < 2 ? head[14] : head[10];
    file->offset_size = offset;
    file->length_size = length;
    file->start = at;
    return (offset == 2 || offset == 4 || offset == 8) && (length == 2 || length == 4 || length == 8) ? 0 : -1;
  }
  return -1;
}

static H5FD_t *guarded_open(const char *name, unsigned flags, hid_t access, haddr_t most) {
  (void)access;
  if (!name || flags & H5F_ACC_RDWR || most == 0) return NULL;
  int descriptor = open(name, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return NULL;
  struct stat facts;
  guarded_file *file = NULL;
  if (fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode)) file = calloc(1, sizeof *file);
  if (!file) {
    close(descriptor);
    return NULL;
  }
  file->descriptor = descriptor;
  file->device = facts.st_dev;
  file->inode = facts.st_ino;
  file->size = (haddr_t)facts.st_size;
  if (read_superblock(file) != 0) {
    close(descriptor);
    free(file);
    return NULL;
  }
  return (H5FD_t *)file;
}

static herr_t guarded_close(H5FD_t *base) {
  guarded_file *file = (guarded_file *)base;
  close(file->descriptor);
  free(file->heap);
  free(file->objects);
  free(file->pieces);
  free(file);
  return 0;
}

// The owner itself, by which texts of variable length are read.
static herr_t guarded_get_handle(H5FD_t *base, hid_t access, void **handle) {
  (void)access;
  *handle = base;
  return 0;
}

static int guarded_compare(const H5FD_t *first, const H5FD_t *second) {
  const guarded_file *a = (const guarded_file *)first, *b = (const guarded_file *)second;
  if (a->device != b->device) return a->device < b->device ? -1 : 1;
  return a->inode == b->inode ? 0 : a->inode < b->inode ? -1 : 1;
}

// Without an accumulator of metadata every piece comes by itself, from its first byte on.
static herr_t guarded_query(const H5FD_t *base, unsigned long *flags) {
  (void)base;
  if (flags) *flags = H5FD_FEAT_DATA_SIEVE;
  return 0;
}

static haddr_t guarded_get_eoa(const H5FD_t *base, H5FD_mem_t type) {
  (void)type;
  return ((const guarded_file *)base)->end_of_allocated;
}

static herr_t guarded_set_eoa(H5FD_t *base, H5FD_mem_t type, haddr_t address) {
  (void)type;
  ((guarded_file *)base)->end_of_allocated = address;
  return 0;
}

static haddr_t guarded_get_eof(const H5FD_t *base, H5FD_mem_t type) {
  (void)type;
  return ((const guarded_file *)base)->size;
}

static herr_t guarded_read(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
                           void *buffer) {
  (void)transfer;
  guarded_file *file = (guarded_file *)base;
  if (address > file->size || size > file->size - address) return -1;
  if (read_fully(file, address, size, buffer) != 0) return -1;
  if (type == H5FD_MEM_OHDR) return check_header(file, address, size, buffer);
  // The library reads its global heap as it reads values of arrays; the eight bytes that a heap begins with tell it.
  return type == H5FD_MEM_DRAW || type == H5FD_MEM_GHEAP ? check_heap(file, address, size, buffer) : 0;
}

static herr_t guarded_write(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
                            const void *buffer) {
  (void)base, (void)type, (void)transfer, (void)address, (void)size, (void)buffer;
  return -1;
}

static const H5FD_class_t guarded_class = {
#if H5_VERSION_GE(1, 13, 1)
    .version = H5FD_CLASS_VERSION,
    .value = 600,
#endif
    .name = "guarded",
    .maxaddr = MAX_ADDRESS,
    .fc_degree = H5F_CLOSE_WEAK,
    .open = guarded_open,
    .close = guarded_close,
    .cmp = guarded_compare,
    .query = guarded_query,
    .get_eoa = guarded_get_eoa,
    .set_eoa = guarded_set_eoa,
    .get_eof = guarded_get_eof,
    .get_handle = guarded_get_handle,
    .read = guarded_read,
    .write = guarded_write,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

// Callers hold the lock of the library.
static hid_t driver_id(void) {
  static hid_t driver = -1;
  if (driver < 0) driver = H5FDregister(&guarded_class);
  return driver;
}

herr_t vx_h5_use_guarded_driver(hid_t access) {
  hid_t driver = driver_id();
  return driver < 0 ? -1 : H5Pset_driver(access, driver, NULL);
}

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
  if (read_fully(file, address, sizeof head, head) != 0 || memcmp(head, "GCOL\1", 5) != 0) return -1;
  uint64_t size = decode(head + 8, file->length_size);
  if (size < 16 || size > file->size - address) return -1;
  // A file that leads back and forth between large collections is not worth the time.
  file->heap_bytes += size;
  if (file->heap_bytes > 16 * file->size + ((uint64_t)64 << 20)) return -1;
  if (!file->objects) file->objects = malloc(65536 * sizeof *file->objects);
  unsigned char *heap = malloc(size);
  if (!heap || !file->objects || read_fully(file, address, size, heap) != 0 || !is_sound_heap(file, heap, size)) {
    free(heap);
    return -1;
  }
  memset(file->objects, 0, 65536 * sizeof *file->objects);
  for (uint64_t at = 16; at + 16 <= size;) {
    uint64_t index = decode(heap + at, 2);
    uint64_t length = decode(heap + at + 8, file->length_size);
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
  if (access >= 0 && creation >= 0 && H5Pget_driver(access) == driver_id() &&
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
  uint64_t wanted = decode(reference, 4), address = decode(reference + 4, 8), index = decode(reference + 12, 4);
  if (!file || index == 0 || index > 65535 || address > file->size || load_heap(file, address + base) != 0) return NULL;
  uint64_t at = file->objects[index];
  if (at == 0) return NULL;
  uint64_t stored = decode(file->heap + at + 8, file->length_size);
  if (wanted > stored || stored > file->heap_size - at - 16) return NULL;
  char *text = malloc(wanted ? wanted : 1);
  if (!text) return NULL;
  memcpy(text, file->heap + at + 16, wanted);
  *length = wanted;
  return text;
}
