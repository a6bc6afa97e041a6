#include "CMicrostructureKernels.h"
#include "CLanes.h"

// Raises `count` floats from `row` on to at least `value`. What is raised twice is as if raised once, so the last lanes may overlap.
INLINE void raise_row(float *row, ptrdiff_t count, float value) {
  if (count >= 8) {
    ptrdiff_t i = 0;
    for (; i + 8 <= count; i += 8) STORE(row + i, LARGER(LOAD(row + i), SPLAT(value)));
    STORE(row + count - 8, LARGER(LOAD(row + count - 8), SPLAT(value)));
    return;
  }
  if (count >= 4) {
    typedef float v4 __attribute__((ext_vector_type(4), aligned(4)));
    v4 *first = (v4 *)row, *last = (v4 *)(row + count - 4);
    *first = LARGER(*first, (v4)(value));
    *last = LARGER(*last, (v4)(value));
    return;
  }
  for (ptrdiff_t i = 0; i < count; i++) row[i] = row[i] < value ? value : row[i];
}

CLONED void vmk_paint_balls(const int32_t *centers, ptrdiff_t count, float value, int32_t reach_z, const int32_t *reaches,
                            const int32_t *starts, const int32_t *halves, const int32_t *box,
                            float *values) {
  const int32_t depth = box[3], height = box[4], width = box[5];
  for (ptrdiff_t ball = 0; ball < count; ball++) {
    const int32_t z = centers[3 * ball] - box[0], y = centers[3 * ball + 1] - box[1];
    const int32_t x = centers[3 * ball + 2] - box[2];
    const int32_t low_z = z > reach_z ? z - reach_z : 0;
    const int32_t high_z = z + reach_z < depth - 1 ? z + reach_z : depth - 1;
    for (int32_t a = low_z; a <= high_z; a++) {
      const int32_t dz = a > z ? a - z : z - a;
      const int32_t reach_y = reaches[dz];
      const int32_t *half = halves + starts[dz];
      const int32_t low_y = y > reach_y ? y - reach_y : 0;
      const int32_t high_y = y + reach_y < height - 1 ? y + reach_y : height - 1;
      for (int32_t b = low_y; b <= high_y; b++) {
        const int32_t own = half[b > y ? b - y : y - b];
        const int32_t low_x = x > own ? x - own : 0;
        const int32_t high_x = x + own < width - 1 ? x + own : width - 1;
        if (low_x > high_x) continue;
        raise_row(values + ((ptrdiff_t)a * height + b) * width + low_x, high_x - low_x + 1, value);
      }
    }
  }
}

CLONED void vmk_add_products(const double *state, const vmk_pairs *pairs, double *sums) {
  const ptrdiff_t count = pairs->count, length = 2 * count, first = pairs->z % pairs->slots;
  for (ptrdiff_t step = 0; step <= pairs->steps; step += 4) {
    const double *low[vmk_pair_slices][4], *high[vmk_pair_slices];
    for (ptrdiff_t k = 0; k < pairs->slices; k++) {
      const ptrdiff_t slot = first + k < pairs->slots ? first + k : first + k - pairs->slots;
      high[k] = state + (pairs->has_seconds ? pairs->slots + k : slot) * length;
      for (ptrdiff_t t = 0; t < 4; t++) {
        const ptrdiff_t down = step + t, below = slot >= down ? slot - down : slot - down + pairs->slots;
        low[k][t] = down <= pairs->steps && down <= pairs->z + k ? state + below * length : NULL;
      }
    }
    const int tile = pairs->steps + 1 - step < 4 ? (int)(pairs->steps + 1 - step) : 4;
    double *target = sums + step * length;
    for (ptrdiff_t i = 0; i < count; i += 8) {
      d8 real[4], imaginary[4];
#pragma clang loop unroll(full)
      for (int t = 0; t < 4; t++) {
        real[t] = imaginary[t] = (d8)(0);
        if (t >= tile) continue;
        real[t] = *(const d8 *)(target + t * length + i);
        imaginary[t] = *(const d8 *)(target + t * length + count + i);
      }
      for (ptrdiff_t k = 0; k < pairs->slices; k++) {
        const d8 c = *(const d8 *)(high[k] + i), d = *(const d8 *)(high[k] + count + i);
#pragma clang loop unroll(full)
        for (int t = 0; t < 4; t++) {
          if (!low[k][t]) continue;
          const d8 a = *(const d8 *)(low[k][t] + i), b = *(const d8 *)(low[k][t] + count + i);
          real[t] += a * c + b * d;
          imaginary[t] += a * d - b * c;
        }
      }
#pragma clang loop unroll(full)
      for (int t = 0; t < 4; t++) {
        if (t >= tile) continue;
        *(d8 *)(target + t * length + i) = real[t];
        *(d8 *)(target + t * length + count + i) = imaginary[t];
      }
    }
  }
}

CLONED int32_t vmk_parabolas(const float *values, ptrdiff_t stride, ptrdiff_t length, double step, ptrdiff_t most,
                             double *heights, float *out, ptrdiff_t out_stride) {
  d8 *column = (d8 *)heights;
  int is_zero = 1;
  for (ptrdiff_t i = 0; i < length; i++) {
    const v8 value = LOAD(values + i * stride);
    is_zero &= !ANY(value != 0);
    column[i] = __builtin_convertvector(value, d8);
  }
  if (is_zero) {
    for (ptrdiff_t i = 0; i < length; i++) STORE(out + i * out_stride, SPLAT(0));
    return 1;
  }
  for (ptrdiff_t i = 0; i < length; i++) {
    d8 least = column[i];
    const ptrdiff_t before = i, after = length - 1 - i;
    const ptrdiff_t end = before > after ? before : after;
    for (ptrdiff_t r = 1; r <= end; r++) {
      const double d = (double)r * step, square = d * d;
      if (!ANY(least > square)) break;
      if (r > most) {
        for (ptrdiff_t k = 0; k < length; k++) STORE(out + k * out_stride, __builtin_convertvector(column[k], v8));
        return 0;
      }
      if (r <= before) {
        const d8 other = column[i - r] + square;
        least = SMALLER(least, other);
      }
      if (r <= after) {
        const d8 other = column[i + r] + square;
        least = SMALLER(least, other);
      }
    }
    STORE(out + i * out_stride, __builtin_convertvector(least, v8));
  }
  return 1;
}

CLONED void vmk_inner_balls(const float *radii, const ptrdiff_t *offsets, const float *distances, ptrdiff_t neighbours,
                            ptrdiff_t count, int32_t *flags) {
  ptrdiff_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const v8 own = LOAD(radii + i);
    i8 is_inner = ~(own > 0);
    if (ANY(own > 0)) {
      for (ptrdiff_t n = 0; n < neighbours; n++) is_inner |= LOAD(radii + offsets[n] + i) >= own + distances[n];
    }
    *(i8 *)(flags + i) = is_inner;
  }
  for (; i < count; i++) {
    const float own = radii[i];
    int32_t is_inner = !(own > 0);
    for (ptrdiff_t n = 0; n < neighbours; n++) is_inner |= radii[offsets[n] + i] >= own + distances[n];
    flags[i] = is_inner;
  }
}
