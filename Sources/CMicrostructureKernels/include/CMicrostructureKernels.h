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

#endif
