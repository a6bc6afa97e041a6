#pragma once
// The open file of the guarded driver, for the files of this folder alone.
#include "guarded_driver.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

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
  struct timespec changed;
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
  // The superblock as it would be had the writer closed the file; no bytes where it did.
  unsigned char superblock[64];
  size_t superblock_size;
} guarded_file;

// Fills the buffer, or fails where the file ends before.
int vx_read_fully(const guarded_file *file, haddr_t address, size_t size, void *buffer);

// A little-endian number of 1 to 8 bytes.
static inline uint64_t vx_decode(const unsigned char *bytes, unsigned size) {
  uint64_t value = 0;
  for (unsigned i = 0; i < size; i++) value |= (uint64_t)bytes[i] << (8 * i);
  return value;
}

// Whether the objects of a collection of the global heap follow one another to its end.
int vx_is_sound_heap(const guarded_file *file, const unsigned char *heap, uint64_t size);

// 0 where the parts of a message of an object header end within it.
int vx_check_message(const guarded_file *file, unsigned type, const unsigned char *bytes, size_t length);

// 0 where a piece of an object header, or of what else lies in its kind of storage, may be given to the library.
int vx_check_header(guarded_file *file, haddr_t address, size_t size, const unsigned char *buffer);

// Looks whether the writer has closed the file.
void vx_note_superblock(guarded_file *file);

// Puts the superblock of a closed file over that of one that was left open.
void vx_show_closed(const guarded_file *file, haddr_t address, size_t size, unsigned char *buffer);

// The number of the driver; negative where it cannot be registered.
hid_t vx_driver_id(void);
