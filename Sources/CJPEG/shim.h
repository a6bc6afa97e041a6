#pragma once
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

/* What is known of a picture, and where messages go. */
typedef struct {
  unsigned width, height;
  int samples;
  char message[JMSG_LENGTH_MAX];
} cjpeg_picture;

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf escape;
  cjpeg_picture *picture;
} cjpeg_errors;

static inline void cjpeg_fail(j_common_ptr info) {
  cjpeg_errors *errors = (cjpeg_errors *)info->err;
  errors->base.format_message(info, errors->picture->message);
  longjmp(errors->escape, 1);
}

static inline void cjpeg_be_silent(j_common_ptr info) { (void)info; }

/* A picture of very many passes takes very long to decode. */
static inline void cjpeg_watch(j_common_ptr info) {
  if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > 500) {
    cjpeg_errors *errors = (cjpeg_errors *)info->err;
    snprintf(errors->picture->message, sizeof errors->picture->message, "more than 500 scans");
    longjmp(errors->escape, 1);
  }
}

/* Reads the header, and the pixels where `pixels` is not NULL: `capacity` bytes, which must be width x height x samples.
   Working memory stays below `memory` bytes. Answers 1 on success; a picture that is damaged in part is a failure. */
static inline int cjpeg_read(
    cjpeg_picture *picture, const unsigned char *bytes, size_t count, unsigned char *pixels, size_t capacity,
    long memory) {
  struct jpeg_decompress_struct info;
  cjpeg_errors errors;
  struct jpeg_progress_mgr progress;
  memset(picture, 0, sizeof *picture);
  memset(&info, 0, sizeof info);
  memset(&progress, 0, sizeof progress);
  info.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = cjpeg_fail;
  errors.base.output_message = cjpeg_be_silent;
  errors.picture = picture;
  if (setjmp(errors.escape)) {
    jpeg_destroy_decompress(&info);
    return 0;
  }
  jpeg_create_decompress(&info);
  progress.progress_monitor = cjpeg_watch;
  info.progress = &progress;
  info.mem->max_memory_to_use = memory;
  jpeg_mem_src(&info, (unsigned char *)bytes, (unsigned long)count);
  jpeg_read_header(&info, TRUE);
  info.out_color_space = info.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
  picture->width = info.image_width;
  picture->height = info.image_height;
  picture->samples = info.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
  if (pixels) {
    size_t row = (size_t)picture->width * (size_t)picture->samples;
    jpeg_start_decompress(&info);
    if (info.output_width != picture->width || info.output_height != picture->height ||
        info.output_components != picture->samples || capacity != row * picture->height) {
      snprintf(picture->message, sizeof picture->message, "the sizes in the header do not agree");
      jpeg_destroy_decompress(&info);
      return 0;
    }
    while (info.output_scanline < info.output_height) {
      JSAMPROW line = pixels + row * info.output_scanline;
      jpeg_read_scanlines(&info, &line, 1);
    }
    jpeg_finish_decompress(&info);
    if (errors.base.num_warnings > 0) {
      errors.base.format_message((j_common_ptr)&info, picture->message);
      jpeg_destroy_decompress(&info);
      return 0;
    }
  }
  jpeg_destroy_decompress(&info);
  return 1;
}
