#include "CRegistrationKernels.h"
#include "CLanes.h"

typedef float v4 __attribute__((ext_vector_type(4), aligned(4)));

#define LOAD4(p) (*(const v4 *)(p))

// The four cubic B-splines over a point at fraction t of a bin, and their derivatives.
INLINE v4 spline(float t) {
  const float u = 1.0f - t, t2 = t * t;
  const v4 six = {u * u * u, 3.0f * t2 * t - 6.0f * t2 + 4.0f, -3.0f * t2 * t + 3.0f * t2 + 3.0f * t + 1.0f, t2 * t};
  return six / (v4)(6.0f);
}

INLINE v4 spline_slope(float t) {
  const float u = 1.0f - t;
  return (v4){-0.5f * u * u, 1.5f * t * t - 2.0f * t, -1.5f * t * t + t + 0.5f, 0.5f * t * t};
}

INLINE float total(v4 v) { return ((v.x + v.y) + v.z) + v.w; }

// The value cut to a range, and its bin, at most `most`, with the fraction of the bin beyond it.
INLINE float place(float value, float low, float high, float scale, int32_t most, int32_t *bin, float *part) {
  float cut = low >= value ? low : value;
  cut = high < cut ? high : cut;
  const float u = (cut - low) / (high - low) * scale;
  int32_t first = (int32_t)u;
  first = first < 0 ? 0 : first;
  first = first > most ? most : first;
  *bin = first;
  *part = u - (float)first;
  return cut;
}

CLONED void vrk_count_pairs(const vrk_bins *bins, const float *fixed, const float *samples, const bool *active,
                            ptrdiff_t count, float *joint, double *sums, ptrdiff_t *found) {
  const int32_t columns = bins->count + 3;
  const float scale = (float)(bins->count - 1);
  double f = 0, m = 0, ff = 0, fm = 0, mm = 0;
  ptrdiff_t taken = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    const float value = fixed[i], moving = samples[4 * i];
    if (!active[i] || moving != moving) continue;
    const double a = (double)value, b = (double)moving;
    f += a;
    m += b;
    ff += a * a;
    fm += a * b;
    mm += b * b;
    taken++;
    int32_t row, column;
    float share, t;
    place(value, bins->fixed_low, bins->fixed_high, scale, bins->count - 2, &row, &share);
    place(moving, bins->moving_low, bins->moving_high, scale, bins->count - 1, &column, &t);
    const v4 whole = spline(t), upper = share * whole;
    v4 *low = (v4 *)(joint + row * columns + column), *high = (v4 *)(joint + (row + 1) * columns + column);
    *low += whole - upper;
    *high += upper;
  }
  sums[0] = f;
  sums[1] = m;
  sums[2] = ff;
  sums[3] = fm;
  sums[4] = mm;
  *found = taken;
}

CLONED void vrk_score_pairs(const vrk_bins *bins, const float *joint, const float *marginal, float information,
                            const float *fixed, const float *samples, const bool *active, ptrdiff_t count, float *scores) {
  const int32_t columns = bins->count + 3;
  const float scale = (float)(bins->count - 1), per_unit = scale / (bins->moving_high - bins->moving_low);
  for (ptrdiff_t i = 0; i < count; i++) {
    const float moving = samples[4 * i];
    if (!active[i] || moving != moving) continue;
    int32_t row, column;
    float share, t;
    if (place(moving, bins->moving_low, bins->moving_high, scale, bins->count - 1, &column, &t) != moving) continue;
    place(fixed[i], bins->fixed_low, bins->fixed_high, scale, bins->count - 2, &row, &share);
    const v4 low = LOAD4(joint + row * columns + column), high = LOAD4(joint + (row + 1) * columns + column);
    const v4 both = low + share * (high - low), own = LOAD4(marginal + column);
    const v4 b = spline(t), d = spline_slope(t);
    const float p = total(both * b), q = total(own * b);
    if (!(p > 0 && q > 0)) continue;
    const float joint_slope = total(both * d) / p * per_unit;
    const float marginal_slope = total(own * d) / q * per_unit;
    const float likelihood = joint_slope - marginal_slope;
    scores[2 * i] = information * joint_slope - marginal_slope;
    scores[2 * i + 1] = likelihood * likelihood;
  }
}
