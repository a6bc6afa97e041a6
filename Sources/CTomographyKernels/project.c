#include "CTomographyKernels.h"
#include "CLanes.h"

// A unit square seen at an angle: a trapezoid that is flat up to `flat` from its middle and ends at `end`.
typedef struct { float flat, end, slope, height; } trapezoid;

static trapezoid seen(float cosine, float sine) {
  const float a = __builtin_fabsf(cosine), b = __builtin_fabsf(sine);
  const float low = a < b ? a : b, high = a < b ? b : a;
  return (trapezoid){
      0.5f * (high - low), 0.5f * (high + low), low > 0 ? 0.5f / low : 0, high > 0 ? 1 / high : 0};
}

// Part of the square beyond a distance of 0 to 1 from its middle.
INLINE void beyond(const trapezoid *shape, const v8 *distance, v8 *out) {
  const v8 reach = SMALLER(*distance, SPLAT(shape->end));
  const v8 inner = SMALLER(reach, SPLAT(shape->flat));
  const v8 outer = reach - inner;
  const v8 rest = 0.5f - (inner + (outer - outer * outer * shape->slope)) * shape->height;
  *out = LARGER(SPLAT(0), rest);
}

CLONED void vtk_share(const vtk_view *view, float *shares, int32_t *places) {
  const ptrdiff_t side = view->side, block = side * side + vtk_spare;
  const trapezoid shape = seen(view->cosine, view->sine);
  const float middle = 0.5f * (float)(side - 1);
  const v8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  for (ptrdiff_t z = 0; z < side; z++) {
    const float height = (float)z - middle;
    const float base = view->center + height * view->sine - view->center * view->cosine;
    const float behind = height * view->cosine + view->center * view->sine;
    // What the last eight have too many the next row replaces.
    for (ptrdiff_t x = 0; x < side; x += 8) {
      v8 column = base + ((float)x + lanes) * view->cosine;
      v8 size = SPLAT(1);
      if (view->nearness > 0) {
        size = 1 / (1 + view->nearness * (behind - ((float)x + lanes) * view->sine));
        column = middle + (column - middle) * size;
      }
      const i8 is_seen = (column > -1.5f) & (column < (float)side + 0.5f);
      // Positive, so that cutting off its digits rounds it down.
      const v8 place = (is_seen ? column : SPLAT(0)) - 0.5f + (float)vtk_border;
      const i8 first = __builtin_convertvector(place, i8);
      const v8 part = place - __builtin_convertvector(first, v8);
      const v8 other = (1 - part) / size;
      const v8 before = part / size;
      v8 left, right;
      beyond(&shape, &before, &left);
      beyond(&shape, &other, &right);
      const ptrdiff_t at = z * side + x;
      const v8 zero = SPLAT(0);
      STORE(shares + at, is_seen ? size * left : zero);
      STORE(shares + block + at, is_seen ? size * (1 - left - right) : zero);
      STORE(shares + 2 * block + at, is_seen ? size * right : zero);
      *(i8 *)(places + at) = first;
    }
    if (view->passed == NULL) continue;
    for (ptrdiff_t x = 0; x < side; x++) {
      const float passed = view->passed[z * side + x];
      const ptrdiff_t at = z * side + x;
      shares[at] *= passed;
      shares[block + at] *= passed;
      shares[2 * block + at] *= passed;
    }
  }
}

CLONED void vtk_spread(ptrdiff_t side, vtk_list list, const float *shares, const int32_t *places, const float *slice,
                       float *rows) {
  const ptrdiff_t block = side * side + vtk_spare, length = 8 * (side + vtk_spare);
  for (ptrdiff_t i = 0; i < vtk_chains * length; i += 8) STORE(rows + i, SPLAT(0));
  for (ptrdiff_t i = 0; i < list.count; i++) {
    const ptrdiff_t at = list.voxels[i];
    const v8 value = LOAD(slice + 8 * at);
    float *target = rows + (i % vtk_chains) * length + 8 * places[at];
    STORE(target, LOAD(target) + shares[at] * value);
    STORE(target + 8, LOAD(target + 8) + shares[block + at] * value);
    STORE(target + 16, LOAD(target + 16) + shares[2 * block + at] * value);
  }
  for (ptrdiff_t i = 0; i < length; i += 8) {
    v8 sum = LOAD(rows + i);
    for (int chain = 1; chain < vtk_chains; chain++) sum += LOAD(rows + chain * length + i);
    STORE(rows + i, sum);
  }
}

CLONED void vtk_gather(ptrdiff_t side, vtk_list list, const float *shares, const int32_t *places, const float *row,
                       float *slice) {
  const ptrdiff_t block = side * side + vtk_spare;
  for (ptrdiff_t i = 0; i < list.count; i++) {
    const ptrdiff_t at = list.voxels[i];
    const float *from = row + 8 * places[at];
    v8 sum = shares[at] * LOAD(from);
    sum += shares[block + at] * LOAD(from + 8);
    sum += shares[2 * block + at] * LOAD(from + 16);
    float *target = slice + 8 * at;
    STORE(target, LOAD(target) + sum);
  }
}
