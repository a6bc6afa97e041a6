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

#endif
