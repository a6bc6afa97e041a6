// What the C kernels share: clones for the instruction sets of x86-64, and vectors of eight lanes at any address. Every lane does the
// same operations in the same order on every processor.
#ifndef C_LANES_H
#define C_LANES_H

#include <stddef.h>
#include <stdint.h>

// Without fused multiply-add the clones agree bit for bit.
#pragma STDC FP_CONTRACT OFF

// The choice between clones is made before ThreadSanitizer's own start, which it would call.
#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
#define CLONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONED
#endif
#define INLINE static inline __attribute__((always_inline))

typedef float v8 __attribute__((ext_vector_type(8), aligned(4)));
typedef int32_t i8 __attribute__((ext_vector_type(8), aligned(4)));
typedef uint32_t u8 __attribute__((ext_vector_type(8), aligned(4)));
typedef double d8 __attribute__((ext_vector_type(8), aligned(8)));

#define LOAD(p) (*(const v8 *)(p))
#define STORE(p, v) (*(v8 *)(p) = (v))
#define SPLAT(value) ((v8)(value))
// The first where one is not a number.
#define LARGER(a, b) (((b) > (a)) ? (b) : (a))
#define SMALLER(a, b) (((b) < (a)) ? (b) : (a))
#define ANY(mask) (__builtin_reduce_or(mask) != 0)

// Sum of eight lanes from the first to the last.
#define SUM(v) ((((((((v)[0] + (v)[1]) + (v)[2]) + (v)[3]) + (v)[4]) + (v)[5]) + (v)[6]) + (v)[7])

#endif
