#include "CComptonKernels.h"
#include "CLanes.h"

#define WIDE_SPLAT(value) ((d8)(value))
#define ROOT(v) __builtin_elementwise_sqrt(v)

typedef int64_t l8 __attribute__((ext_vector_type(8), aligned(8)));

#define ROW(name) (rows + vck_group_##name * model->bins)
#define RESULT(place) (*(d8 *)(results + 8 * (place)))

enum { most = vck_group_most };

// The factor L of a matrix scaled to a unit diagonal, and in which lanes the matrix is positive definite.
typedef struct {
  d8 l[most][most], scale[most];
  l8 is_good;
  int n;
} factor;

INLINE void factorise(factor *f, d8 (*a)[most], int n) {
  l8 is_good = (l8)(-1);
  f->n = n;
  for (int i = 0; i < n; i++) {
    is_good &= (a[i][i] > 0) & (a[i][i] < __builtin_inf());
    f->scale[i] = 1 / ROOT(a[i][i]);
  }
  for (int j = 0; j < n; j++) {
    for (int i = j; i < n; i++) {
      d8 sum = a[i][j] * f->scale[i] * f->scale[j];
      for (int k = 0; k < j; k++) sum -= f->l[i][k] * f->l[j][k];
      if (i == j) {
        is_good &= sum > 1e-13;
        f->l[j][j] = ROOT(sum);
      } else {
        f->l[i][j] = sum / f->l[j][j];
      }
    }
  }
  f->is_good = is_good;
}

INLINE void solve(const factor *f, const d8 *b, d8 *x) {
  for (int i = 0; i < f->n; i++) {
    d8 sum = b[i] * f->scale[i];
    for (int k = 0; k < i; k++) sum -= f->l[i][k] * x[k];
    x[i] = sum / f->l[i][i];
  }
  for (int i = f->n - 1; i >= 0; i--) {
    d8 sum = x[i];
    for (int k = i + 1; k < f->n; k++) sum -= f->l[k][i] * x[k];
    x[i] = sum / f->l[i][i];
  }
  for (int i = 0; i < f->n; i++) x[i] *= f->scale[i];
}

// Expected counts of a bin with these amplitudes.
INLINE void plain_counts(const vck_group_model *model, const double *rows, ptrdiff_t bin, const d8 *voxels,
                         const d8 *amounts, d8 *result) {
  const double *column = ROW(columns) + bin;
  d8 sum = ROW(offset)[bin] * *voxels;
  sum += amounts[0] * (column[0] * *voxels) + amounts[1] * (column[model->bins] * *voxels);
  for (int k = 2; k < model->amplitudes; k++) sum += amounts[k] * (column[k * model->bins] * *voxels);
  *result = sum;
}

