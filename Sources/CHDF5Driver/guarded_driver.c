// A virtual file driver of HDF5 for reading. Metadata come to it one piece at a time, with their kind, before the
// library believes them.
#include "guarded_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ADDRESS (((haddr_t)1 << 62) - 1)

// Fills the buffer; what lies behind the end of the file is not read.
int vx_read_fully(const guarded_file *file, haddr_t address, size_t size, void *buffer) {
  size_t done = 0;
  while (done < size) {
    ssize_t got = pread(file->descriptor, (char *)buffer + done, size - done, (off_t)(address + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return -1;
    done += (size_t)got;
  }
  return 0;
}

// A collection of the global heap (HDF5 file format specification, III.E): the library walks its objects by their
// sizes, and goes round for ever where one is 0 or leads back.
int vx_is_sound_heap(const guarded_file *file, const unsigned char *heap, uint64_t size) {
  const uint64_t header = 16, object = 16;
  uint64_t at = header;
  while (at < size) {
    if (at + object > size) return 1;
    uint64_t index = vx_decode(heap + at, 2);
    uint64_t length = vx_decode(heap + at + 8, file->length_size);
    if (length > size - at) return 0;
    uint64_t need = index > 0 ? object + ((length + 7) & ~(uint64_t)7) : length;
    if (need < object || need > size - at) return 0;
    at += need;
  }
  return at == size;
}

static int check_heap(const guarded_file *file, haddr_t address, size_t size, const unsigned char *buffer) {
  if (size < 16 || memcmp(buffer, "GCOL\1\0\0", 8) != 0) return 0;
  uint64_t whole = vx_decode(buffer + 8, file->length_size);
  if (whole < 16 || address > file->size || whole > file->size - address) return -1;
  if (whole <= size) return vx_is_sound_heap(file, buffer, whole) ? 0 : -1;
  unsigned char *heap = malloc(whole);
  if (!heap) return -1;
  int sound = vx_read_fully(file, address, whole, heap) == 0 && vx_is_sound_heap(file, heap, whole);
  free(heap);
  return sound ? 0 : -1;
}

// A local heap (format specification, III.D): the library takes memory for the data before it looks whether the file is
// as long, and follows the list of free blocks, each by its place and size, for ever where it leads back.
static int check_local_heap(const guarded_file *file, size_t size, const unsigned char *buffer) {
  const unsigned length = file->length_size;
  if (size < 8 + 2 * length + file->offset_size || memcmp(buffer, "HEAP\0\0\0", 8) != 0) return 0;
  uint64_t whole = vx_decode(buffer + 8, length), next = vx_decode(buffer + 8 + length, length);
  haddr_t address = vx_decode(buffer + 8 + 2 * length, file->offset_size) + file->start;
  if (whole == 0) return 0;
  if (address > file->size || whole > file->size - address) return -1;
  for (uint64_t blocks = 0; next != 1; blocks++) {
    unsigned char block[16];
    // Blocks do not overlap, so that no list has more of them than fit.
    if (blocks > whole / (2 * length) || whole < 2 * length || next > whole - 2 * length) return -1;
    if (vx_read_fully(file, address + next, 2 * length, block) != 0) return -1;
    if (vx_decode(block + length, length) > whole - next) return -1;
    next = vx_decode(block, length);
  }
  return 0;
}

// The sizes of lengths and addresses from the superblock, which lies at 0, 512, 1024, ...
static int read_superblock(guarded_file *file) {
  static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
  for (haddr_t at = 0; at + 16 <= file->size && at <= (haddr_t)1 << 24; at = at ? 2 * at : 512) {
    unsigned char head[16];
    if (vx_read_fully(file, at, sizeof head, head) != 0) return -1;
    if (memcmp(head, signature, 8) != 0) continue;
    unsigned offset = head[8] < 2 ? head[13] : head[9], length = head[8] < 2 ? head[14] : head[10];
    file->offset_size = offset;
    file->length_size = length;
    file->start = at;
    return (offset == 2 || offset == 4 || offset == 8) && (length == 2 || length == 4 || length == 8) ? 0 : -1;
  }
  return -1;
}

static int first_spare = -1;

// Numbers of files from this one on are left free. Callers hold the lock of the library.
void vx_h5_spare_descriptors_from(int first) { first_spare = first; }

static size_t most_raw = SIZE_MAX, last_raw = 0;

// Until it is told otherwise no piece of the values of arrays may be longer. Callers hold the lock of the library.
void vx_h5_limit_raw(size_t most) {
  most_raw = most;
  last_raw = 0;
}

size_t vx_h5_last_raw(void) { return last_raw; }

static H5FD_t *guarded_open(const char *name, unsigned flags, hid_t access, haddr_t most) {
  (void)access;
  if (!name || flags & H5F_ACC_RDWR || most == 0) return NULL;
  int descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return NULL;
  if (first_spare >= 0 && descriptor >= first_spare) {
    close(descriptor);
    errno = EMFILE;
    return NULL;
  }
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
  file->changed = facts.st_mtim;
  if (read_superblock(file) != 0) {
    close(descriptor);
    free(file);
    return NULL;
  }
  vx_note_superblock(file);
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
  if (a->inode != b->inode) return a->inode < b->inode ? -1 : 1;
  // A file that was written to since is another one: the library would show it with the lengths that it had.
  if (a->size != b->size) return a->size < b->size ? -1 : 1;
  if (a->changed.tv_sec != b->changed.tv_sec) return a->changed.tv_sec < b->changed.tv_sec ? -1 : 1;
  return a->changed.tv_nsec == b->changed.tv_nsec ? 0 : a->changed.tv_nsec < b->changed.tv_nsec ? -1 : 1;
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
  if (type == H5FD_MEM_DRAW) {
    last_raw = size;
    if (size > most_raw) return -1;
  }
  if (vx_read_fully(file, address, size, buffer) != 0) return -1;
  if (type == H5FD_MEM_SUPER) vx_show_closed(file, address, size, buffer);
  if (type == H5FD_MEM_OHDR) return vx_check_header(file, address, size, buffer);
  if (type == H5FD_MEM_LHEAP) return check_local_heap(file, size, buffer);
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
hid_t vx_driver_id(void) {
  static hid_t driver = -1;
  if (driver < 0) driver = H5FDregister(&guarded_class);
  return driver;
}

herr_t vx_h5_use_guarded_driver(hid_t access) {
  hid_t driver = vx_driver_id();
  return driver < 0 ? -1 : H5Pset_driver(access, driver, NULL);
}
