#include "CMicrostructureKernels.h"
#include "CLanes.h"

typedef int64_t l8 __attribute__((ext_vector_type(8), aligned(8)));

#define DOUBLES(v) __builtin_convertvector(v, d8)
#define WHOLE(v) __builtin_convertvector(v, l8)

INLINE int64_t total(const l8 *v) {
  int64_t sum = 0;
  for (int lane = 0; lane < 8; lane++) sum += (*v)[lane];
  return sum;
}

CLONED ptrdiff_t vmk_direction_sums(const float *rows, ptrdiff_t stride, ptrdiff_t count, float least,
                                    int32_t is_weighted, double one, int32_t *cells, int64_t *sums) {
  const l8 zero = (l8)(0);
  l8 lanes[9];
  for (int k = 0; k < 9; k++) lanes[k] = zero;
  ptrdiff_t found = 0;
  for (ptrdiff_t i = 0; i < count; i += 8) {
    v8 part[5];
    i8 cell = (i8)(-1);
    const ptrdiff_t used = count - i < 8 ? count - i : 8;
    if (used == 8) {
      for (int k = 0; k < 5; k++) part[k] = LOAD(rows + k * stride + i);
      cell = *(const i8 *)(cells + i);
    } else {
      for (int k = 0; k < 5; k++) {
        part[k] = SPLAT(0);
        for (ptrdiff_t lane = 0; lane < used; lane++) part[k][lane] = rows[k * stride + i + lane];
      }
      for (ptrdiff_t lane = 0; lane < used; lane++) cell[lane] = cells[i + lane];
    }
    // One where the sum is no number, as it is then left out by its linearity or stands for nothing.
    const v8 both = part[3] + part[4];
    const v8 anisotropy = both < 1 ? both : SPLAT(1);
    const i8 is_good = (cell >= 0) & (part[3] == part[3]) & (anisotropy >= least);
    for (int k = 0; k < 5; k++) part[k] = is_good ? part[k] : SPLAT(0);
    cell = is_good ? cell : (i8)(-1);
    for (ptrdiff_t lane = 0; lane < used; lane++) cells[i + lane] = cell[lane];
    const d8 unit = DOUBLES(is_good ? SPLAT(1) : SPLAT(0));
    const d8 x = DOUBLES(part[0]), y = DOUBLES(part[1]), z = DOUBLES(part[2]);
    const d8 weight = one * (is_weighted ? DOUBLES(is_good ? anisotropy : SPLAT(0)) : unit);
    const d8 wx = weight * x, wy = weight * y;
    lanes[0] += WHOLE(wx * x);
    lanes[1] += WHOLE(wy * y);
    lanes[2] += WHOLE(weight * z * z);
    lanes[3] += WHOLE(wx * y);
    lanes[4] += WHOLE(wx * z);
    lanes[5] += WHOLE(wy * z);
    lanes[6] += WHOLE(weight);
    lanes[7] += WHOLE(DOUBLES(part[3]) * one);
    lanes[8] += WHOLE(DOUBLES(part[4]) * one);
    found -= __builtin_reduce_add(is_good);
  }
  for (int k = 0; k < 9; k++) sums[k] += total(&lanes[k]);
  return found;
}

void vmk_count_directions(const int32_t *cells, const float *z, ptrdiff_t count, const float *limits,
                          const int32_t *start, int32_t steps, int32_t bins, ptrdiff_t *of_cells, ptrdiff_t *of_angles) {
  for (ptrdiff_t i = 0; i < count; i++) {
    if (cells[i] < 0) continue;
    of_cells[cells[i]] += 1;
    const float place = z[i] * (float)steps;
    int32_t bin = start[place >= (float)steps ? steps : place > 0 ? (int32_t)place : 0];
    while (bin < bins - 1 && z[i] <= limits[bin]) bin++;
    of_angles[bin] += 1;
  }
}
