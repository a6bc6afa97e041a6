#include "CComptonKernels.h"
#include "CLanes.h"

// ln of eight positive normal numbers, to 2 units in the last place (polynomial of Cephes `logf`).
INLINE void logarithm(const v8 *value, v8 *out) {
  const u8 bits = (u8)(*value);
  v8 exponent = (v8)(((bits >> 23) & 0xFF) | 0x4B000000u) - 8388734.0f;
  v8 mantissa = (v8)((bits & 0x007FFFFFu) | 0x3F000000u);
  const i8 is_small = mantissa < 0.707106781f;
  exponent = is_small ? exponent - 1 : exponent;
  mantissa = is_small ? mantissa + mantissa : mantissa;
  const v8 x = mantissa - 1;
  const v8 z = x * x;
  v8 p = SPLAT(7.0376836292e-2f);
  p = p * x - 1.1514610310e-1f;
  p = p * x + 1.1676998740e-1f;
  p = p * x - 1.2420140846e-1f;
  p = p * x + 1.4249322787e-1f;
  p = p * x - 1.6668057665e-1f;
  p = p * x + 2.0000714765e-1f;
  p = p * x - 2.4999993993e-1f;
  p = p * x + 3.3333331174e-1f;
  v8 y = p * x * z;
  y = y + exponent * -2.12194440e-4f;
  y = y - 0.5f * z;
  *out = x + y + exponent * 0.693359375f;
}

// r ln r - r + 1 of eight ratios r = y / mu.
INLINE void unit_deviance(const v8 *ratio, v8 *out) {
  const v8 d = *ratio - 1;
  const i8 is_far = (d > 0.2f) | (d < -0.2f);
  v8 series = SPLAT(1.0f / 72);
  series = 1.0f / 56 - d * series;
  series = 1.0f / 42 - d * series;
  series = 1.0f / 30 - d * series;
  series = 1.0f / 20 - d * series;
  series = 1.0f / 12 - d * series;
  series = 1.0f / 6 - d * series;
  series = 0.5f - d * series;
  v8 result = d * d * series;
  if (ANY(is_far)) {
    const v8 safe = LARGER(*ratio, SPLAT(1e-30f));
    v8 log;
    logarithm(&safe, &log);
    result = is_far ? safe * log - d : result;
  }
  *out = result;
}

// Eight sums of eight lanes each, from the first lane to the last.
INLINE void sum_lanes(const v8 in[8], v8 *out) {
  v8 a[8], b[8];
  for (int k = 0; k < 8; k += 2) {
    a[k] = __builtin_shufflevector(in[k], in[k + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    a[k + 1] = __builtin_shufflevector(in[k], in[k + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int k = 0; k < 8; k += 4) {
    for (int j = 0; j < 2; j++) {
      b[k + j] = __builtin_shufflevector(a[k + j], a[k + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      b[k + j + 2] = __builtin_shufflevector(a[k + j], a[k + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (int k = 0; k < 4; k++) {
    a[k] = __builtin_shufflevector(b[k], b[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    a[k + 4] = __builtin_shufflevector(b[k], b[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  *out = ((((((a[0] + a[1]) + a[2]) + a[3]) + a[4]) + a[5]) + a[6]) + a[7];
}

CLONED int32_t vck_deviance(const float *rows, const float *counts, ptrdiff_t groups, ptrdiff_t bins,
                            float v0, float v1, double *deviance, float *expected) {
  const float *first = rows + 8 * groups * vck_first, *second = rows + 8 * groups * vck_second;
  const float *offset = rows + 8 * groups * vck_offset;
  const ptrdiff_t whole = bins / 8;
  double total = 0;
  float mean = 0;
  i8 is_many = (i8)(-1);
  for (ptrdiff_t start = 0; start < groups; start += 8) {
    const ptrdiff_t end = start + 8 < groups ? start + 8 : groups;
    v8 terms[8], means[8];
    for (ptrdiff_t k = 0; k < 8; k++) terms[k] = means[k] = SPLAT(0);
    for (ptrdiff_t group = start; group < end; group++) {
      const ptrdiff_t i = 8 * group;
      const v8 raw = LOAD(offset + i) + v0 * LOAD(first + i) + v1 * LOAD(second + i);
      const v8 mu = LARGER(raw, SPLAT(1e-12f));
      const v8 ratio = LOAD(counts + i) / mu;
      v8 unit;
      unit_deviance(&ratio, &unit);
      terms[group - start] = mu * unit;
      const v8 inverse = 1 / raw;
      means[group - start] = 1 + inverse * (1.0f / 6 + inverse / 6);
      if (group < whole) {
        is_many &= raw > 30;
      } else if (group == whole) {
        // The lanes behind the last bin expect nothing.
        for (ptrdiff_t lane = 0; lane < bins - 8 * whole; lane++)
          is_many &= (i8)(raw[lane] > 30 ? -1 : 0);
      }
    }
    v8 sums;
    sum_lanes(terms, &sums);
    for (ptrdiff_t group = start; group < end; group++) total += (double)sums[group - start];
    sum_lanes(means, &sums);
    for (ptrdiff_t group = start; group < end && group < whole; group++) mean += sums[group - start];
    if (start <= whole && whole < end)
      for (ptrdiff_t lane = 0; lane < bins - 8 * whole; lane++) mean += means[whole - start][lane];
  }
  *deviance = total;
  *expected = mean;
  return __builtin_reduce_and(is_many) != 0;
}
