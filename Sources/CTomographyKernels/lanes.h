#ifndef VTK_LANES_H
#define VTK_LANES_H

#include "CTomographyKernels.h"

// Without fused multiply-add the clones agree bit for bit.
#pragma STDC FP_CONTRACT OFF

// The choice between clones is made before ThreadSanitizer's own start, which it would call.
#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
#define CLONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONED
#endif
#define INLINE static inline __attribute__((always_inline))

// Eight floats, at any address.
typedef float v8 __attribute__((ext_vector_type(8), aligned(4)));
typedef int32_t i8 __attribute__((ext_vector_type(8), aligned(4)));

#define LOAD(p) (*(const v8 *)(p))
#define STORE(p, v) (*(v8 *)(p) = (v))
#define SPLAT(value) ((v8)(value))
#define SMALLER(a, b) (((b) < (a)) ? (b) : (a))
#define LARGER(a, b) (((b) > (a)) ? (b) : (a))

#endif
