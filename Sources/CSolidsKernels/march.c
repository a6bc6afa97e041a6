#include "CSolidsKernels.h"
#include "CLanes.h"

typedef float v4 __attribute__((ext_vector_type(4), aligned(4)));

#define MIN(a, b) __builtin_elementwise_min(a, b)
#define MAX(a, b) __builtin_elementwise_max(a, b)
#define ABS(a) __builtin_elementwise_abs(a)
#define EACH _Pragma("clang loop unroll(full)") for (int lane = 0; lane < vrk_lanes; lane++)
#define TO_FLOAT(v) __builtin_convertvector(v, v8)
#define TO_INT(v) __builtin_convertvector(v, i8)

typedef struct { v8 x, y, z; } vec;
typedef struct { v8 value; vec gradient; } sampled;

// Vectors go in and out by address: by value their passing would depend on the instruction set.
INLINE void along(const vec *start, const vec *step, float k, vec *p) {
  *p = (vec){start->x + step->x * k, start->y + step->y * k, start->z + step->z * k};
}

// Trilinear grey value and slope per voxel side; the nearest value, without slope, beside missing voxels.
INLINE void sample(const vrk_volume *volume, const vec *p, sampled *out) {
  const v8 zero = SPLAT(0);
  const v8 sx = MIN(MAX(p->x - 0.5f, zero), SPLAT(volume->size[0] - 1));
  const v8 sy = MIN(MAX(p->y - 0.5f, zero), SPLAT(volume->size[1] - 1));
  const v8 sz = MIN(MAX(p->z - 0.5f, zero), SPLAT(volume->size[2] - 1));
  const i8 ix = TO_INT(sx), iy = TO_INT(sy), iz = TO_INT(sz);
  const v8 fx = sx - TO_FLOAT(ix), fy = sy - TO_FLOAT(iy), fz = sz - TO_FLOAT(iz);
  i8 a, b, c, d, e, f, g, h;
  EACH {
    const int32_t *px = volume->place_x + ix[lane];
    const int32_t *py = volume->place_y + iy[lane];
    const int32_t *pz = volume->place_z + iz[lane];
    const uint8_t *near = volume->voxels + pz[0], *far = volume->voxels + pz[1];
    const int32_t y0 = py[0], y1 = py[1], x0 = px[0], x1 = px[1];
    a[lane] = near[y0 + x0];
    b[lane] = near[y0 + x1];
    c[lane] = near[y1 + x0];
    d[lane] = near[y1 + x1];
    e[lane] = far[y0 + x0];
    f[lane] = far[y0 + x1];
    g[lane] = far[y1 + x0];
    h[lane] = far[y1 + x1];
  }
  const v8 low = TO_FLOAT(a), low_c = TO_FLOAT(c), low_e = TO_FLOAT(e), low_g = TO_FLOAT(g);
  const v8 ab = TO_FLOAT(b) - low, cd = TO_FLOAT(d) - low_c;
  const v8 ef = TO_FLOAT(f) - low_e, gh = TO_FLOAT(h) - low_g;
  const v8 first = low + fx * ab, second = low_c + fx * cd;
  const v8 third = low_e + fx * ef, fourth = low_g + fx * gh;
  const v8 near_y = second - first, far_y = fourth - third;
  const v8 near = first + fy * near_y, far = third + fy * far_y;
  const v8 near_x = ab + fy * (cd - ab), far_x = ef + fy * (gh - ef);
  sampled result = {
      near + fz * (far - near),
      {near_x + fz * (far_x - near_x), near_y + fz * (far_y - near_y), far - near}};
  if (volume->has_missing) {
    const i8 missing =
        (a == 0) | (b == 0) | (c == 0) | (d == 0) | (e == 0) | (f == 0) | (g == 0) | (h == 0);
    if (ANY(missing)) {
      const v8 half = SPLAT(0.5f);
      const i8 first_y = fy < half ? (fx < half ? a : b) : (fx < half ? c : d);
      const i8 second_y = fy < half ? (fx < half ? e : f) : (fx < half ? g : h);
      const v8 nearest = TO_FLOAT(fz < half ? first_y : second_y);
      result.value = missing ? nearest : result.value;
      result.gradient.x = missing ? zero : result.gradient.x;
      result.gradient.y = missing ? zero : result.gradient.y;
      result.gradient.z = missing ? zero : result.gradient.z;
    }
  }
  *out = result;
}

