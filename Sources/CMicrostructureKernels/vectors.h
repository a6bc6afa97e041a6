#ifndef VMK_VECTORS_H
#define VMK_VECTORS_H

#include "CMicrostructureKernels.h"
#include "CLanes.h"

// Sixteen, for long chains of dependent operations: on processors with eight lanes two chains then run
// side by side.
typedef float v16 __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t i16 __attribute__((ext_vector_type(16), aligned(4)));

#define LOAD16(p) (*(const v16 *)(p))
#define STORE16(p, v) (*(v16 *)(p) = (v))

#endif
