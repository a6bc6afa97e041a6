extension [Int] {
  /// Steps between neighbours along each axis of a dense array with these sides, the last axis fastest.
  ///
  /// - Parameter element: the step along the last axis.
  func rowStrides(of element: Int) -> [Int] {
    var strides = self
    var step = element
    for axis in indices.reversed() {
      strides[axis] = step
      step *= self[axis]
    }
    return strides
  }
}
