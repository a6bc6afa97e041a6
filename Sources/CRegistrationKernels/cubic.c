#include "CRegistrationKernels.h"
#include "CLanes.h"

typedef float v4 __attribute__((ext_vector_type(4), aligned(4)));

#define LOAD4(p) (*(const v4 *)(p))

// Kernel of Catmull and Rom: weights of four neighbours at a fraction of a cell, and their derivatives.
INLINE v4 cubic_weights(float t) {
  const float t2 = t * t, t3 = t2 * t;
  return (v4){-0.5f * t3 + t2 - 0.5f * t, 1.5f * t3 - 2.5f * t2 + 1.0f, -1.5f * t3 + 2.0f * t2 + 0.5f * t,
              0.5f * t3 - 0.5f * t2};
}

INLINE v4 cubic_slopes(float t) {
  const float t2 = t * t;
  return (v4){-1.5f * t2 + 2.0f * t - 0.5f, 4.5f * t2 - 5.0f * t, -4.5f * t2 + 4.0f * t + 0.5f, 1.5f * t2 - t};
}

INLINE ptrdiff_t first_of_two(double at, ptrdiff_t count, float *part) {
  const double last = (double)(count - 1);
  double place = at > 0.0 ? at : 0.0;
  place = last < place ? last : place;
  const ptrdiff_t most = count > 2 ? count - 2 : 0, cell = (ptrdiff_t)place;
  const ptrdiff_t first = cell > most ? most : cell;
  *part = (float)(place - (double)first);
  return first;
}

// Value and slopes along x, y, z between eight cells; not a number outside.
INLINE v4 linear_at(const vrk_image *image, double x, double y, double z) {
  const double *low = image->low, *high = image->high;
  if (!(x >= low[0] && y >= low[1] && z >= low[2] && x <= high[0] && y <= high[1] && z <= high[2]))
    return (v4)(__builtin_nanf(""));
  const ptrdiff_t width = image->shape[0], height = image->shape[1], depth = image->shape[2];
  float fx, fy, fz;
  const ptrdiff_t x0 = first_of_two(x, width, &fx), y0 = first_of_two(y, height, &fy), z0 = first_of_two(z, depth, &fz);
  const ptrdiff_t step_x = width > 1 ? 1 : 0, step_y = height > 1 ? width : 0, step_z = depth > 1 ? height * width : 0;
  const float *a = image->voxels + (z0 * height + y0) * width + x0, *b = a + step_z;
  const v4 left = {a[0], a[step_y], b[0], b[step_y]};
  const v4 right = {a[step_x], a[step_y + step_x], b[step_x], b[step_y + step_x]};
  const v4 slope = right - left;
  const v4 value = left + fx * slope;
  const float dy0 = value.y - value.x, dy1 = value.w - value.z;
  const float vy0 = value.x + fy * dy0, vy1 = value.z + fy * dy1;
  const float sx0 = slope.x + fy * (slope.y - slope.x), sx1 = slope.z + fy * (slope.w - slope.z);
  return (v4){vy0 + fz * (vy1 - vy0), sx0 + fz * (sx1 - sx0), dy0 + fz * (dy1 - dy0), vy1 - vy0};
}

// The same between 64 cells; linear at the border and beside missing cells.
INLINE v4 cubic_at(const vrk_image *image, double px, double py, double pz) {
  const ptrdiff_t width = image->shape[0], height = image->shape[1], depth = image->shape[2];
  const double x = __builtin_floor(px), y = __builtin_floor(py), z = __builtin_floor(pz);
  if (!(x >= 1 && y >= 1 && z >= 1 && x + 2 < (double)width && y + 2 < (double)height && z + 2 < (double)depth))
    return linear_at(image, px, py, pz);
  const float *first = image->voxels + (((ptrdiff_t)z - 1) * height + (ptrdiff_t)y - 1) * width + (ptrdiff_t)x - 1;
  const float tx = (float)(px - x), ty = (float)(py - y), tz = (float)(pz - z);
  const v4 wx = cubic_weights(tx), sx = cubic_slopes(tx);
  const v4 wy = cubic_weights(ty), sy = cubic_slopes(ty);
  const v4 wz = cubic_weights(tz), sz = cubic_slopes(tz);
  // Lower lanes: values; upper lanes: slopes along y.
  v8 both = SPLAT(0);
  v4 along_z = (v4)(0.0f);
#pragma clang loop unroll(full)
  for (int k = 0; k < 4; k++) {
    v8 plane = SPLAT(0);
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      const v4 four = LOAD4(first + (k * height + j) * width);
      const v8 twice = __builtin_shufflevector(four, four, 0, 1, 2, 3, 0, 1, 2, 3);
      const v8 weight = {wy[j], wy[j], wy[j], wy[j], sy[j], sy[j], sy[j], sy[j]};
      plane += weight * twice;
    }
    both += wz[k] * plane;
    along_z += sz[k] * plane.lo;
  }
  const v4 value = wx * both.lo, slope = sx * both.lo, along_y = wx * both.hi, up = wx * along_z;
  const v4 result = {((value.x + value.y) + value.z) + value.w, ((slope.x + slope.y) + slope.z) + slope.w,
                     ((along_y.x + along_y.y) + along_y.z) + along_y.w, ((up.x + up.y) + up.z) + up.w};
  return result.x == result.x ? result : linear_at(image, px, py, pz);
}

CLONED void vrk_sample_cubic(const vrk_image *image, ptrdiff_t count, const double *places, ptrdiff_t points,
                             const double *offsets, const float *weights, float *sums) {
  const ptrdiff_t block = count + vrk_spare;
  for (ptrdiff_t i = 0; i < count; i++) {
    v4 sum = (v4)(0.0f);
    for (ptrdiff_t q = 0; q < points; q++) {
      sum += weights[q] * cubic_at(image, places[i] + offsets[3 * q], places[block + i] + offsets[3 * q + 1],
                                   places[2 * block + i] + offsets[3 * q + 2]);
      if (sum.x != sum.x) break;
    }
    *(v4 *)(sums + 4 * i) = sum;
  }
}
