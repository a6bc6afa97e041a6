// Messages of an object header whose parts the library reads by the lengths that they claim: types, spaces, attributes
// (format specification, IV.A.2.d, b, m).
#include "guarded_file.h"

// What is left to read of a message.
typedef struct {
  const unsigned char *at;
  size_t left;
} message_rest;

static int skip(message_rest *rest, uint64_t count) {
  if (count > rest->left) return -1;
  rest->at += count;
  rest->left -= count;
  return 0;
}

// A name with its end, in steps of `step` bytes.
static int skip_name(message_rest *rest, size_t step) {
  const unsigned char *end = memchr(rest->at, 0, rest->left);
  if (!end) return -1;
  size_t length = (size_t)(end - rest->at) + 1;
  return skip(rest, (length + step - 1) / step * step);
}

// Passes a type and tells the bytes that one value takes. What the sizes in it say of one another must hold, since the
// library takes memory by one and copies by another.
static int skip_type(const guarded_file *file, message_rest *rest, unsigned depth, uint64_t *size);

// Members of a compound type: name, place and type of each, within its size.
static int skip_members(const guarded_file *file, message_rest *rest, unsigned version, uint64_t members, uint64_t size,
                        unsigned depth) {
  unsigned place = 4;
  if (version >= 3)
    for (place = 1; place < 8 && size >> (8 * place) != 0;) place++;
  for (uint64_t i = 0; i < members; i++) {
    if (skip_name(rest, version >= 3 ? 1 : 8) != 0) return -1;
    const unsigned char *head = rest->at;
    if (skip(rest, version == 1 ? 32 : place) != 0) return -1;
    uint64_t offset = vx_decode(head, place), each;
    if (skip_type(file, rest, depth + 1, &each) != 0) return -1;
    if (version == 1) {
      if (head[4] > 4) return -1;
      for (unsigned d = 0; d < head[4]; d++)
        if (__builtin_mul_overflow(each, vx_decode(head + 16 + 4 * d, 4), &each)) return -1;
    }
    if (offset > size || each > size - offset) return -1;
  }
  return 0;
}

// Sides of an array of which one takes `size` bytes, and the type of its elements.
static int skip_array(const guarded_file *file, message_rest *rest, unsigned version, uint64_t size, unsigned depth) {
  if (rest->left < 1) return -1;
  unsigned rank = rest->at[0];
  const unsigned char *sides = rest->at + (version >= 3 ? 1 : 4);
  if (skip(rest, version >= 3 ? 1 + 4 * rank : 4 + 8 * rank) != 0) return -1;
  uint64_t whole;
  if (skip_type(file, rest, depth + 1, &whole) != 0) return -1;
  for (unsigned i = 0; i < rank; i++)
    if (__builtin_mul_overflow(whole, vx_decode(sides + 4 * i, 4), &whole)) return -1;
  return whole == size ? 0 : -1;
}

static int skip_type(const guarded_file *file, message_rest *rest, unsigned depth, uint64_t *size) {
  if (depth > 32 || rest->left < 8) return -1;
  unsigned version = rest->at[0] >> 4, class = rest->at[0] & 15;
  uint64_t bits = vx_decode(rest->at + 1, 3), base;
  *size = vx_decode(rest->at + 4, 4);
  if (version < 1 || version > 4 || skip(rest, 8) != 0) return -1;
  switch (class) {
  case 0:  // integer
  case 4:  // bit field
    return skip(rest, 4);
  case 1: return skip(rest, 12);  // floating point
  case 2: return skip(rest, 2);   // time
  case 3:                         // text
  case 7:                         // reference
    return 0;
  case 5: return skip(rest, bits & 0xFF);  // opaque, with a tag
  case 6: return skip_members(file, rest, version, bits & 0xFFFF, *size, depth);
  case 8: {  // enumeration: type, names, values
    uint64_t members = bits & 0xFFFF;
    if (skip_type(file, rest, depth + 1, &base) != 0 || base != *size) return -1;
    for (uint64_t i = 0; i < members; i++)
      if (skip_name(rest, version >= 3 ? 1 : 8) != 0) return -1;
    return skip(rest, members * base);
  }
  case 9:  // variable length: a length, an address and an index
    return *size == 8 + file->offset_size ? skip_type(file, rest, depth + 1, &base) : -1;
  case 10: return skip_array(file, rest, version, *size, depth);
  default: return -1;
  }
}

// The number of elements of a space; UINT64_MAX where it is too large for any message.
static int skip_space(const guarded_file *file, message_rest *rest, uint64_t *count) {
  if (rest->left < 4) return -1;
  unsigned version = rest->at[0], rank = rest->at[1], flags = rest->at[2], kind = rest->at[3];
  if (version < 1 || version > 2 || rank > 32 || skip(rest, version == 1 ? 8 : 4) != 0) return -1;
  *count = version == 2 && kind == 2 ? 0 : 1;
  const unsigned char *sides = rest->at;
  if (skip(rest, (uint64_t)rank * file->length_size * (flags & 1 ? 2 : 1)) != 0) return -1;
  for (unsigned i = 0; i < rank; i++)
    if (__builtin_mul_overflow(*count, vx_decode(sides + i * file->length_size, file->length_size), count))
      *count = UINT64_MAX;
  return 0;
}

// A part of an attribute with the length that it claims, which stands in steps of `step` bytes.
static int take_part(message_rest *rest, uint64_t length, uint64_t step, message_rest *part) {
  *part = (message_rest){rest->at, length};
  return skip(rest, (length + step - 1) / step * step);
}

static int check_attribute(const guarded_file *file, message_rest rest) {
  if (rest.left < 8) return -1;
  unsigned version = rest.at[0], flags = version > 1 ? rest.at[1] : 0;
  uint64_t name_length = vx_decode(rest.at + 2, 2), type_length = vx_decode(rest.at + 4, 2),
           space_length = vx_decode(rest.at + 6, 2);
  if (version < 1 || version > 3 || skip(&rest, version == 3 ? 9 : 8) != 0) return -1;
  const uint64_t step = version == 1 ? 8 : 1;
  message_rest name, type, space;
  if (take_part(&rest, name_length, step, &name) != 0 || !memchr(name.at, 0, name.left)) return -1;
  if (take_part(&rest, type_length, step, &type) != 0 || take_part(&rest, space_length, step, &space) != 0) return -1;
  uint64_t count = 0, size = 0, bytes = 0;
  const int shares_type = flags & 1, shares_space = flags & 2;
  if (!shares_type && skip_type(file, &type, 0, &size) != 0) return -1;
  if (!shares_space && skip_space(file, &space, &count) != 0) return -1;
  if (shares_type || shares_space) return 0;
  return __builtin_mul_overflow(count, size, &bytes) || bytes > rest.left ? -1 : 0;
}

int vx_check_message(const guarded_file *file, unsigned type, const unsigned char *bytes, size_t length) {
  message_rest rest = {bytes, length};
  uint64_t count, size;
  switch (type) {
  case 0x01: return skip_space(file, &rest, &count);
  case 0x03: return skip_type(file, &rest, 0, &size);
  case 0x0C: return check_attribute(file, rest);
  default: return 0;
  }
}
