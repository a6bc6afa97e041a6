#pragma once
#include <zlib.h>

// zlib's initialisers are macros; 15 + 32 takes a zlib or a gzip header, 15 + 16 writes a gzip header.
static inline int vx_inflate_init(z_stream *stream) { return inflateInit2(stream, 15 + 32); }
static inline int vx_deflate_init(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
