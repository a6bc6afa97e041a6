#include "CTomographyKernels.h"
#include "CLanes.h"

// Sums are kept in registers for so many modes.
enum { modes_at_once = 8, modes_of_two = 4 };

CLONED void vtk_transform_rows(ptrdiff_t side, const float *matrix, const float *from, float *into) {
  for (ptrdiff_t row = 0; row < side; row++) {
    const float *line = from + 8 * row * side;
    float *target = into + 8 * row * side;
    ptrdiff_t mode = 0;
    for (; mode + modes_at_once <= side; mode += modes_at_once) {
      v8 sums[modes_at_once] = {0};
      for (ptrdiff_t place = 0; place < side; place++) {
        const v8 value = LOAD(line + 8 * place);
        const float *factors = matrix + place * side + mode;
        for (int k = 0; k < modes_at_once; k++) sums[k] += factors[k] * value;
      }
      for (int k = 0; k < modes_at_once; k++) STORE(target + 8 * (mode + k), sums[k]);
    }
    for (; mode < side; mode++) {
      v8 sum = {0};
      for (ptrdiff_t place = 0; place < side; place++) sum += matrix[place * side + mode] * LOAD(line + 8 * place);
      STORE(target + 8 * mode, sum);
    }
  }
}

CLONED void vtk_transform_columns(ptrdiff_t side, const float *matrix, const float *from, float *into) {
  ptrdiff_t column = 0;
  // Two columns are a cache line.
  for (; column + 2 <= side; column += 2) {
    ptrdiff_t mode = 0;
    for (; mode + modes_of_two <= side; mode += modes_of_two) {
      v8 left[modes_of_two] = {0}, right[modes_of_two] = {0};
      for (ptrdiff_t place = 0; place < side; place++) {
        const float *value = from + 8 * (place * side + column);
        const v8 a = LOAD(value), b = LOAD(value + 8);
        const float *factors = matrix + place * side + mode;
        for (int k = 0; k < modes_of_two; k++) {
          left[k] += factors[k] * a;
          right[k] += factors[k] * b;
        }
      }
      for (int k = 0; k < modes_of_two; k++) {
        float *target = into + 8 * ((mode + k) * side + column);
        STORE(target, left[k]);
        STORE(target + 8, right[k]);
      }
    }
    for (; mode < side; mode++) {
      v8 a = {0}, b = {0};
      for (ptrdiff_t place = 0; place < side; place++) {
        const float *value = from + 8 * (place * side + column);
        a += matrix[place * side + mode] * LOAD(value);
        b += matrix[place * side + mode] * LOAD(value + 8);
      }
      STORE(into + 8 * (mode * side + column), a);
      STORE(into + 8 * (mode * side + column) + 8, b);
    }
  }
  for (; column < side; column++) {
    for (ptrdiff_t mode = 0; mode < side; mode++) {
      v8 sum = {0};
      for (ptrdiff_t place = 0; place < side; place++) {
        sum += matrix[place * side + mode] * LOAD(from + 8 * (place * side + column));
      }
      STORE(into + 8 * (mode * side + column), sum);
    }
  }
}
