#include "CRegistrationKernels.h"
#include "CLanes.h"

typedef int64_t l8 __attribute__((ext_vector_type(8), aligned(8)));
typedef float v4 __attribute__((ext_vector_type(4), aligned(4)));

#define DOUBLES(v) __builtin_convertvector(v, d8)

CLONED void vrk_locate(const vrk_cells *cells, const double *origin, const double *step, ptrdiff_t count, int32_t *places,
                       float *offsets) {
  const ptrdiff_t block = count + vrk_spare;
  const double *low = cells->low, *high = cells->high;
  const d8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  for (ptrdiff_t i = 0; i < count; i += 8) {
    const d8 k = (d8)(double)i + lanes;
    const d8 x = origin[0] + k * step[0], y = origin[1] + k * step[1], z = origin[2] + k * step[2];
    const l8 inside = (x >= low[0]) & (y >= low[1]) & (z >= low[2]) & (x < high[0]) & (y < high[1]) & (z < high[2]);
    const d8 none = (d8)(0.0);
    const d8 px = inside ? x : none, py = inside ? y : none, pz = inside ? z : none;
    const i8 cx = __builtin_convertvector(px, i8), cy = __builtin_convertvector(py, i8);
    const i8 cz = __builtin_convertvector(pz, i8);
    const i8 mask = __builtin_convertvector(inside, i8);
    const i8 cell = (cz * cells->height + cy) * cells->width + cx;
    *(i8 *)(places + i) = (cell & mask) | ~mask;
    STORE(offsets + i, __builtin_convertvector(px - DOUBLES(cx) - 0.5, v8));
    STORE(offsets + block + i, __builtin_convertvector(py - DOUBLES(cy) - 0.5, v8));
    STORE(offsets + 2 * block + i, __builtin_convertvector(pz - DOUBLES(cz) - 0.5, v8));
  }
}

// Parts of a point in three cells side by side: the quadratic B-spline.
INLINE v4 spline(float t) {
  return (v4){0.5f * (0.5f - t) * (0.5f - t), 0.75f - t * t, 0.5f * (0.5f + t) * (0.5f + t), 0};
}

// Sums of the 27 cells that share a point, by row; the fourth lane takes nothing. Points that follow each other in one cell
// are added up here.
typedef struct {
  float *at;
  v4 rows[9];
} patch;

INLINE void load(const vrk_cells *cells, patch *held, float *at) {
  held->at = at;
  for (int k = 0; k < 3; k++)
    for (int j = 0; j < 3; j++)
      held->rows[3 * k + j] = *(const v4 *)(at + (k - 1) * cells->step[2] + (j - 1) * cells->step[1] - 1);
}

INLINE void store(const vrk_cells *cells, const patch *held) {
  if (!held->at) return;
  for (int k = 0; k < 3; k++)
    for (int j = 0; j < 3; j++)
      *(v4 *)(held->at + (k - 1) * cells->step[2] + (j - 1) * cells->step[1] - 1) = held->rows[3 * k + j];
}

INLINE void add(patch *held, float value, v4 x, v4 y, v4 z) {
  for (int k = 0; k < 3; k++) {
    const float plane = value * z[k];
    for (int j = 0; j < 3; j++) {
      v4 part = plane * y[j] * x;
      part[3] = 0;
      held->rows[3 * k + j] += part;
    }
  }
}

// Adds one to two arrays.
INLINE void add_one(patch *first, patch *second, v4 x, v4 y, v4 z) {
  for (int k = 0; k < 3; k++)
    for (int j = 0; j < 3; j++) {
      v4 part = z[k] * y[j] * x;
      part[3] = 0;
      first->rows[3 * k + j] += part;
      second->rows[3 * k + j] += part;
    }
}

// The same for a cell whose last row ends with the array, and for axes without sharing, whose three places are one cell.
INLINE void add_apart(const vrk_cells *cells, float *at, float value, v4 x, v4 y, v4 z) {
  for (int k = 0; k < 3; k++) {
    const float plane = value * z[k];
    for (int j = 0; j < 3; j++) {
      const float part = plane * y[j];
      float *row = at + (k - 1) * cells->step[2] + (j - 1) * cells->step[1];
      row[-cells->step[0]] += part * x[0];
      row[0] += part * x[1];
      row[cells->step[0]] += part * x[2];
    }
  }
}

INLINE int shares_rows(const vrk_cells *cells) { return cells->step[0] && cells->step[1] && cells->step[2]; }

INLINE int shares(const vrk_cells *cells) { return cells->step[0] || cells->step[1] || cells->step[2]; }

// Whether the fourth lanes of a cell's rows lie within the array.
INLINE int has_room(const vrk_cells *cells, ptrdiff_t cell) {
  return cell + cells->step[2] + cells->step[1] + 2 < cells->count;
}

// The same of two arrays at once, the second in the upper four lanes.
typedef struct {
  float *at[2];
  v8 rows[9];
} patches;

INLINE void load_both(const vrk_cells *cells, patches *held, float *low, float *high) {
  held->at[0] = low;
  held->at[1] = high;
  for (int k = 0; k < 3; k++)
    for (int j = 0; j < 3; j++) {
      const ptrdiff_t step = (k - 1) * cells->step[2] + (j - 1) * cells->step[1] - 1;
      const v4 a = *(const v4 *)(low + step), b = *(const v4 *)(high + step);
      held->rows[3 * k + j] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
    }
}

