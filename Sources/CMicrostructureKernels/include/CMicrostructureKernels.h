// Row kernels of the structure tensor. Each is one pass over rows of single precision; Swift owns the
// memory, the order of the rows and the threads. Every lane does the same operations in the same order
// on every processor, without fused multiply-add, so the bits never depend on the instruction set.
#ifndef C_MICROSTRUCTURE_KERNELS_H
#define C_MICROSTRUCTURE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Rows are processed in vectors of this many floats: every row needs room for a multiple of it.
enum { vmk_lanes = 16 };

// out[j * out_stride + x] = sum over k of weights[k] * in[offsets[j + k] + x],
// for `outputs` rows j that lie one row apart.
void vmk_filter_columns(const float *in, const ptrdiff_t *offsets, const float *weights,
                        ptrdiff_t taps, ptrdiff_t outputs, ptrdiff_t width, float *out,
                        ptrdiff_t out_stride);

// Two filters of the same rows at once.
void vmk_filter_columns_pair(const float *in, const ptrdiff_t *offsets, const float *first,
                             const float *second, ptrdiff_t taps, ptrdiff_t width, float *first_out,
                             float *second_out);

// The same as vmk_filter_columns for the six products (xx, yy, zz, xy, xz, yz) of the three
// components that lie `component_stride` apart in `in`.
void vmk_filter_products(const float *in, const ptrdiff_t *offsets, ptrdiff_t component_stride,
                         const float *weights, ptrdiff_t taps, ptrdiff_t outputs, ptrdiff_t width,
                         float *out, ptrdiff_t out_stride, ptrdiff_t out_component_stride);

// out[i] = sum over k of weights[k] * in[i * step + k], for `width` values i.
void vmk_filter_row(const float *in, const float *weights, ptrdiff_t taps, ptrdiff_t width,
                    ptrdiff_t step, float *out);

// Eigen decomposition of symmetric 3x3 matrices, `tensors` holding rows xx, yy, zz, xy, xz, yz that
// lie `stride` apart. Writes the unit eigenvector of the smallest (or largest) eigenvalue with z >= 0,
// (l2 - l3) / l1 and (l1 - l2) / l1 for l1 >= l2 >= l3. Matrices with a trace that is not positive
// and finite give NaN.
void vmk_eigen(const float *tensors, ptrdiff_t stride, ptrdiff_t width, int32_t largest, float *x,
               float *y, float *z, float *linearity, float *planarity);

// Number of the cell of a hemisphere of `rings` rings with 6 k + 3 cells in ring k (all of one area)
// that each direction (z >= 0) lies in; -1 for NaN.
void vmk_hemisphere_cells(const float *x, const float *y, const float *z, ptrdiff_t width,
                          int32_t rings, int32_t *cells);

// Raises the voxels of a box to at least `value` that the balls of one radius about `count` centres (z, y, x) cover. The
// rows of an eighth of the ball are told: for each step along z up to `reach_z` the steps along y and where their rows
// begin among `halves`, which hold the steps along x; less than none where there is no row. `box` holds its first voxel
// and its sides, in the order z, y, x.
void vmk_paint_balls(const int32_t *centers, ptrdiff_t count, float value, int32_t reach_z, const int32_t *reaches,
                     const int32_t *starts, const int32_t *halves, const int32_t *box, float *values);

// Which slices of a chunk of spectra meet, see vmk_add_products.
typedef struct {
  // Complex numbers of a chunk, a multiple of eight.
  ptrdiff_t count;
  // Slices that are kept for later ones, by their height modulo this number.
  ptrdiff_t slots;
  // Height of the first slice that is added, and how many there are: at most vmk_pair_slices.
  ptrdiff_t z, slices;
  // The longest step down.
  ptrdiff_t steps;
  // Whether the second voxels of pairs have spectra of their own, which then follow the slots.
  int32_t has_seconds;
} vmk_pairs;

enum { vmk_pair_slices = 16 };

// Adds for every step the conjugate spectrum of the slice that lies so far below each added slice, times that of the added
// slice. In a chunk the real parts come first. `sums` holds the steps from 0 on, one chunk each.
void vmk_add_products(const double *state, const vmk_pairs *pairs, double *sums);

// For eight lines side by side, whose values lie `stride` apart: the least of values[k] + (step (i - k))^2 over all k. Room
// for 8 x `length` numbers is lent as `heights`. Looks at most `most` places away; 0 where that is not far enough, and then
// `out` holds the values as they are. `out` may be `values`.
int32_t vmk_parabolas(const float *values, ptrdiff_t stride, ptrdiff_t length, double step, ptrdiff_t most,
                      double *heights, float *out, ptrdiff_t out_stride);

// Marks the places of a row, not 0, that are no centre of a ball or whose ball lies in that of a neighbour: `offsets` away, at
// `distances`.
void vmk_inner_balls(const float *radii, const ptrdiff_t *offsets, const float *distances, ptrdiff_t neighbours,
                     ptrdiff_t count, int32_t *flags);

// Sums over `count` directions whose rows (x, y, z, linearity, planarity) lie `stride` apart: of xx, yy, zz, xy, xz,
// yz and the weight, then of linearity and planarity, each in whole parts of 1 / `one`. The weight is 1, or the
// anisotropy where `is_weighted`. Directions without a cell, without shape or of less than the `least` anisotropy are
// left out, and their cells become -1. Returns how many are not.
ptrdiff_t vmk_direction_sums(const float *rows, ptrdiff_t stride, ptrdiff_t count, float least, int32_t is_weighted,
                             double one, int32_t *cells, int64_t *sums);

// Counts directions by their cells and by their angle to z, whose bins are told by their least cosine; `start` holds
// for `steps` equal parts of the cosine the first bin that may be meant.
void vmk_count_directions(const int32_t *cells, const float *z, ptrdiff_t count, const float *limits, const int32_t *start,
                          int32_t steps, int32_t bins, ptrdiff_t *of_cells, ptrdiff_t *of_angles);

#endif
