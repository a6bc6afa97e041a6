#include "CComptonKernels.h"
#include "CLanes.h"

#define WIDE(v) __builtin_convertvector(v, d8)

CLONED int32_t vck_pack(const float *counts, ptrdiff_t bins, float padding, float *packed, double *total) {
  v8 lowest = SPLAT(0), highest = SPLAT(0);
  i8 is_number = (i8)(-1);
  d8 sum = (d8)(0);
  const ptrdiff_t whole = bins & ~(ptrdiff_t)7;
  for (ptrdiff_t i = 0; i < whole; i += 8) {
    const v8 value = LOAD(counts + i);
    lowest = SMALLER(lowest, value);
    highest = LARGER(highest, value);
    is_number &= value == value;
    sum += WIDE(value);
    STORE(packed + i, value);
  }
  int32_t is_good = __builtin_reduce_and(is_number) != 0 && !ANY(lowest < 0) &&
                    !ANY(highest == __builtin_inff());
  if (whole < bins) {
    v8 value = SPLAT(padding);
    for (ptrdiff_t i = whole; i < bins; i++) {
      is_good = is_good && counts[i] >= 0 && counts[i] < __builtin_inff();
      value[i - whole] = counts[i];
    }
    sum += WIDE(value);
    STORE(packed + whole, value);
  }
  *total = SUM(sum);
  return is_good;
}

CLONED void vck_ratio(const float *counts, const float *known, const float *numerator,
                      const float *denominator, ptrdiff_t groups, double *sums) {
  v8 n = SPLAT(0), d = SPLAT(0), nn = SPLAT(0), nd = SPLAT(0), dd = SPLAT(0);
  for (ptrdiff_t i = 0; i < 8 * groups; i += 8) {
    const v8 wn = LOAD(numerator + i), wd = LOAD(denominator + i), count = LOAD(counts + i);
    const v8 net = count - LOAD(known + i);
    n += wn * net;
    d += wd * net;
    const v8 vn = wn * count;
    nn += vn * wn;
    nd += vn * wd;
    dd += wd * count * wd;
  }
  const v8 lanes[5] = {n, d, nn, nd, dd};
  for (int k = 0; k < 5; k++) {
    const d8 wide = WIDE(lanes[k]);
    sums[k] = SUM(wide);
  }
}

CLONED void vck_accumulate(const float *counts, ptrdiff_t groups, double *sums) {
  // 1.5 x 2^32: what is added to it keeps 20 bits behind the point.
  const double grid = 6442450944.0;
  for (ptrdiff_t i = 0; i < 8 * groups; i += 8) {
    d8 *sum = (d8 *)(sums + i);
    *sum += (WIDE(LOAD(counts + i)) + grid) - grid;
  }
}

CLONED void vck_totals(const float *counts, ptrdiff_t bins, ptrdiff_t voxels, float *totals) {
  for (ptrdiff_t voxel = 0; voxel < voxels; voxel++) {
    const float *own = counts + voxel * bins;
    d8 sum = (d8)(0);
    ptrdiff_t i = 0;
    for (; i + 8 <= bins; i += 8) sum += WIDE(LOAD(own + i));
    double total = SUM(sum);
    for (; i < bins; i++) total += (double)own[i];
    totals[voxel] = (float)total;
  }
}
