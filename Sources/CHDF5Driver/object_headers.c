// Object headers as the guarded driver lets them pass.
#include "guarded_file.h"

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
    uint64_t type = vx_decode(bytes + at, kind == MESSAGES ? 2 : 1);
    uint64_t length = vx_decode(bytes + at + (kind == MESSAGES ? 2 : 1), 2);
    if (length > size - at - head) return 0;  // the library says so itself
    // A shared message holds only the place of another.
    const int is_shared = bytes[at + (kind == MESSAGES ? 4 : 3)] & 2;
    if (!is_shared && vx_check_message(file, (unsigned)type, bytes + at + head, length) != 0) return -1;
    if (type == 0x10) {
      // The library reads address and size whatever length the message claims.
      if (length < (uint64_t)file->offset_size + file->length_size) return -1;
      haddr_t address = vx_decode(bytes + at + head, file->offset_size) + file->start;
      uint64_t span = vx_decode(bytes + at + head + file->offset_size, file->length_size);
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
    span = vx_decode(buffer + 8, 4);
  } else if (size >= 16 && memcmp(buffer, "OHDR\2", 5) == 0) {
    unsigned flags = buffer[5];
    size_t place = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
    if (place + 8 > size) return 0;
    span = vx_decode(buffer + place, 1u << (flags & 3));
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
  int status = vx_read_fully(file, address + head, span, whole) == 0 ? check_messages(file, kind, whole, span) : -1;
  free(whole);
  return status == 0 ? note_piece(file, address + size, REMAINDER) : -1;
}

int vx_check_header(guarded_file *file, haddr_t address, size_t size, const unsigned char *buffer) {
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
