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

CLONED void vmk_add_product(const double *first, const double *second, ptrdiff_t count, double *sum) {
  const double *re = first, *im = first + count, *x = second, *y = second + count;
  for (ptrdiff_t i = 0; i < count; i += 8) {
    const d8 a = *(const d8 *)(re + i), b = *(const d8 *)(im + i);
    const d8 c = *(const d8 *)(x + i), d = *(const d8 *)(y + i);
    d8 *real = (d8 *)(sum + i), *imaginary = (d8 *)(sum + count + i);
    *real += a * c + b * d;
    *imaginary += a * d - b * c;
  }
}
