#include "CRegistrationKernels.h"
#include "CLanes.h"

CLONED void vrk_multiply_conjugate(const float *a, const float *b, ptrdiff_t count, float *product) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const float re = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
    const float im = a[2 * i] * b[2 * i + 1] - a[2 * i + 1] * b[2 * i];
    product[2 * i] = re;
    product[2 * i + 1] = im;
  }
}

// Sums at the same shifts.
enum { voxels, fixed, moving, products, fixed_squares, moving_squares, rows };

// Eight shifts from `i` on.
INLINE void correlate(const float *const *sums, ptrdiff_t i, float least, float *correlations, float *overlaps) {
  const v8 a = LOAD(sums[fixed] + i), b = LOAD(sums[moving] + i);
  const v8 n = __builtin_elementwise_round(LOAD(sums[voxels] + i));
  const v8 left = LOAD(sums[fixed_squares] + i) - a * a / n, right = LOAD(sums[moving_squares] + i) - b * b / n;
  // A side that is constant over the overlap has a variance of rounding errors only.
  const i8 counts = (n >= least) & (left > 1e-3f * n) & (right > 1e-3f * n);
  const v8 r = (LOAD(sums[products] + i) - a * b / n) / __builtin_elementwise_sqrt(left * right);
  const v8 above = r >= -1.0f ? r : SPLAT(-1.0f);
  const v8 bounded = above < 1.0f ? above : SPLAT(1.0f);
  STORE(correlations + i, counts ? bounded : LOAD(correlations + i));
  STORE(overlaps + i, counts ? n : LOAD(overlaps + i));
}

CLONED void vrk_correlate(const float *overlap, const float *f, const float *g, const float *fg, const float *ff,
                          const float *gg, ptrdiff_t source, ptrdiff_t count, float least, float *correlations,
                          float *overlaps, ptrdiff_t target) {
  const float *sums[rows] = {overlap + source, f + source, g + source, fg + source, ff + source, gg + source};
  correlations += target;
  overlaps += target;
  ptrdiff_t i = 0;
  for (; i + 8 <= count; i += 8) correlate(sums, i, least, correlations, overlaps);
  if (i == count) return;
  // The last ones stand among zeros, which overlap nowhere.
  float last[rows + 2][8] = {{0}};
  const float *from[rows];
  for (int row = 0; row < rows; row++) {
    from[row] = last[row];
    for (ptrdiff_t k = i; k < count; k++) last[row][k - i] = sums[row][k];
  }
  for (ptrdiff_t k = i; k < count; k++) {
    last[rows][k - i] = correlations[k];
    last[rows + 1][k - i] = overlaps[k];
  }
  correlate(from, 0, least, last[rows], last[rows + 1]);
  for (ptrdiff_t k = i; k < count; k++) {
    correlations[k] = last[rows][k - i];
    overlaps[k] = last[rows + 1][k - i];
  }
}
