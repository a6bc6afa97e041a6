#pragma once
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Growing memory that libpng writes to, and where its error messages go. */
typedef struct {
  unsigned char *bytes;
  size_t count, capacity;
  char message[160];
} cpng_output;

static inline void cpng_fail(png_structp png, png_const_charp text) {
  cpng_output *output = (cpng_output *)png_get_error_ptr(png);
  snprintf(output->message, sizeof output->message, "%s", text);
  longjmp(png_jmpbuf(png), 1);
}

static inline void cpng_warn(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static inline void cpng_append(png_structp png, png_bytep bytes, size_t count) {
  cpng_output *output = (cpng_output *)png_get_io_ptr(png);
  if (output->count + count > output->capacity) {
    size_t capacity = 2 * (output->count + count) + 4096;
    unsigned char *grown = (unsigned char *)realloc(output->bytes, capacity);
    if (!grown) png_error(png, "out of memory");
    output->bytes = grown;
    output->capacity = capacity;
  }
  memcpy(output->bytes + output->count, bytes, count);
  output->count += count;
}

static inline void cpng_flush(png_structp png) { (void)png; }

/* Writes a picture; the rows are in the machine's byte order. `pixelsPerMetre` 0 leaves the size unknown.
   Keys and texts may be empty. Answers 1 on success; output->bytes belongs to the caller, who frees it. */
static inline int cpng_write(
    cpng_output *output, const unsigned char *pixels, unsigned width, unsigned height, int depth, int colorType,
    unsigned pixelsPerMetreX, unsigned pixelsPerMetreY, const char *title, const char *description) {
  memset(output, 0, sizeof *output);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, output, cpng_fail, cpng_warn);
  if (!png) return 0;
  png_infop info = png_create_info_struct(png);
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    return 0;
  }
  png_set_write_fn(png, output, cpng_append, cpng_flush);
  png_set_IHDR(png, info, width, height, depth, colorType, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (pixelsPerMetreX) png_set_pHYs(png, info, pixelsPerMetreX, pixelsPerMetreY, PNG_RESOLUTION_METER);
  if (colorType != PNG_COLOR_TYPE_GRAY) {
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    // Figures are flat areas: the best of all filters, row by row, takes as long as the packing and saves nothing.
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
  }
  png_text texts[2];
  memset(texts, 0, sizeof texts);
  int count = 0;
  const char *keys[2] = {"Title", "Description"};
  const char *values[2] = {title, description};
  for (int i = 0; i < 2; i++) {
    if (!values[i] || !values[i][0]) continue;
    texts[count].compression = PNG_ITXT_COMPRESSION_NONE;
    texts[count].key = (png_charp)keys[i];
    texts[count].text = (png_charp)values[i];
    texts[count].itxt_length = strlen(values[i]);
    count++;
  }
  if (count) png_set_text(png, info, texts, count);
  png_write_info(png, info);
  if (depth == 16) png_set_swap(png);
  size_t channels = png_get_channels(png, info);
  size_t stride = (size_t)width * channels * (size_t)(depth / 8);
  for (unsigned y = 0; y < height; y++) png_write_row(png, pixels + y * stride);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return 1;
}

/* A picture in memory that is read, what is known of it, and where error messages go. */
typedef struct {
  const unsigned char *bytes;
  size_t count, at;
  unsigned width, height;
  int depth, samples, hasPalette;
  char message[160];
} cpng_input;

static inline void cpng_fail_reading(png_structp png, png_const_charp text) {
  cpng_input *input = (cpng_input *)png_get_error_ptr(png);
  snprintf(input->message, sizeof input->message, "%s", text);
  longjmp(png_jmpbuf(png), 1);
}

static inline void cpng_fetch(png_structp png, png_bytep bytes, size_t count) {
  cpng_input *input = (cpng_input *)png_get_io_ptr(png);
  if (count > input->count - input->at) png_error(png, "the file ends early");
  memcpy(bytes, input->bytes + input->at, count);
  input->at += count;
}

/* Reads the header, and the pixels where `pixels` is not NULL: `capacity` bytes, which must be width x height x samples x
   bytes of a sample, in the machine's byte order. Samples of 1, 2 and 4 bits come as bytes with their own values. `rows` are
   `height` pointers for the use of this function. Answers 1 on success. */
static inline int cpng_read(cpng_input *input, unsigned char *pixels, size_t capacity, unsigned char **rows) {
  input->at = 0;
  input->message[0] = 0;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, input, cpng_fail_reading, cpng_warn);
  if (!png) return 0;
  png_infop info = png_create_info_struct(png);
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return 0;
  }
  png_set_read_fn(png, input, cpng_fetch);
  png_set_user_limits(png, 1u << 20, 1u << 20);
  png_set_chunk_malloc_max(png, 8u << 20);
  png_set_chunk_cache_max(png, 64);
  png_read_info(png, info);
  input->width = png_get_image_width(png, info);
  input->height = png_get_image_height(png, info);
  input->depth = png_get_bit_depth(png, info);
  input->samples = png_get_channels(png, info);
  input->hasPalette = png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE;
  if (pixels) {
    if (input->depth < 8) png_set_packing(png);
    if (input->depth == 16) png_set_swap(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t row = png_get_rowbytes(png, info);
    if (capacity != row * input->height) png_error(png, "the sizes in the header do not agree");
    for (unsigned y = 0; y < input->height; y++) rows[y] = pixels + row * y;
    png_read_image(png, rows);
    png_read_end(png, NULL);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}
