#include "CVolumetryKernels.h"
#include "CLanes.h"

// Sums of `vectors` times eight values, which stay in registers over all taps.
#define FILTER(vectors)                                                                                 \
  do {                                                                                                  \
    v8 sum[vectors];                                                                                    \
    _Pragma("clang loop unroll(full)") for (int j = 0; j < vectors; j++) sum[j] = SPLAT(0);             \
    for (ptrdiff_t k = 0; k < taps; k++) {                                                              \
      const float *row = in + offsets[k] + x;                                                           \
      const v8 weight = SPLAT(weights[k]);                                                              \
      _Pragma("clang loop unroll(full)") for (int j = 0; j < vectors; j++) sum[j] += weight * LOAD(row + 8 * j); \
    }                                                                                                   \
    _Pragma("clang loop unroll(full)") for (int j = 0; j < vectors; j++) STORE(out + x + 8 * j, sum[j]); \
  } while (0)

CLONED void vvk_filter_rows(const float *in, const ptrdiff_t *offsets, const float *weights, ptrdiff_t taps, ptrdiff_t width,
                            float *out) {
  ptrdiff_t x = 0;
  for (; x + 64 <= width; x += 64) FILTER(8);
  for (; x + 16 <= width; x += 16) FILTER(2);
  for (; x + 8 <= width; x += 8) FILTER(1);
  if (x < width && width >= 8) {
    // The last eight, some of them once more.
    x = width - 8;
    FILTER(1);
    return;
  }
  for (; x < width; x++) {
    float sum = 0;
    for (ptrdiff_t k = 0; k < taps; k++) sum += weights[k] * in[offsets[k] + x];
    out[x] = sum;
  }
}