CLONED void vck_group_tests(const vck_group_model *model, const double *rows, const uint8_t *is_used,
                            const double *amounts_of_all, const double *counts, const double *voxels,
                            double *results) {
  const ptrdiff_t bins = model->bins;
  const int p = model->amplitudes, n = model->effects, m = p + n + 1;
  const double *columns = ROW(columns), *shapes = columns + p * bins;
  const d8 number = *(const d8 *)voxels;
  const d8 square = number * number;
  d8 amounts[most];
  for (int k = 0; k < p; k++) amounts[k] = WIDE_SPLAT(amounts_of_all[k]);

  d8 total = WIDE_SPLAT(0), expected = WIDE_SPLAT(0), plain;
  for (ptrdiff_t bin = 0; bin < bins; bin++) {
    if (!is_used[bin]) continue;
    plain_counts(model, rows, bin, &number, amounts, &plain);
    total += *(const d8 *)(counts + 8 * bin);
    expected += plain;
  }
  const d8 filled = LARGER(WIDE_SPLAT(1), expected);
  for (int k = 0; k < p; k++) amounts[k] = amounts[k] * total / filled;
  const d8 part = total / model->total;

  d8 sums[most][most];
  for (int i = 0; i < m; i++) {
    for (int j = 0; j <= i; j++) sums[i][j] = WIDE_SPLAT(0);
  }
  d8 of_constant = WIDE_SPLAT(0), of_cross = WIDE_SPLAT(0), of_slope = WIDE_SPLAT(0);
  for (ptrdiff_t bin = 0; bin < bins; bin++) {
    if (!is_used[bin]) continue;
    plain_counts(model, rows, bin, &number, amounts, &plain);
    const d8 second = part * ROW(second)[bin];
    const d8 mu = plain + second;
    const d8 constant = ROW(constant_variance)[bin] * square, slope = ROW(slope_variance)[bin] * square;
    const d8 cross = ROW(cross_covariance)[bin] * square;
    const double own = ROW(offset_variance)[bin];
    d8 variance;
    if (model->is_relative) {
      variance = part * part * own;
    } else {
      const d8 sum = own * square + amounts[0] * amounts[0] * constant + 2 * amounts[0] * amounts[1] * cross +
                     amounts[1] * amounts[1] * slope;
      variance = sum >= 0 ? sum : WIDE_SPLAT(0);
    }
    const d8 least = mu > 1 ? mu : WIDE_SPLAT(1);
    const d8 weight = ((mu > 0) & (plain > 0)) ? 1 / (least + variance) : WIDE_SPLAT(0);
    d8 row[most];
    for (int i = 0; i < p; i++) row[i] = columns[i * bins + bin] * number;
    for (int k = 0; k < n; k++) row[p + k] = shapes[k * bins + bin] * part;
    row[m - 1] = *(const d8 *)(counts + 8 * bin) - ROW(offset)[bin] * number - second;
    for (int i = 0; i < m; i++) {
      const d8 d = weight * row[i];
      for (int j = 0; j <= i; j++) sums[i][j] += d * row[j];
    }
    of_constant += weight * constant;
    of_cross += weight * cross;
    of_slope += weight * slope;
  }

  // The amplitudes are eliminated; noise of the standards is no information.
  d8 a[most][most], b[most], free[most], mixed[most][most], column[most];
  for (int i = 0; i < p; i++) {
    for (int j = 0; j < p; j++) a[i][j] = i >= j ? sums[i][j] : sums[j][i];
    b[i] = sums[m - 1][i];
  }
  a[0][0] -= of_constant;
  a[0][1] -= of_cross;
  a[1][0] -= of_cross;
  a[1][1] -= of_slope;
  factor f, own;
  factorise(&f, a, p);
  solve(&f, b, free);
  d8 chi = WIDE_SPLAT(0);
  for (int i = 0; i < p; i++) chi += b[i] * free[i];
  chi = sums[m - 1][m - 1] - chi;
  const d8 ratio = amounts[1] / amounts[0];
  const d8 by_constant = -ratio / amounts[0], by_slope = 1 / amounts[0];
  d8 normal[most][most], right[most], pull[most];
  for (int k = 0; k < n; k++) {
    for (int i = 0; i < p; i++) column[i] = sums[p + k][i];
    solve(&f, column, mixed[k]);
    pull[k] = by_constant * mixed[k][0] + by_slope * mixed[k][1];
  }
  for (int k = 0; k < n; k++) {
    right[k] = sums[m - 1][p + k];
    for (int i = 0; i < p; i++) right[k] -= sums[p + k][i] * free[i];
    for (int l = 0; l < n; l++) {
      normal[k][l] = k >= l ? sums[p + k][p + l] : sums[p + l][p + k];
      for (int i = 0; i < p; i++) normal[k][l] -= sums[p + k][i] * mixed[l][i];
    }
  }

  // The effects of each group's own.
  d8 values[most], unit[most], inverse[most], variances[most];
  factorise(&own, normal, n);
  solve(&own, right, values);
  d8 explained = WIDE_SPLAT(0);
  for (int k = 0; k < n; k++) {
    explained += values[k] * right[k];
    for (int l = 0; l < n; l++) unit[l] = WIDE_SPLAT(k == l ? 1 : 0);
    solve(&own, unit, inverse);
    variances[k] = inverse[k];
  }
  RESULT(vck_group_total) = total;
  RESULT(vck_group_chi_squared) = chi;
  RESULT(vck_group_is_told) = f.is_good ? WIDE_SPLAT(1) : WIDE_SPLAT(0);
  RESULT(vck_group_is_solved) = own.is_good ? WIDE_SPLAT(1) : WIDE_SPLAT(0);
  RESULT(vck_group_explained) = explained;
  for (int k = 0; k < n; k++) {
    RESULT(vck_group_values + k) = values[k];
    RESULT(vck_group_variances + k) = variances[k];
    RESULT(vck_group_pulls + k) = pull[k];
  }
}
