// One-dimensional filters over rows of single precision. Every value adds its terms in the order of the taps, without fused
// multiply-add, so the bits never depend on the instruction set.
#ifndef C_VOLUMETRY_KERNELS_H
#define C_VOLUMETRY_KERNELS_H

#include <stddef.h>

// out[x] = sum over k of weights[k] * in[offsets[k] + x], for `width` values x.
void vvk_filter_rows(const float *in, const ptrdiff_t *offsets, const float *weights, ptrdiff_t taps, ptrdiff_t width,
                     float *out);

#endif
