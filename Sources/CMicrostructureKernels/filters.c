#include "vectors.h"

// Eight output rows at once, so that each row that is read serves all of them: the first rows reach
// the first outputs only and the last rows the last ones. Every output sums its rows in order.
enum { group = 8 };

#define UNROLL _Pragma("clang loop unroll(full)")

#define FILTER_GROUP(load)                                                                     \
  do {                                                                                         \
    v8 sum[group];                                                                             \
    UNROLL for (int j = 0; j < group; j++) sum[j] = (v8){0};                                   \
    ptrdiff_t r;                                                                               \
    UNROLL for (int head = 0; head < group - 1; head++) {                                      \
      r = head;                                                                                \
      const v8 value = (load);                                                                 \
      UNROLL for (int j = 0; j < group; j++) if (j <= head) sum[j] += weights[head - j] * value; \
    }                                                                                          \
    for (r = group - 1; r < taps; r++) {                                                       \
      const v8 value = (load);                                                                 \
      const float *w = weights + r;                                                            \
      UNROLL for (int j = 0; j < group; j++) sum[j] += w[-j] * value;                          \
    }                                                                                          \
    UNROLL for (int tail = 0; tail < group - 1; tail++) {                                      \
      r = taps + tail;                                                                         \
      const v8 value = (load);                                                                 \
      const float *w = weights + r;                                                            \
      UNROLL for (int j = 0; j < group; j++) if (j > tail) sum[j] += w[-j] * value;            \
    }                                                                                          \
    UNROLL for (int j = 0; j < group; j++) STORE(target + j * out_stride + x, sum[j]);         \
  } while (0)

#define FILTER_SINGLE(load)                               \
  do {                                                    \
    v8 sum = {0};                                         \
    for (ptrdiff_t r = 0; r < taps; r++) {                \
      const v8 value = (load);                            \
      sum += weights[r] * value;                          \
    }                                                     \
    STORE(target + x, sum);                               \
  } while (0)

// Columns per strip: the rows of a strip, all components, stay in the first-level cache.
enum { strip = 32 };

// The rows of the next strip lie too far apart for the processor to foresee, so each square asks for
// its continuation.
static inline __attribute__((always_inline)) void fetch_ahead(const float *row) {
  __builtin_prefetch(row + strip, 0, 3);
}

CLONED void vmk_filter_columns(const float *in, const ptrdiff_t *offsets, const float *weights,
                               ptrdiff_t taps, ptrdiff_t outputs, ptrdiff_t width, float *out,
                               ptrdiff_t out_stride) {
  ptrdiff_t j0 = 0;
  for (; j0 + group <= outputs && taps >= group - 1; j0 += group) {
    const ptrdiff_t *rows = offsets + j0;
    float *target = out + j0 * out_stride;
    for (ptrdiff_t x = 0; x < width; x += 8) 
      FILTER_GROUP((fetch_ahead(in + rows[r] + x), LOAD(in + rows[r] + x)));
  }
  for (; j0 < outputs; j0++) {
    const ptrdiff_t *rows = offsets + j0;
    float *target = out + j0 * out_stride;
    for (ptrdiff_t x = 0; x < width; x += 8) FILTER_SINGLE(LOAD(in + rows[r] + x));
  }
}

CLONED void vmk_filter_columns_pair(const float *in, const ptrdiff_t *offsets, const float *first,
                                    const float *second, ptrdiff_t taps, ptrdiff_t width,
                                    float *first_out, float *second_out) {
  for (ptrdiff_t x = 0; x < width; x += 8) {
    v8 a = {0}, b = {0};
    for (ptrdiff_t r = 0; r < taps; r++) {
      const v8 value = LOAD(in + offsets[r] + x);
      a += first[r] * value;
      b += second[r] * value;
    }
    STORE(first_out + x, a);
    STORE(second_out + x, b);
  }
}

CLONED void vmk_filter_products(const float *in, const ptrdiff_t *offsets,
                                ptrdiff_t component_stride, const float *weights, ptrdiff_t taps,
                                ptrdiff_t outputs, ptrdiff_t width, float *out,
                                ptrdiff_t out_stride, ptrdiff_t out_component_stride) {
  static const int8_t left[6] = {0, 1, 2, 0, 0, 1}, right[6] = {0, 1, 2, 1, 2, 2};
  for (ptrdiff_t x0 = 0; x0 < width; x0 += strip) {
    const ptrdiff_t x1 = x0 + strip < width ? x0 + strip : width;
    for (int c = 0; c < 6; c++) {
      const float *a = in + left[c] * component_stride;
      const float *b = in + right[c] * component_stride;
      ptrdiff_t j0 = 0;
      for (; j0 + group <= outputs && taps >= group - 1; j0 += group) {
        const ptrdiff_t *rows = offsets + j0;
        float *target = out + c * out_component_stride + j0 * out_stride;
        if (c < 3) {
          for (ptrdiff_t x = x0; x < x1; x += 8)
            FILTER_GROUP((fetch_ahead(a + rows[r] + x), LOAD(a + rows[r] + x) * LOAD(a + rows[r] + x)));
        } else {
          for (ptrdiff_t x = x0; x < x1; x += 8)
            FILTER_GROUP(LOAD(a + rows[r] + x) * LOAD(b + rows[r] + x));
        }
      }
      for (; j0 < outputs; j0++) {
        const ptrdiff_t *rows = offsets + j0;
        float *target = out + c * out_component_stride + j0 * out_stride;
        for (ptrdiff_t x = x0; x < x1; x += 8)
          FILTER_SINGLE(LOAD(a + rows[r] + x) * LOAD(b + rows[r] + x));
      }
    }
  }
}

// Sums of `vectors` times eight neighbouring values.
#define ROW(vectors)                                                                                        \
  do {                                                                                                      \
    v8 sum[vectors];                                                                                        \
    UNROLL for (int j = 0; j < vectors; j++) sum[j] = SPLAT(0);                                             \
    for (ptrdiff_t k = 0; k < taps; k++) {                                                                  \
      const v8 w = SPLAT(weights[k]);                                                                       \
      UNROLL for (int j = 0; j < vectors; j++) sum[j] += w * LOAD(in + x + k + 8 * j);                      \
    }                                                                                                       \
    UNROLL for (int j = 0; j < vectors; j++) STORE(out + x + 8 * j, sum[j]);                                \
  } while (0)

CLONED void vmk_filter_row(const float *in, const float *weights, ptrdiff_t taps, ptrdiff_t width,
                           ptrdiff_t step, float *out) {
  if (step != 1) {
    for (ptrdiff_t i = 0; i < width; i++) {
      float sum = 0;
      for (ptrdiff_t k = 0; k < taps; k++) sum += weights[k] * in[i * step + k];
      out[i] = sum;
    }
    return;
  }
  ptrdiff_t x = 0;
  for (; x + 32 <= width; x += 32) ROW(4);
  // What is left side by side, so that no sum waits for itself.
  if (x + 24 < width) {
    ROW(4);
  } else if (x + 16 < width) {
    ROW(3);
  } else if (x + 8 < width) {
    ROW(2);
  } else if (x < width) {
    ROW(1);
  }
}
