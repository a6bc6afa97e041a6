extension Matrix {
  /// This matrix times `right`, row by row on several threads. The result does not depend on their number.
  public func times(_ right: Matrix, threads: Int) -> Matrix {
    precondition(columns == right.rows)
    let (inner, width) = (columns, right.columns)
    guard rows > 0, width > 0 else { return Matrix(zeros: rows, width) }
    var product = [Double](repeating: 0, count: rows * width)
    let (a, b) = (elements, right.elements)
    Parallel.forEachSlab(of: &product, stride: width, threads: threads) { row, out in
      let (left, other) = (a.span, b.span)
      for k in 0..<inner {
        let factor = left[row * inner + k]
        if factor != 0 { Self.add(factor, other, from: k * width, to: &out) }
      }
    }
    return Matrix(rows: rows, columns: width, elements: product)
  }

  /// `factor` times the elements of `source` from `start` on, added to `target`.
  private static func add(
    _ factor: Double, _ source: Span<Double>, from start: Int, to target: inout MutableSpan<Double>
  ) {
    let row = source.extracting(start..<(start + target.count))
    for i in target.indices { target[i] += factor * row[i] }
  }

  /// `transposed` times `vector`.
  public func transposedTimes(_ vector: [Double]) -> [Double] {
    precondition(vector.count == rows)
    var result = [Double](repeating: 0, count: columns)
    var out = result.mutableSpan
    for row in 0..<rows where vector[row] != 0 {
      Self.add(vector[row], elements.span, from: row * columns, to: &out)
    }
    return result
  }

  /// `first` transposed times this matrix times `second`.
  public func bilinearForm(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, self * second).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Sum of the products of the elements of both at the same place.
  public func elementwiseSum(_ other: Matrix) -> Double {
    precondition(rows == other.rows && columns == other.columns)
    let (a, b) = (elements.span, other.elements.span)
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }
}
