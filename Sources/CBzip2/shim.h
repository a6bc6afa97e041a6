#pragma once
#include <bzlib.h>
#include <string.h>

// Zero for the allocators means those of the C library.
static inline int cbzip2_begin(bz_stream *stream) {
  memset(stream, 0, sizeof *stream);
  return BZ2_bzDecompressInit(stream, 0, 0);
}
