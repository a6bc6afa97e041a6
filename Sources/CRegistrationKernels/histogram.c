#include "CRegistrationKernels.h"
#include "CLanes.h"

typedef float v4 __attribute__((ext_vector_type(4), aligned(4)));

#define LOAD4(p) (*(const v4 *)(p))

// Eight values cut to a range, their bins, at most `most`, with the fraction of the bin beyond it, and which of them lie in the
// range.
INLINE void places(const v8 *values, float low, float high, float scale, int32_t most, i8 *inside, i8 *bin, v8 *part) {
  const v8 value = *values;
  v8 cut = SPLAT(low) >= value ? SPLAT(low) : value;
  cut = SPLAT(high) < cut ? SPLAT(high) : cut;
  const v8 u = (cut - low) / (high - low) * scale;
  i8 first = __builtin_convertvector(u, i8);
  first = first < 0 ? (i8)(0) : first;
  first = first > most ? (i8)(most) : first;
  *bin = first;
  *part = u - __builtin_convertvector(first, v8);
  *inside = cut == value;
}

// Four numbers from each of eight places on, as the eight first ones, the eight second ones and so on.
INLINE void four_each(const float *table, const i8 *at, v8 *columns) {
  v8 row[4];
#pragma clang loop unroll(full)
  for (int k = 0; k < 4; k++)
    row[k] = __builtin_shufflevector(LOAD4(table + (*at)[k]), LOAD4(table + (*at)[k + 4]), 0, 1, 2, 3, 4, 5, 6, 7);
  const v8 a = __builtin_shufflevector(row[0], row[1], 0, 8, 1, 9, 4, 12, 5, 13);
  const v8 b = __builtin_shufflevector(row[0], row[1], 2, 10, 3, 11, 6, 14, 7, 15);
  const v8 c = __builtin_shufflevector(row[2], row[3], 0, 8, 1, 9, 4, 12, 5, 13);
  const v8 d = __builtin_shufflevector(row[2], row[3], 2, 10, 3, 11, 6, 14, 7, 15);
  columns[0] = __builtin_shufflevector(a, c, 0, 1, 8, 9, 4, 5, 12, 13);
  columns[1] = __builtin_shufflevector(a, c, 2, 3, 10, 11, 6, 7, 14, 15);
  columns[2] = __builtin_shufflevector(b, d, 0, 1, 8, 9, 4, 5, 12, 13);
  columns[3] = __builtin_shufflevector(b, d, 2, 3, 10, 11, 6, 7, 14, 15);
}

// The other way round: the four numbers of each of eight.
INLINE void each_four(const v8 *columns, v4 *rows) {
  const v8 a = __builtin_shufflevector(columns[0], columns[1], 0, 8, 1, 9, 4, 12, 5, 13);
  const v8 b = __builtin_shufflevector(columns[0], columns[1], 2, 10, 3, 11, 6, 14, 7, 15);
  const v8 c = __builtin_shufflevector(columns[2], columns[3], 0, 8, 1, 9, 4, 12, 5, 13);
  const v8 d = __builtin_shufflevector(columns[2], columns[3], 2, 10, 3, 11, 6, 14, 7, 15);
  rows[0] = __builtin_shufflevector(a, c, 0, 1, 8, 9);
  rows[1] = __builtin_shufflevector(a, c, 2, 3, 10, 11);
  rows[2] = __builtin_shufflevector(b, d, 0, 1, 8, 9);
  rows[3] = __builtin_shufflevector(b, d, 2, 3, 10, 11);
  rows[4] = __builtin_shufflevector(a, c, 4, 5, 12, 13);
  rows[5] = __builtin_shufflevector(a, c, 6, 7, 14, 15);
  rows[6] = __builtin_shufflevector(b, d, 4, 5, 12, 13);
  rows[7] = __builtin_shufflevector(b, d, 6, 7, 14, 15);
}