// Difference between the grey values one voxel side before and behind a point, along each axis.
INLINE void smooth_gradient(const vrk_volume *volume, const vec *p, vec *out) {
  sampled before, behind;
  vec at = *p;
#define DIFFERENCE(axis)                     \
  at.axis = p->axis + 1.0f;                  \
  sample(volume, &at, &behind);              \
  at.axis = p->axis - 1.0f;                  \
  sample(volume, &at, &before);              \
  at.axis = p->axis;                         \
  out->axis = behind.value - before.value;
  DIFFERENCE(x)
  DIFFERENCE(y)
  DIFFERENCE(z)
}

// Light after B. T. Phong, Commun. ACM 18 (1975) 311, where grey values change enough to have a surface, which may face
// either way: colours are multiplied by `factor`, then `gloss` is added.
INLINE void shade(const vrk_volume *volume, const vec *at, v8 *factor, v8 *gloss) {
  const vec g = *at;
  const v8 squared = g.x * g.x + g.y * g.y + g.z * g.z;
  const v8 length = __builtin_elementwise_sqrt(MAX(squared, SPLAT(1e-6f)));
  const v8 inverse = 1.0f / length;
  const float *l = volume->light, *h = volume->halfway;
  const v8 facing = ABS(g.x * l[0] + g.y * l[1] + g.z * l[2]) * inverse;
  const v8 shine = ABS(g.x * h[0] + g.y * h[1] + g.z * h[2]) * inverse;
  const v8 shine2 = shine * shine, shine4 = shine2 * shine2;
  const v8 weight = volume->shading * MIN(SPLAT(1), length * (1.0f / 12));
  const v8 used = squared > 0.25f ? weight : SPLAT(0);
  *factor = 1.0f + used * (0.75f * facing - 0.65f);
  *gloss = used * 0.18f * (shine4 * shine4 * shine4);
}

// How much of a surface a point lies on, from 0 to 1: the share of the opacity that changes within half a voxel side to
// both sides. Where every value is equally opaque, differences of value are no surface, and light on them would draw
// structure that is not there.
INLINE void opacity_change(const vrk_volume *volume, const vec *g, const v8 *at, v8 *surface) {
  const v8 entry = *at;
  const v8 last = SPLAT((float)(volume->entries - 1)), zero = SPLAT(0);
  const v8 reach = __builtin_elementwise_sqrt(g->x * g->x + g->y * g->y + g->z * g->z) * (0.5f * volume->fine);
  const i8 low = TO_INT(MAX(entry - reach, zero)), high = TO_INT(MIN(entry + reach, last));
  v8 a, b;
  EACH a[lane] = volume->alphas[low[lane]];
  EACH b[lane] = volume->alphas[high[lane]];
  const v8 change = ABS(b - a) / MAX(MAX(a, b), SPLAT(1e-6f));
  *surface = MIN(SPLAT(1), change * 2.0f);
}

// Whether the cube around each point holds anything to be seen, and the steps to beyond it.
INLINE void enter_cell(const vrk_volume *volume, const vec *p, const vec *inverse, i8 *is_seen,
                       v8 *steps) {
  const float side = volume->cell_side;
  const int32_t *shape = volume->cell_shape;
  const i8 zero = (i8)0;
  const i8 x = MIN(MAX(TO_INT(p->x * (1 / side)), zero), (i8)(shape[0] - 1));
  const i8 y = MIN(MAX(TO_INT(p->y * (1 / side)), zero), (i8)(shape[1] - 1));
  const i8 z = MIN(MAX(TO_INT(p->z * (1 / side)), zero), (i8)(shape[2] - 1));
  const i8 place = (z * shape[1] + y) * shape[0] + x;
  i8 seen;
  EACH seen[lane] = volume->cells[place[lane]];
  const v8 none = SPLAT(0), wide = SPLAT(side);
  v8 least = (TO_FLOAT(x) * side + (inverse->x > none ? wide : none) - p->x) * inverse->x;
  least = MIN(least, (TO_FLOAT(y) * side + (inverse->y > none ? wide : none) - p->y) * inverse->y);
  least = MIN(least, (TO_FLOAT(z) * side + (inverse->z > none ? wide : none) - p->z) * inverse->z);
  *steps = MAX(SPLAT(1), MIN(__builtin_elementwise_floor(least), SPLAT(1e6f)) + 1.0f);
  *is_seen = seen != 0;
}

