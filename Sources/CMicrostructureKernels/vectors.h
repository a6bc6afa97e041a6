#ifndef VMK_VECTORS_H
#define VMK_VECTORS_H

#include "CMicrostructureKernels.h"

// Without fused multiply-add the clones agree bit for bit.
#pragma STDC FP_CONTRACT OFF

// The choice between clones is made before ThreadSanitizer's own start, which it would call.
#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
#define CLONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONED
#endif

// Eight floats, at any address.
typedef float v8 __attribute__((ext_vector_type(8), aligned(4)));

#define LOAD(p) (*(const v8 *)(p))
#define STORE(p, v) (*(v8 *)(p) = (v))

// Sixteen, for long chains of dependent operations: on processors with eight lanes two chains then run
// side by side.
typedef float v16 __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t i16 __attribute__((ext_vector_type(16), aligned(4)));

#define LOAD16(p) (*(const v16 *)(p))
#define STORE16(p, v) (*(v16 *)(p) = (v))

#endif