// The four cubic B-splines over points at fractions of a bin.
INLINE void splines(const v8 *fractions, v8 *b) {
  const v8 t = *fractions, u = 1.0f - t, t2 = t * t;
  b[0] = u * u * u / 6.0f;
  b[1] = (3.0f * t2 * t - 6.0f * t2 + 4.0f) / 6.0f;
  b[2] = (-3.0f * t2 * t + 3.0f * t2 + 3.0f * t + 1.0f) / 6.0f;
  b[3] = t2 * t / 6.0f;
}

// Eight pairs, and which of them there are.
typedef struct {
  v8 fixed, moving;
  i8 known;
} pairs;

INLINE void read_pairs(const vrk_bins *bins, const float *fixed, const float *samples, const bool *active, pairs *result) {
  typedef int8_t b8 __attribute__((ext_vector_type(8), aligned(1)));
  const i8 fourth = {0, 4, 8, 12, 16, 20, 24, 28};
  v8 sample[4];
  four_each(samples, &fourth, sample);
  result->known = (__builtin_convertvector(*(const b8 *)active, i8) != 0) & (sample[0] == sample[0]);
  result->moving = result->known ? sample[0] : SPLAT(bins->moving_low);
  result->fixed = result->known ? LOAD(fixed) : SPLAT(bins->fixed_low);
}

// The pairs after the last eight, among eight of which the others are not active.
typedef struct {
  float fixed[8], samples[32];
  bool active[8];
} last_pairs;

INLINE void take_last(const float *fixed, const float *samples, const bool *active, ptrdiff_t count, last_pairs *last) {
  *last = (last_pairs){0};
  for (ptrdiff_t k = 0; k < count; k++) {
    last->fixed[k] = fixed[k];
    last->samples[4 * k] = samples[4 * k];
    last->active[k] = active[k];
  }
}

INLINE void count_eight(const vrk_bins *bins, const float *fixed, const float *samples, const bool *active, float *joint,
                        double *sums, ptrdiff_t *found) {
  const int32_t columns = bins->count + 3;
  const float scale = (float)(bins->count - 1);
  pairs own;
  read_pairs(bins, fixed, samples, active, &own);
  if (!ANY(own.known)) return;
  i8 row, column, all;
  v8 share, t, whole[4], low[4], high[4];
  places(&own.fixed, bins->fixed_low, bins->fixed_high, scale, bins->count - 2, &all, &row, &share);
  places(&own.moving, bins->moving_low, bins->moving_high, scale, bins->count - 1, &all, &column, &t);
  splines(&t, whole);
#pragma clang loop unroll(full)
  for (int k = 0; k < 4; k++) {
    high[k] = share * whole[k];
    low[k] = whole[k] - high[k];
  }
  v4 lower[8], upper[8];
  each_four(low, lower);
  each_four(high, upper);
  const i8 at = row * columns + column;
  const d8 f = __builtin_convertvector(own.fixed, d8), m = __builtin_convertvector(own.moving, d8);
#pragma clang loop unroll(full)
  for (int lane = 0; lane < 8; lane++) {
    if (!own.known[lane]) continue;
    const double a = f[lane], b = m[lane];
    sums[0] += a;
    sums[1] += b;
    sums[2] += a * a;
    sums[3] += a * b;
    sums[4] += b * b;
    *found += 1;
    float *cells = joint + at[lane];
    *(v4 *)cells += lower[lane];
    *(v4 *)(cells + columns) += upper[lane];
  }
}

CLONED void vrk_count_pairs(const vrk_bins *bins, const float *fixed, const float *samples, const bool *active,
                            ptrdiff_t count, float *joint, double *sums, ptrdiff_t *found) {
  double moments[5] = {0};
  ptrdiff_t taken = 0, i = 0;
  for (; i + 8 <= count; i += 8)
    count_eight(bins, fixed + i, samples + 4 * i, active + i, joint, moments, &taken);
  if (i < count) {
    last_pairs last;
    take_last(fixed + i, samples + 4 * i, active + i, count - i, &last);
    count_eight(bins, last.fixed, last.samples, last.active, joint, moments, &taken);
  }
  for (int k = 0; k < 5; k++) sums[k] = moments[k];
  *found = taken;
}

