#pragma once
#include <stdint.h>
#include <string.h>
#include <zlib.h>

// The initialisers of zlib are macros. A window of 15 + 32 bits tells zlib and gzip apart by their first bytes.
static inline int czlib_begin_inflate(z_stream *stream) {
  memset(stream, 0, sizeof *stream);
  return inflateInit2(stream, 15 + 32);
}

static inline int czlib_begin_deflate(z_stream *stream, int level, int is_gzip) {
  memset(stream, 0, sizeof *stream);
  return deflateInit2(stream, level, Z_DEFLATED, is_gzip ? 15 + 16 : 15, 8, Z_DEFAULT_STRATEGY);
}
