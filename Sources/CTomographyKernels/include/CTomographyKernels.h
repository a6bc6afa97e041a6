// Projection of slices across the axis of rotation, and the cosine transform, of eight fields at once: a number of a field
// is eight floats side by side. Every lane does the same operations in the same order on every processor, without fused
// multiply-add, so the bits never depend on the instruction set.
#ifndef C_TOMOGRAPHY_KERNELS_H
#define C_TOMOGRAPHY_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Columns that rows have more than a projection: `vtk_border` before the first, the others behind the last.
enum { vtk_border = 3, vtk_spare = 8 };
// Neighbours share columns: sums that do not wait for each other.
enum { vtk_chains = 4 };

// One angle of view of a slice of side x side voxels. A voxel is as wide as a column.
typedef struct {
  ptrdiff_t side;
  float cosine, sine;
  // Column that the axis falls on.
  float center;
  // What reaches the detector from each voxel; null for all.
  const float *passed;
  // One over the distance of a pinhole from the axis, in columns; 0 for parallel rays.
  float nearness;
} vtk_view;

// What each voxel gives three columns side by side, and the first of them as a place in a row. `shares` holds three blocks
// of side x side + vtk_spare numbers, `places` one.
void vtk_share(const vtk_view *view, float *shares, int32_t *places);

// Voxels of a slice that are looked at, in rising order.
typedef struct {
  const int32_t *voxels;
  ptrdiff_t count;
} vtk_list;

// Projects a slice to a row of side + vtk_spare columns. `rows` holds vtk_chains of them; the first takes the sum.
void vtk_spread(ptrdiff_t side, vtk_list list, const float *shares, const int32_t *places, const float *slice,
                float *rows);

// The adjoint: adds a row to a slice.
void vtk_gather(ptrdiff_t side, vtk_list list, const float *shares, const int32_t *places, const float *row,
                float *slice);

// into[row, mode] = sum over place of matrix[place, mode] from[row, place]
void vtk_transform_rows(ptrdiff_t side, const float *matrix, const float *from, float *into);

// into[mode, column] = sum over place of matrix[place, mode] from[place, column]
void vtk_transform_columns(ptrdiff_t side, const float *matrix, const float *from, float *into);

#endif