// A step that is nearly across an axis never leaves a cell along it.
INLINE void invert(const v8 *step, v8 *inverse) {
  const v8 tiny = SPLAT(1e-9f);
  *inverse = 1.0f / (ABS(*step) < tiny ? (*step < SPLAT(0) ? -tiny : tiny) : *step);
}

CLONED void vrk_march(const vrk_volume *volume, const float *lines, float *out) {
  vec start, step, inverse, p;
  start = (vec){LOAD(lines), LOAD(lines + 8), LOAD(lines + 16)};
  step = (vec){LOAD(lines + 24), LOAD(lines + 32), LOAD(lines + 40)};
  invert(&step.x, &inverse.x);
  invert(&step.y, &inverse.y);
  invert(&step.z, &inverse.z);
  const v8 count = LOAD(lines + 48), entering = LOAD(lines + 56);
  const v8 nearly_solid = SPLAT(1 - volume->solid);
  const v8 last = SPLAT((float)(volume->entries - 1));
  v8 clear = SPLAT(1);
  v4 color[vrk_lanes] = {0};
  float k = 0;
  for (;;) {
    const i8 alive = (count > k) & (clear >= nearly_solid);
    if (!ANY(alive)) break;
    v8 steps;
    i8 seen;
    along(&start, &step, k, &p);
    enter_cell(volume, &p, &inverse, &seen, &steps);
    seen &= alive;
    const float end = k + __builtin_reduce_min(alive ? steps : SPLAT(1e6f));
    if (!ANY(seen)) {
      k = end;
      continue;
    }
    for (; k < end; k += 1) {
      const i8 used = seen & (count > k) & (clear >= nearly_solid);
      if (!ANY(used)) {
        k = end;
        break;
      }
      sampled grey;
      along(&start, &step, k, &p);
      sample(volume, &p, &grey);
      const i8 entry = TO_INT(MIN(MAX(grey.value, SPLAT(0)) * volume->fine + 0.5f, last));
      v8 alpha;
      EACH alpha[lane] = volume->alphas[entry[lane]];
      const v8 part = (used & (grey.value >= 1.0f)) ? clear * alpha : SPLAT(0);
      if (!ANY(part > 0.0f)) continue;
      v8 factor = SPLAT(1), gloss = SPLAT(0);
      if (volume->shading > 0) {
        // Where much is seen of a surface its direction is worth six more samples.
        const i8 solid = part > 0.1f;
        vec g = {grey.gradient.x * 2.0f, grey.gradient.y * 2.0f, grey.gradient.z * 2.0f};
        if (ANY(solid)) {
          vec smooth;
          smooth_gradient(volume, &p, &smooth);
          g = (vec){solid ? smooth.x : g.x, solid ? smooth.y : g.y, solid ? smooth.z : g.z};
        }
        const float *scale = volume->gradient_scale;
        g = (vec){g.x * scale[0], g.y * scale[1], g.z * scale[2]};
        shade(volume, &g, &factor, &gloss);
        const v8 at = grey.value * volume->fine;
        v8 surface;
        opacity_change(volume, &g, &at, &surface);
        factor = 1.0f + surface * (factor - 1.0f);
        gloss *= surface;
        if (k == 0) factor *= entering;
      }
      EACH color[lane] +=
          (*(const v4 *)(volume->colors + 4 * entry[lane]) * factor[lane] + gloss[lane]) * part[lane];
      clear -= part;
    }
  }
  EACH {
    for (int i = 0; i < 3; i++) out[4 * lane + i] = color[lane][i];
    out[4 * lane + 3] = 1 - clear[lane];
  }
}
