extension PagedArray {
  /// The elements of a box, x fastest, where the array holds the voxels of a grid of a shape.
  public func box(_ region: Region, of shape: Shape) -> [Element] {
    precondition(region.fits(in: shape) && count == shape.count)
    var values: [Element] = []
    values.reserveCapacity(region.count)
    Self.forEachRun(region, of: shape) { run in copy(run, to: &values) }
    memory.touched(region.count * MemoryLayout<Element>.stride)
    return values
  }

  /// Writes the elements of a box, x fastest, where the array holds the voxels of a grid of a shape.
  public func paste(_ values: [Element], into region: Region, of shape: Shape) {
    precondition(region.fits(in: shape) && count == shape.count && values.count == region.count)
    var start = 0
    Self.forEachRun(region, of: shape) { run in
      replace(run, with: values.span.extracting(start..<(start + run.count)))
      start += run.count
    }
    memory.touched(region.count * MemoryLayout<Element>.stride)
  }

  /// The longest runs of neighbouring elements that make up a box: slices, or else rows.
  private static func forEachRun(_ region: Region, of shape: Shape, _ body: (Range<Int>) -> Void) {
    guard region.count > 0 else { return }
    let isFull = region.shape.y == shape.y && region.shape.x == shape.x
    for z in region.z {
      for y in isFull ? 0..<1 : region.y {
        let start = shape.index(z: z, y: y, x: region.lower.x)
        body(start..<(start + (isFull ? shape.y * shape.x : region.shape.x)))
      }
    }
  }
}