INLINE void store_both(const vrk_cells *cells, const patches *held) {
  if (!held->at[0]) return;
  for (int k = 0; k < 3; k++)
    for (int j = 0; j < 3; j++) {
      const ptrdiff_t step = (k - 1) * cells->step[2] + (j - 1) * cells->step[1] - 1;
      *(v4 *)(held->at[0] + step) = held->rows[3 * k + j].lo;
      *(v4 *)(held->at[1] + step) = held->rows[3 * k + j].hi;
    }
}

// Adds a value to the first and one to the second.
INLINE void add_both(patches *held, float value, v4 x, v4 y, v4 z) {
  const v8 values = {value, value, value, value, 1, 1, 1, 1}, both = __builtin_shufflevector(x, x, 0, 1, 2, 3, 0, 1, 2, 3);
  for (int k = 0; k < 3; k++) {
    const v8 plane = values * z[k];
    for (int j = 0; j < 3; j++) {
      v8 part = plane * y[j] * both;
      part[3] = part[7] = 0;
      held->rows[3 * k + j] += part;
    }
  }
}

CLONED void vrk_deposit(const vrk_cells *cells, ptrdiff_t count, const int32_t *places, const float *offsets,
                        const float *values, float *sums, float *weights) {
  const float *along_x = offsets, *along_y = offsets + count + vrk_spare, *along_z = along_y + count + vrk_spare;
  if (!shares(cells)) {
    for (ptrdiff_t i = 0; i < count; i++) {
      const int32_t cell = places[i];
      if (cell < 0 || values[i] != values[i]) continue;
      sums[cell] += values[i];
      weights[cell] += 1;
    }
    return;
  }
  const int by_row = shares_rows(cells);
  patches sum = {0};
  int32_t held = -1;
  for (ptrdiff_t i = 0; i < count; i++) {
    const int32_t cell = places[i];
    if (cell < 0 || values[i] != values[i]) continue;
    const v4 x = spline(along_x[i]), y = spline(along_y[i]), z = spline(along_z[i]);
    if (cell != held) {
      store_both(cells, &sum);
      sum.at[0] = 0;
      held = cell;
      if (by_row && has_room(cells, cell)) load_both(cells, &sum, sums + cell, weights + cell);
    }
    if (sum.at[0]) {
      add_both(&sum, values[i], x, y, z);
    } else {
      add_apart(cells, sums + cell, values[i], x, y, z);
      add_apart(cells, weights + cell, 1, x, y, z);
    }
  }
  store_both(cells, &sum);
}

CLONED void vrk_count(const vrk_cells *cells, ptrdiff_t count, const int32_t *places, const float *offsets,
                      const int8_t *classes, float *sums, float *weights) {
  const float *along_x = offsets, *along_y = offsets + count + vrk_spare, *along_z = along_y + count + vrk_spare;
  if (!shares(cells)) {
    for (ptrdiff_t i = 0; i < count; i++) {
      const int32_t cell = places[i];
      if (cell < 0) continue;
      if (classes[i] >= 0) sums[classes[i] * cells->count + cell] += 1;
      weights[cell] += 1;
    }
    return;
  }
  const int by_row = shares_rows(cells);
  patch sum = {0}, weight = {0};
  int32_t held = -1;
  int8_t held_class = -1;
  for (ptrdiff_t i = 0; i < count; i++) {
    const int32_t cell = places[i];
    if (cell < 0) continue;
    const int8_t own = classes[i];
    const v4 x = spline(along_x[i]), y = spline(along_y[i]), z = spline(along_z[i]);
    if (cell != held || own != held_class) {
      store(cells, &sum);
      sum.at = 0;
      if (own >= 0 && by_row && has_room(cells, cell)) load(cells, &sum, sums + own * cells->count + cell);
      held_class = own;
    }
    if (cell != held) {
      store(cells, &weight);
      weight.at = 0;
      if (by_row && has_room(cells, cell)) load(cells, &weight, weights + cell);
      held = cell;
    }
    if (sum.at && weight.at) {
      add_one(&sum, &weight, x, y, z);
      continue;
    }
    if (sum.at) {
      add(&sum, 1, x, y, z);
    } else if (own >= 0) {
      add_apart(cells, sums + own * cells->count + cell, 1, x, y, z);
    }
    if (weight.at) {
      add(&weight, 1, x, y, z);
    } else {
      add_apart(cells, weights + cell, 1, x, y, z);
    }
  }
  store(cells, &sum);
  store(cells, &weight);
}

CLONED void vrk_add_weights(const int8_t *classes, const int32_t *shape, const double *origin, const double *step,
                            const double *weights, ptrdiff_t count, double scale, double *sums) {
  const d8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  int32_t places[8];
  double parts[8];
  int held = 0;
  double sum = sums[0];
  for (ptrdiff_t i = 0; i < count; i += 8) {
    const ptrdiff_t used = count - i < 8 ? count - i : 8;
    const d8 k = (d8)(double)i + lanes;
    const i8 x = __builtin_convertvector(origin[0] + k * step[0], i8);
    const i8 y = __builtin_convertvector(origin[1] + k * step[1], i8);
    const i8 z = __builtin_convertvector(origin[2] + k * step[2], i8);
    *(i8 *)places = (z * shape[0] + y) * shape[1] + x;
    for (ptrdiff_t lane = 0; lane < used; lane++) parts[lane] = scale * weights[i + lane];
    for (ptrdiff_t lane = 0; lane < used; lane++) {
      const int own = classes[places[lane]] + 1;
      if (own != held) {
        sums[held] = sum;
        sum = sums[own];
        held = own;
      }
      sum += parts[lane];
    }
  }
  sums[held] = sum;
}
