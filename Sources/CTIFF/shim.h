#pragma once
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <tiffio.h>
#include <unistd.h>

// A TIFF handle of libtiff over a descriptor that several handles share: each has a position and a
// message of its own, and nothing is ever printed.
typedef struct voxelith_tiff {
  TIFF *tiff;
  int descriptor;
  uint64_t size;
  uint64_t position;
  // The first thing that went wrong since the message was cleared.
  char message[320];
} voxelith_tiff;

static tmsize_t voxelith_tiff_read(thandle_t client, void *buffer, tmsize_t count) {
  voxelith_tiff *self = (voxelith_tiff *)client;
  tmsize_t done = 0;
  while (done < count) {
    ssize_t got = pread(self->descriptor, (char *)buffer + done, (size_t)(count - done), (off_t)(self->position));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    self->position += (uint64_t)got;
    done += got;
  }
  return done;
}

static tmsize_t voxelith_tiff_refuse(thandle_t client, void *buffer, tmsize_t count) {
  (void)client;
  (void)buffer;
  (void)count;
  return -1;
}

static toff_t voxelith_tiff_seek(thandle_t client, toff_t offset, int whence) {
  voxelith_tiff *self = (voxelith_tiff *)client;
  switch (whence) {
    case SEEK_CUR: self->position += offset; break;
    case SEEK_END: self->position = self->size + offset; break;
    default: self->position = offset; break;
  }
  return self->position;
}

static toff_t voxelith_tiff_size(thandle_t client) { return ((voxelith_tiff *)client)->size; }

static int voxelith_tiff_keep(thandle_t client) {
  (void)client;
  return 0;
}

static int voxelith_tiff_note(TIFF *tiff, void *user, const char *module, const char *format, va_list values) {
  (void)tiff;
  (void)module;
  voxelith_tiff *self = (voxelith_tiff *)user;
  if (self->message[0] == 0) vsnprintf(self->message, sizeof self->message, format, values);
  return 1;
}

static int voxelith_tiff_ignore(TIFF *tiff, void *user, const char *module, const char *format, va_list values) {
  (void)tiff;
  (void)user;
  (void)module;
  (void)format;
  (void)values;
  return 1;
}

// Returns null only for want of memory; `tiff` is null where the header is wrong.
static inline voxelith_tiff *voxelith_tiff_open(const char *name, int descriptor, uint64_t size, int64_t most) {
  voxelith_tiff *self = (voxelith_tiff *)calloc(1, sizeof(voxelith_tiff));
  if (self == NULL) return NULL;
  self->descriptor = descriptor;
  self->size = size;
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (options == NULL) {
    free(self);
    return NULL;
  }
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)most);
  TIFFOpenOptionsSetErrorHandlerExtR(options, voxelith_tiff_note, self);
  TIFFOpenOptionsSetWarningHandlerExtR(options, voxelith_tiff_ignore, self);
  // m: no memory map; a file that shrinks would end the process.
  self->tiff = TIFFClientOpenExt(
      name, "rm", (thandle_t)self, voxelith_tiff_read, voxelith_tiff_refuse, voxelith_tiff_seek,
      voxelith_tiff_keep, voxelith_tiff_size, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return self;
}

static inline void voxelith_tiff_close(voxelith_tiff *self) {
  if (self->tiff != NULL) TIFFClose(self->tiff);
  free(self);
}

// Variadic calls, one per type of value. The defaulted ones answer 0 where a tag has no default.

static inline uint16_t voxelith_tiff_short(voxelith_tiff *self, uint32_t tag) {
  uint16_t value = 0;
  return TIFFGetFieldDefaulted(self->tiff, tag, &value) ? value : 0;
}

static inline uint32_t voxelith_tiff_long(voxelith_tiff *self, uint32_t tag) {
  uint32_t value = 0;
  return TIFFGetFieldDefaulted(self->tiff, tag, &value) ? value : 0;
}

static inline const char *voxelith_tiff_text(voxelith_tiff *self, uint32_t tag) {
  const char *value = NULL;
  return TIFFGetField(self->tiff, tag, &value) ? value : NULL;
}

static inline int voxelith_tiff_has_ycbcr_subsampling(voxelith_tiff *self) {
  uint16_t horizontal = 1, vertical = 1;
  TIFFGetFieldDefaulted(self->tiff, TIFFTAG_YCBCRSUBSAMPLING, &horizontal, &vertical);
  return horizontal != 1 || vertical != 1;
}

// Makes the codecs that keep another colour space answer with plain samples.
static inline void voxelith_tiff_prefer_plain_samples(voxelith_tiff *self) {
  uint16_t compression = voxelith_tiff_short(self, TIFFTAG_COMPRESSION);
  uint16_t photometric = voxelith_tiff_short(self, TIFFTAG_PHOTOMETRIC);
  if (compression == COMPRESSION_JPEG && photometric == PHOTOMETRIC_YCBCR)
    TIFFSetField(self->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  if (compression == COMPRESSION_SGILOG || compression == COMPRESSION_SGILOG24)
    TIFFSetField(self->tiff, TIFFTAG_SGILOGDATAFMT, SGILOGDATAFMT_FLOAT);
}
