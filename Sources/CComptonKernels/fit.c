#include "CComptonKernels.h"
#include "CLanes.h"

#define ROW(name) const float *name = rows + 8 * groups * vck_##name

// Sums run in lanes of single precision over at most so many groups and are then added in double.
enum { run = 32 };

CLONED void vck_sum(const float *rows, const float *counts, ptrdiff_t groups, float v0, float v1,
                    vck_sums *sums) {
  ROW(first);
  ROW(second);
  ROW(offset);
  ROW(first_weight);
  ROW(second_weight);
  v8 lowest = SPLAT(__FLT_MAX__);
  double t00 = 0, t01 = 0, t10 = 0, t11 = 0, t0 = 0, t1 = 0;
  for (ptrdiff_t start = 0; start < groups; start += run) {
    const ptrdiff_t end = start + run < groups ? start + run : groups;
    v8 a00 = SPLAT(0), a01 = SPLAT(0), a10 = SPLAT(0), a11 = SPLAT(0), g0 = SPLAT(0), g1 = SPLAT(0);
    for (ptrdiff_t i = 8 * start; i < 8 * end; i += 8) {
      const v8 d0 = LOAD(first + i), d1 = LOAD(second + i);
      const v8 raw = LOAD(offset + i) + v0 * d0 + v1 * d1;
      lowest = SMALLER(lowest, raw);
      const v8 mu = LARGER(raw, SPLAT(1e-12f));
      const v8 inverse = 1 / mu;
      const v8 residual = LOAD(counts + i) - mu;
      const v8 w0 = LOAD(first_weight + i) * inverse, w1 = LOAD(second_weight + i) * inverse;
      a00 += w0 * d0;
      a01 += w0 * d1;
      a10 += w1 * d0;
      a11 += w1 * d1;
      g0 += w0 * residual;
      g1 += w1 * residual;
    }
    t00 += (double)SUM(a00);
    t01 += (double)SUM(a01);
    t10 += (double)SUM(a10);
    t11 += (double)SUM(a11);
    t0 += (double)SUM(g0);
    t1 += (double)SUM(g1);
  }
  float least = lowest[0];
  for (int lane = 1; lane < 8; lane++) least = lowest[lane] < least ? lowest[lane] : least;
  *sums = (vck_sums){t00, t01, t10, t11, t0, t1, least};
}

CLONED void vck_basis_noise(const float *rows, ptrdiff_t groups, float v0, float v1, float share,
                            vck_noise *noise) {
  ROW(first);
  ROW(second);
  ROW(offset);
  ROW(first_weight);
  ROW(second_weight);
  ROW(offset_variance);
  ROW(first_variance);
  ROW(cross_covariance);
  ROW(second_variance);
  ROW(kept_variance);
  v8 b00 = SPLAT(0), b01 = SPLAT(0), b11 = SPLAT(0);
  v8 s00 = SPLAT(0), s01 = SPLAT(0), s11 = SPLAT(0);
  v8 k00 = SPLAT(0), k01 = SPLAT(0), k11 = SPLAT(0);
  const float squares = v0 * v0, cross = 2 * v0 * v1, slopes = v1 * v1, empty = share * share;
  for (ptrdiff_t i = 0; i < 8 * groups; i += 8) {
    const v8 raw = LOAD(offset + i) + v0 * LOAD(first + i) + v1 * LOAD(second + i);
    const v8 inverse = 1 / LARGER(raw, SPLAT(1e-12f));
    const v8 c00 = LOAD(first_variance + i), c01 = LOAD(cross_covariance + i);
    const v8 c11 = LOAD(second_variance + i);
    v8 q = squares * c00;
    q += cross * c01;
    q += slopes * c11;
    q += empty * LOAD(offset_variance + i);
    const v8 e0 = LOAD(first_weight + i), e1 = LOAD(second_weight + i);
    const v8 w00 = e0 * e0 * inverse, w01 = e0 * e1 * inverse, w11 = e1 * e1 * inverse;
    b00 += w00;
    b01 += w01;
    b11 += w11;
    const v8 excess = q * inverse;
    s00 += w00 * excess;
    s01 += w01 * excess;
    s11 += w11 * excess;
    const v8 single = LOAD(kept_variance + i) * inverse;
    k00 += c00 * single;
    k01 += c01 * single;
    k11 += c11 * single;
  }
  *noise = (vck_noise){{SUM(b00), SUM(b01), SUM(b11)},
                       {SUM(s00), SUM(s01), SUM(s11)},
                       {SUM(k00), SUM(k01), SUM(k11)}};
}
