#include "CVolumetryKernels.h"
#include "CLanes.h"

#include <string.h>

typedef uint8_t b16 __attribute__((ext_vector_type(16), aligned(1)));
typedef uint8_t b32 __attribute__((ext_vector_type(32), aligned(1)));
typedef uint8_t b64 __attribute__((ext_vector_type(64), aligned(1)));

CLONED void vvk_floats(const void *numbers, ptrdiff_t count, void *floats) {
  const char *source = numbers;
  char *target = floats;
  ptrdiff_t i = 0;
  for (; i + 8 <= count; i += 8) {
    u8 number;
    memcpy(&number, source + 4 * i, 32);
    const v8 value = __builtin_convertvector(number, v8);
    memcpy(target + 4 * i, &value, 32);
  }
  for (; i < count; i++) {
    uint32_t number;
    memcpy(&number, source + 4 * i, 4);
    const float value = (float)number;
    memcpy(target + 4 * i, &value, 4);
  }
}

CLONED void vvk_join_bytes(const uint8_t *planes, ptrdiff_t count, uint8_t *numbers) {
  const uint8_t *first = planes, *second = first + count, *third = second + count, *fourth = third + count;
  ptrdiff_t i = 0;
  for (; i + 16 <= count; i += 16) {
    b16 a, b, c, d;
    memcpy(&a, first + i, 16);
    memcpy(&b, second + i, 16);
    memcpy(&c, third + i, 16);
    memcpy(&d, fourth + i, 16);
    const b32 low = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10,
                                            26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const b32 high = __builtin_shufflevector(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10,
                                             26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const b64 all = __builtin_shufflevector(
        low, high, 0, 1, 32, 33, 2, 3, 34, 35, 4, 5, 36, 37, 6, 7, 38, 39, 8, 9, 40, 41, 10, 11, 42, 43, 12, 13, 44, 45, 14, 15,
        46, 47, 16, 17, 48, 49, 18, 19, 50, 51, 20, 21, 52, 53, 22, 23, 54, 55, 24, 25, 56, 57, 26, 27, 58, 59, 28, 29, 60, 61,
        30, 31, 62, 63);
    memcpy(numbers + 4 * i, &all, 64);
  }
  for (; i < count; i++) {
    numbers[4 * i] = first[i];
    numbers[4 * i + 1] = second[i];
    numbers[4 * i + 2] = third[i];
    numbers[4 * i + 3] = fourth[i];
  }
}
