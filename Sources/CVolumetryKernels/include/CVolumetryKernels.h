// One-dimensional filters over rows of single precision. Every value adds its terms in the order of the taps, without fused
// multiply-add, so the bits never depend on the instruction set.
#ifndef C_VOLUMETRY_KERNELS_H
#define C_VOLUMETRY_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// out[x] = sum over k of weights[k] * in[offsets[k] + x], for `width` values x.
void vvk_filter_rows(const float *in, const ptrdiff_t *offsets, const float *weights, ptrdiff_t taps, ptrdiff_t width,
                     float *out);

// `count` unsigned numbers of 32 bits as floats. Both may lie at any address; where they overlap, the floats must not begin behind
// the numbers.
void vvk_floats(const void *numbers, ptrdiff_t count, void *floats);

// `count` numbers of four bytes from their first bytes, their second ones, and so on.
void vvk_join_bytes(const uint8_t *planes, ptrdiff_t count, uint8_t *numbers);

#endif