#define TOTAL(a, b) ((((a)[0] * (b)[0] + (a)[1] * (b)[1]) + (a)[2] * (b)[2]) + (a)[3] * (b)[3])

INLINE void score_eight(const vrk_bins *bins, const float *joint, const float *marginal, float information,
                        const float *fixed, const float *samples, const bool *active, float *scores) {
  const int32_t columns = bins->count + 3;
  const float scale = (float)(bins->count - 1), per_unit = scale / (bins->moving_high - bins->moving_low);
  pairs pair;
  read_pairs(bins, fixed, samples, active, &pair);
  i8 known = pair.known;
  if (!ANY(known)) return;
  i8 row, column, inside, all;
  v8 share, t;
  places(&pair.moving, bins->moving_low, bins->moving_high, scale, bins->count - 1, &inside, &column, &t);
  places(&pair.fixed, bins->fixed_low, bins->fixed_high, scale, bins->count - 2, &all, &row, &share);
  const i8 at = row * columns + column;
  v8 low[4], high[4], both[4], own[4];
  four_each(joint, &at, low);
  four_each(joint + columns, &at, high);
  four_each(marginal, &column, own);
#pragma clang loop unroll(full)
  for (int k = 0; k < 4; k++) both[k] = low[k] + share * (high[k] - low[k]);
  v8 b[4];
  splines(&t, b);
  const v8 u = 1.0f - t;
  const v8 d[4] = {-0.5f * u * u, 1.5f * t * t - 2.0f * t, -1.5f * t * t + t + 0.5f, 0.5f * t * t};
  const v8 p = TOTAL(both, b), q = TOTAL(own, b);
  known &= inside & (p > 0.0f) & (q > 0.0f);
  const v8 joint_slope = TOTAL(both, d) / p * per_unit, marginal_slope = TOTAL(own, d) / q * per_unit;
  const v8 likelihood = joint_slope - marginal_slope;
  const v8 score = information * joint_slope - marginal_slope, square = likelihood * likelihood;
  const v8 before = __builtin_shufflevector(score, square, 0, 8, 1, 9, 2, 10, 3, 11);
  const v8 after = __builtin_shufflevector(score, square, 4, 12, 5, 13, 6, 14, 7, 15);
  const i8 is_before = __builtin_shufflevector(known, known, 0, 0, 1, 1, 2, 2, 3, 3);
  const i8 is_after = __builtin_shufflevector(known, known, 4, 4, 5, 5, 6, 6, 7, 7);
  STORE(scores, is_before ? before : LOAD(scores));
  STORE(scores + 8, is_after ? after : LOAD(scores + 8));
}

CLONED void vrk_score_pairs(const vrk_bins *bins, const float *joint, const float *marginal, float information,
                            const float *fixed, const float *samples, const bool *active, ptrdiff_t count, float *scores) {
  ptrdiff_t i = 0;
  for (; i + 8 <= count; i += 8)
    score_eight(bins, joint, marginal, information, fixed + i, samples + 4 * i, active + i, scores + 2 * i);
  const ptrdiff_t rest = count - i;
  if (rest == 0) return;
  last_pairs last;
  take_last(fixed + i, samples + 4 * i, active + i, rest, &last);
  float last_scores[16] = {0};
  for (ptrdiff_t k = 0; k < 2 * rest; k++) last_scores[k] = scores[2 * i + k];
  score_eight(bins, joint, marginal, information, last.fixed, last.samples, last.active, last_scores);
  for (ptrdiff_t k = 0; k < 2 * rest; k++) scores[2 * i + k] = last_scores[k];
}
