#include "CRegistrationKernels.h"
#include "CLanes.h"

#include <string.h>

typedef int64_t l8 __attribute__((ext_vector_type(8), aligned(8)));

// First of the two cells beside each place along an axis, and how far the place is beyond it.
INLINE void first_cell(const d8 *at, int32_t count, i8 *first, v8 *part) {
  const double last = (double)(count - 1);
  const int32_t most = count > 2 ? count - 2 : 0;
  d8 place = *at > 0.0 ? *at : (d8)(0.0);
  place = last < place ? (d8)(last) : place;
  const i8 cell = __builtin_convertvector(place, i8);
  *first = cell > most ? (i8)(most) : cell;
  *part = __builtin_convertvector(place - __builtin_convertvector(*first, d8), v8);
}

typedef float v16 __attribute__((ext_vector_type(16), aligned(4)));

// Values at some places and at those behind them, which are read together; of an axis of one cell twice the same.
INLINE void gather(const float *voxels, const i8 *places, int has_second, v8 *first, v8 *second) {
  if (!has_second) {
    for (int lane = 0; lane < 8; lane++) (*first)[lane] = voxels[(*places)[lane]];
    *second = *first;
    return;
  }
  d8 pairs;
  for (int lane = 0; lane < 8; lane++) {
    double pair;
    memcpy(&pair, voxels + (*places)[lane], sizeof pair);
    pairs[lane] = pair;
  }
  const v16 all = (v16)pairs;
  *first = __builtin_shufflevector(all, all, 0, 2, 4, 6, 8, 10, 12, 14);
  *second = __builtin_shufflevector(all, all, 1, 3, 5, 7, 9, 11, 13, 15);
}

CLONED void vrk_sample(const vrk_image *image, ptrdiff_t count, const double *places, ptrdiff_t points,
                       const double *offsets, const float *weights, float *sums) {
  const ptrdiff_t block = count + vrk_spare;
  const int32_t width = image->shape[0], height = image->shape[1], depth = image->shape[2];
  const double *low = image->low, *high = image->high;
  // To the second of two cells; an axis of one cell has none.
  const int32_t step_x = width > 1, step_y = height > 1 ? width : 0, step_z = depth > 1 ? height * width : 0;
  for (ptrdiff_t i = 0; i < count; i += 8) {
    const d8 at_x = *(const d8 *)(places + i), at_y = *(const d8 *)(places + block + i);
    const d8 at_z = *(const d8 *)(places + 2 * block + i);
    v8 sum[4] = {0};
    // Lanes that are still asked: -1.
    i8 asked = (i8)(-1);
    for (ptrdiff_t q = 0; q < points; q++) {
      const d8 px = at_x + offsets[3 * q], py = at_y + offsets[3 * q + 1], pz = at_z + offsets[3 * q + 2];
      const l8 within = (px >= low[0]) & (py >= low[1]) & (pz >= low[2]) & (px <= high[0]) & (py <= high[1]) &
                        (pz <= high[2]);
      const i8 inside = __builtin_convertvector(within, i8);
      const d8 none = (d8)(0.0);
      const d8 qx = within ? px : none, qy = within ? py : none, qz = within ? pz : none;
      i8 x, y, z;
      v8 fx, fy, fz;
      first_cell(&qx, width, &x, &fx);
      first_cell(&qy, height, &y, &fy);
      first_cell(&qz, depth, &z, &fz);
      const i8 r00 = (z * height + y) * width + x, r01 = r00 + step_y, r10 = r00 + step_z, r11 = r10 + step_y;
      v8 a, b, c, d, slope_a, slope_b, slope_c, slope_d;
      gather(image->voxels, &r00, step_x, &a, &slope_a);
      gather(image->voxels, &r01, step_x, &b, &slope_b);
      gather(image->voxels, &r10, step_x, &c, &slope_c);
      gather(image->voxels, &r11, step_x, &d, &slope_d);
      slope_a -= a;
      slope_b -= b;
      slope_c -= c;
      slope_d -= d;
      const v8 va = a + fx * slope_a, vb = b + fx * slope_b, vc = c + fx * slope_c, vd = d + fx * slope_d;
      const v8 dy0 = vb - va, dy1 = vd - vc;
      const v8 y0 = va + fy * dy0, y1 = vc + fy * dy1;
      const v8 x0 = slope_a + fy * (slope_b - slope_a), x1 = slope_c + fy * (slope_d - slope_c);
      const v8 weight = SPLAT(weights[q]);
      const v8 next[4] = {
          sum[0] + weight * (y0 + fz * (y1 - y0)), sum[1] + weight * (x0 + fz * (x1 - x0)),
          sum[2] + weight * (dy0 + fz * (dy1 - dy0)), sum[3] + weight * (y1 - y0)};
      const v8 missing = SPLAT(__builtin_nanf(""));
      for (int k = 0; k < 4; k++) {
        const v8 known = inside ? next[k] : missing;
        sum[k] = asked ? known : sum[k];
      }
      asked &= (sum[0] == sum[0]);
      if (!ANY(asked)) break;
    }
    const ptrdiff_t used = count - i < 8 ? count - i : 8;
    for (ptrdiff_t lane = 0; lane < used; lane++)
      for (int k = 0; k < 4; k++) sums[4 * (i + lane) + k] = sum[k][lane];
  }
}
