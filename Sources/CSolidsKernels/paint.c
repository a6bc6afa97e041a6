#include "CSolidsKernels.h"
#include "CLanes.h"

#define IS_MISSING(a) ((a) != (a))

CLONED int64_t vrk_paint(
    const vrk_picture *picture, const float *corners, const float *shades, const uint32_t *triangles, int64_t from,
    int64_t count) {
  const int32_t width = picture->width, height = picture->height;
  const int64_t squares = (width + vrk_lanes - 1) / vrk_lanes;
  const i8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  for (int64_t index = from; index < count; index++) {
    const uint32_t *triangle = triangles + 4 * index;
    const float *a = corners + 4 * (uint64_t)triangle[0], *sa = shades + 4 * (uint64_t)triangle[0];
    const float *b = corners + 4 * (uint64_t)triangle[1], *sb = shades + 4 * (uint64_t)triangle[1];
    const float *c = corners + 4 * (uint64_t)triangle[2], *sc = shades + 4 * (uint64_t)triangle[2];
    const float area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    if (!(__builtin_fabsf(area) > 1e-12f && __builtin_fabsf(area) < __builtin_inff())) continue;
    const float left = LARGER(SMALLER(SMALLER(a[0], b[0]), c[0]), 0);
    const float right = LARGER(LARGER(LARGER(a[0], b[0]), c[0]), -1);
    const float top = LARGER(SMALLER(SMALLER(a[1], b[1]), c[1]), 0);
    const float bottom = LARGER(LARGER(LARGER(a[1], b[1]), c[1]), -1);
    const int32_t x0 = (int32_t)SMALLER(left, (float)width), y0 = (int32_t)SMALLER(top, (float)height);
    const int32_t right_most = (int32_t)SMALLER(right, (float)width), lowest = (int32_t)SMALLER(bottom, (float)height);
    const int32_t x1 = SMALLER(width - 1, right_most), y1 = SMALLER(height - 1, lowest);
    int is_known = 0;
    for (int32_t y = y0; y <= y1; y++) {
      const float py = (float)y + 0.5f;
      const float ay = a[1] - py, by = b[1] - py, cy = c[1] - py;
      for (int32_t x = x0 - x0 % vrk_lanes; x <= x1; x += vrk_lanes) {
        const i8 column = x + lanes;
        const v8 px = __builtin_convertvector(column, v8) + 0.5f;
        const v8 ax = a[0] - px, bx = b[0] - px, cx = c[0] - px;
        const v8 wa = (bx * cy - by * cx) / area;
        const v8 wb = (cx * ay - cy * ax) / area;
        const v8 wc = 1.0f - wa - wb;
        const v8 z = wa * a[2] + wb * b[2] + wc * c[2];
        const int64_t square = y / vrk_lanes * squares + x / vrk_lanes;
        v8 *const samples = (v8 *)picture->samples + 4 * (square * vrk_lanes + y % vrk_lanes);
        const i8 is_nearer = (wa >= 0.0f) & (wb >= 0.0f) & (wc >= 0.0f) & (z < samples[0]) & (column >= x0) & (column <= x1);
        if (!ANY(is_nearer)) continue;
        if (!is_known && (IS_MISSING(sa[0]) || IS_MISSING(sb[0]) || IS_MISSING(sc[0]))) return index;
        is_known = 1;
        samples[0] = is_nearer ? z : samples[0];
        for (int part = 0; part < 3; part++) {
          const v8 color = sa[part] * wa + sb[part] * wb + sc[part] * wc;
          samples[1 + part] = is_nearer ? color : samples[1 + part];
        }
      }
    }
  }
  return count;
}
