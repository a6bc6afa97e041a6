/// A small dense matrix of doubles, row by row.
public struct Matrix: Sendable, Hashable {
  public let rows: Int
  public let columns: Int
  public private(set) var elements: [Double]

  public init(rows: Int, columns: Int, elements: [Double]) {
    precondition(elements.count == rows * columns)
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  public init(zeros rows: Int, _ columns: Int) {
    self.init(rows: rows, columns: columns, elements: [Double](repeating: 0, count: rows * columns))
  }

  public init(identity size: Int) {
    self.init(zeros: size, size)
    for index in 0..<size { self[index, index] = 1 }
  }

  public init(_ rows: [[Double]]) {
    self.init(rows: rows.count, columns: rows.first?.count ?? 0, elements: rows.flatMap { $0 })
  }

  public subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  public var transposed: Matrix {
    var result = Matrix(zeros: columns, rows)
    for row in 0..<rows { for column in 0..<columns { result[column, row] = self[row, column] } }
    return result
  }

  /// The rows as nested arrays, for JSON.
  public var nested: [[Double]] {
    (0..<rows).map { Array(elements[($0 * columns)..<(($0 + 1) * columns)]) }
  }

  public static func * (left: Matrix, right: Matrix) -> Matrix {
    precondition(left.columns == right.rows)
    var result = Matrix(zeros: left.rows, right.columns)
    for i in 0..<left.rows {
      for k in 0..<left.columns {
        let factor = left[i, k]
        for j in 0..<right.columns { result[i, j] += factor * right[k, j] }
      }
    }
    return result
  }

  public static func * (left: Matrix, right: [Double]) -> [Double] {
    precondition(left.columns == right.count)
    return (0..<left.rows).map { row in
      (0..<left.columns).reduce(0) { $0 + left[row, $1] * right[$1] }
    }
  }

  public static func + (left: Matrix, right: Matrix) -> Matrix {
    precondition(left.rows == right.rows && left.columns == right.columns)
    return Matrix(
      rows: left.rows, columns: left.columns, elements: zip(left.elements, right.elements).map(+))
  }

  public static func * (left: Double, right: Matrix) -> Matrix {
    Matrix(rows: right.rows, columns: right.columns, elements: right.elements.map { left * $0 })
  }

  /// `vector` transposed times this matrix times `vector`.
  public func quadraticForm(_ vector: [Double]) -> Double {
    zip(vector, self * vector).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
