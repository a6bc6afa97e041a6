// Passes over the bins of one voxel. Spectra come in groups of eight floats; Swift owns the memory, the
// order of the voxels and the threads. Every lane does the same operations in the same order on every
// processor, without fused multiply-add, so the bits never depend on the instruction set.
#ifndef C_COMPTON_KERNELS_H
#define C_COMPTON_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// The spectra of a voxel, one after another, each of `groups` groups.
enum {
  vck_first,
  vck_second,
  vck_offset,
  vck_first_weight,
  vck_second_weight,
  vck_offset_variance,
  vck_first_variance,
  vck_cross_covariance,
  vck_second_variance,
  vck_kept_variance,
  vck_rows
};

// Sensitivity and score of the amplitudes, and the smallest expectation of a bin.
typedef struct {
  double a00, a01, a10, a11, g0, g1;
  float lowest;
} vck_sums;

void vck_sum(const float *rows, const float *counts, ptrdiff_t groups, float v0, float v1,
             vck_sums *sums);

// What the errors of the spectra do to the score, each as (00, 01, 11).
typedef struct {
  double counting[3], spread[3], inflation[3];
} vck_noise;

void vck_basis_noise(const float *rows, ptrdiff_t groups, float v0, float v1, float share,
                     vck_noise *noise);

// Half the deviance of the counts, and what it is expected to be over `bins` bins where all of them
// expect more than 30 counts; 0 is returned where some do not, and the expectation is then not set.
int32_t vck_deviance(const float *rows, const float *counts, ptrdiff_t groups, ptrdiff_t bins, float v0,
                     float v1, double *deviance, float *expected);

// Packs `bins` counts and fills the last group with `padding`; 0 where a count is negative or not finite.
// `total` is the sum of all lanes, padding included.
int32_t vck_pack(const float *counts, ptrdiff_t bins, float padding, float *packed, double *total);

// Weighted sums N and D of counts less known ones, and their covariance: N, D, NN, ND, DD.
void vck_ratio(const float *counts, const float *known, const float *numerator, const float *denominator,
               ptrdiff_t groups, double *sums);

// sums += counts, rounded to multiples of 2^-20 so that no order of adding shows.
void vck_accumulate(const float *counts, ptrdiff_t groups, double *sums);

// Sum of `bins` numbers of each of `voxels` spectra that lie one after another.
void vck_totals(const float *counts, ptrdiff_t bins, ptrdiff_t voxels, float *totals);

// What groups of pixels are tested against: rows of `bins` numbers, of one voxel. The first six are known counts, what is known to
// be added to the reference, and the variances of the standards: of known counts, constant, both, slope. Then come the spectra
// with free amplitudes (constant, slope, components) and the shapes of effects. In place of the variance of known counts stands
// that of the reference's bins where `is_relative`.
enum {
  vck_group_offset,
  vck_group_second,
  vck_group_offset_variance,
  vck_group_constant_variance,
  vck_group_cross_covariance,
  vck_group_slope_variance,
  vck_group_columns
};

// Amplitudes, effects and one more are at most so many, effects at most two.
enum { vck_group_most = 11, vck_group_most_effects = 2 };

typedef struct {
  ptrdiff_t bins;
  int32_t amplitudes, effects, is_relative;
  // Counts of the reference.
  double total;
} vck_group_model;

// What is found, eight numbers each: counts, chi-squared, whether the amplitudes are told (1 or 0), whether the effects are, what
// these take off chi-squared, then values, variances and pulls of two effects.
enum {
  vck_group_total,
  vck_group_chi_squared,
  vck_group_is_told,
  vck_group_is_solved,
  vck_group_explained,
  vck_group_values,
  vck_group_variances = vck_group_values + vck_group_most_effects,
  vck_group_pulls = vck_group_variances + vck_group_most_effects,
  vck_group_results = vck_group_pulls + vck_group_most_effects
};

// The weighted least squares of eight groups side by side, whose counts lie bin by bin, eight at each. `is_used` tells which bins
// count, `amounts` are the reference's amplitudes.
void vck_group_tests(const vck_group_model *model, const double *rows, const uint8_t *is_used, const double *amounts,
                     const double *counts, const double *voxels, double *results);

#endif
