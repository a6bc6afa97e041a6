// Files whose writer has not closed them, or was killed: their superblock says so, and the library would refuse them.
#include "guarded_file.h"

#include <errno.h>

static uint32_t rotate(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

// The checksum of HDF5's metadata: lookup3 of Bob Jenkins (2006), by bytes, with an initial value of 0.
static uint32_t metadata_checksum(const unsigned char *bytes, size_t length) {
  uint32_t a = 0xdeadbeef + (uint32_t)length, b = a, c = a;
  while (length > 12) {
    a += (uint32_t)vx_decode(bytes, 4);
    b += (uint32_t)vx_decode(bytes + 4, 4);
    c += (uint32_t)vx_decode(bytes + 8, 4);
    a -= c, a ^= rotate(c, 4), c += b;
    b -= a, b ^= rotate(a, 6), a += c;
    c -= b, c ^= rotate(b, 8), b += a;
    a -= c, a ^= rotate(c, 16), c += b;
    b -= a, b ^= rotate(a, 19), a += c;
    c -= b, c ^= rotate(b, 4), b += a;
    bytes += 12;
    length -= 12;
  }
  if (length == 0) return c;
  unsigned char rest[12] = {0};
  memcpy(rest, bytes, length);
  a += (uint32_t)vx_decode(rest, 4);
  b += (uint32_t)vx_decode(rest + 4, 4);
  c += (uint32_t)vx_decode(rest + 8, 4);
  c ^= b, c -= rotate(b, 14);
  a ^= c, a -= rotate(c, 11);
  b ^= a, b -= rotate(a, 25);
  c ^= b, c -= rotate(b, 16);
  a ^= c, a -= rotate(c, 4);
  b ^= a, b -= rotate(a, 14);
  c ^= b, c -= rotate(b, 24);
  return c;
}

static void encode(unsigned char *bytes, uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; i++) bytes[i] = (unsigned char)(value >> (8 * i));
}

// Superblocks of versions 2 and 3 (format specification, II.B): signature 8, version 1, sizes of addresses and lengths 1 + 1,
// flags 1, addresses of the base, an extension, the end of the file and the root group, checksum 4. Flag 0 says that a writer has
// the file open, flag 2 that readers may read with it (SWMR).
void vx_note_superblock(guarded_file *file) {
  unsigned char *block = file->superblock;
  file->superblock_size = 0;
  unsigned char head[12];
  if (file->start + sizeof head > file->size || vx_read_fully(file, file->start, sizeof head, head) != 0) return;
  if (head[8] < 2 || (head[11] & 5) == 0) return;
  const unsigned width = file->offset_size;
  const size_t size = 12 + 4 * width + 4;
  if (file->start + size > file->size || vx_read_fully(file, file->start, size, block) != 0) return;
  if (metadata_checksum(block, size - 4) != vx_decode(block + size - 4, 4)) return;
  block[11] = (unsigned char)(block[11] & ~5);
  // The end that the writer noted is that of its last flush.
  encode(block + 12 + 2 * width, file->size - file->start, width);
  encode(block + size - 4, metadata_checksum(block, size - 4), 4);
  file->superblock_size = size;
}

void vx_show_closed(const guarded_file *file, haddr_t address, size_t size, unsigned char *buffer) {
  for (size_t i = 0; i < file->superblock_size; i++) {
    haddr_t place = file->start + i;
    if (place >= address && place - address < size) buffer[place - address] = file->superblock[i];
  }
}
