// Points of a fine volume in cells of a coarse one, values between the cells of an image, joint
// histograms, and correlations at many shifts. Every sum adds its terms in the order of the points, without fused
// multiply-add, so the bits never depend on the instruction set.
#ifndef C_REGISTRATION_KERNELS_H
#define C_REGISTRATION_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Points that a row holds beyond its own: rows are looked at eight points at a time.
enum { vrk_spare = 8 };

// Cells and which of them points are dropped into. Triples are x, y, z.
typedef struct {
  int32_t width, height;
  // Points below `low`, or not below `high`, lie outside.
  double low[3], high[3];
  // From a cell to the next one of those that share a point, in cells; 0 along an axis without sharing.
  ptrdiff_t step[3];
  // Cells of one array of sums.
  ptrdiff_t count;
} vrk_cells;

// Places a row of points `step` apart from `origin` on, in cells from the lattice's corner. `places` takes the number of each
// one's cell, -1 outside; `offsets` three blocks of `count` + vrk_spare: how far it lies from the cell's centre along x, y, z.
void vrk_locate(const vrk_cells *cells, const double *origin, const double *step, ptrdiff_t count, int32_t *places,
                float *offsets);

// Adds values that are not NaN to their cells, and the points that have one to `weights`.
void vrk_deposit(const vrk_cells *cells, ptrdiff_t count, const int32_t *places, const float *offsets, const float *values,
                 float *sums, float *weights);

// Counts the points of each class in an array of sums of its own, one after the other, and all points in `weights`. Classes
// below 0 are none.
void vrk_count(const vrk_cells *cells, ptrdiff_t count, const int32_t *places, const float *offsets, const int8_t *classes,
               float *sums, float *weights);

// Adds the weights, times `scale`, of a row of points to the classes of the voxels that they lie in. `shape` holds y and x
// of the voxels; `sums` a number for each class, after one for none.
void vrk_add_weights(const int8_t *classes, const int32_t *shape, const double *origin, const double *step,
                     const double *weights, ptrdiff_t count, double scale, double *sums);

// An image, and how near to its border points may lie. Triples are x, y, z.
typedef struct {
  const float *voxels;
  int32_t shape[3];
  double low[3], high[3];
} vrk_image;

// For each of `count` places, sums over points around it of weight times the value between cells (trilinear) and its slopes along
// x, y, z, in cells. `places` holds three blocks of `count` + vrk_spare coordinates, `offsets` x, y, z of each point in turn,
// `sums` four numbers for each place; the first is NaN where a point lies outside or beside missing voxels.
void vrk_sample(const vrk_image *image, ptrdiff_t count, const double *places, ptrdiff_t points, const double *offsets,
                const float *weights, float *sums);

// The same between 64 cells by the kernel of Catmull and Rom, linear at the border and beside missing voxels.
void vrk_sample_cubic(const vrk_image *image, ptrdiff_t count, const double *places, ptrdiff_t points, const double *offsets,
                      const float *weights, float *sums);

// Bins of a joint histogram of fixed and moving values, and the ranges that they span: rows of the fixed value, and columns of
// the moving one, three more than `count` for the support of the splines.
typedef struct {
  float fixed_low, fixed_high, moving_low, moving_high;
  int32_t count;
} vrk_bins;

// Adds pairs to a histogram: linear between two rows, cubic B-splines in the columns. The moving value is the first of four
// `samples`; pairs without one, and not active ones, are left out. Writes the sums of f, m, f f, f m, m m, and how many pairs.
void vrk_count_pairs(const vrk_bins *bins, const float *fixed, const float *samples, const bool *active, ptrdiff_t count,
                     float *joint, double *sums, ptrdiff_t *found);

// For each of these pairs whose moving value lies in its range: the slope of log joint with the moving value times the information
// less that of log marginal, and the square of the difference of both slopes. The others keep what is there.
void vrk_score_pairs(const vrk_bins *bins, const float *joint, const float *marginal, float information, const float *fixed,
                     const float *samples, const bool *active, ptrdiff_t count, float *scores);

// conj(a) b of `count` complex numbers, real and imaginary parts in turn.
void vrk_multiply_conjugate(const float *a, const float *b, ptrdiff_t count, float *product);

// Correlations and overlaps of `count` shifts that follow each other, from `target` on, of sums over the overlap from `source` on: of
// voxels, fixed values f, moving values g, their products and squares. Shifts that overlap by less than `least`, or are constant
// over the overlap, keep what is there.
void vrk_correlate(const float *overlap, const float *f, const float *g, const float *fg, const float *ff, const float *gg,
                   ptrdiff_t source, ptrdiff_t count, float least, float *correlations, float *overlaps,
                   ptrdiff_t target);

#endif
