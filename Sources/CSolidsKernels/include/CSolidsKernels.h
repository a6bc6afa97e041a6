// Lines of sight through a volume of grey steps and samples of triangles, eight at a time. Swift owns the memory and the
// threads. Every lane does the same operations in the same order on every processor, without fused multiply-add, so the
// bits never depend on the instruction set.
#ifndef C_SOLIDS_KERNELS_H
#define C_SOLIDS_KERNELS_H

#include <stdint.h>

enum { vrk_lanes = 8 };

// A volume, what its grey steps look like, and the light.
typedef struct {
  // 0 where missing, else 1 to 255; the place of voxel (x, y, z) is place_x[x] + place_y[y] + place_z[z].
  // Each table has one entry more than the volume has voxels, so that x + 1 is a valid index.
  const uint8_t *voxels;
  const int32_t *place_x, *place_y, *place_z;
  float size[3];
  int32_t has_missing;
  // 1 for cubes of `cell_side` voxels that hold something to be seen, x fastest.
  const uint8_t *cells;
  int32_t cell_shape[3];
  float cell_side;
  // Red, green, blue, unused, and the opacity of one step, at `fine` entries a grey step.
  const float *colors;
  const float *alphas;
  int32_t entries;
  float fine;
  // 0 without light. The directions have length one.
  float shading;
  float light[3], halfway[3], gradient_scale[3];
  // Opacity from which on nothing behind is seen.
  float solid;
} vrk_volume;

// Eight lines of sight in units of voxels. `lines` holds eight rows of eight: start x, y, z, step x, y, z, the number of
// samples, and the brightness of the face that the line enters by.
// line, from front to back.
void vrk_march(const vrk_volume *volume, const float *lines, float *out);

// Samples of a picture in squares of `vrk_lanes` to the side, row by row from the top, so that what a small triangle covers
// lies within few cache lines and pages. Each row of a square holds the depths of what is seen, infinite for nothing,
// then red, green and blue.
typedef struct {
  int32_t width, height;
  float *samples;
} vrk_picture;

// Draws the triangles numbers `from` to `count` that are nearer than what is there. `corners` are x, y (down), depth in
// samples and `shades` red, green, blue of the vertices; vertices and triangles take four numbers, the last of no use.
// Returns the number of the first triangle that is seen and has a corner whose red is not a number, or `count`.
int64_t vrk_paint(
    const vrk_picture *picture, const float *corners, const float *shades, const uint32_t *triangles, int64_t from,
    int64_t count);

#endif
