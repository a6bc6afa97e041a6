public import Volumetry

extension SliceImage {
  /// The whole numbers that the slice holds, rising: labels, or the reasons of a mask. Nil where it holds other values, none, or
  /// more than `most`.
  public func classes(atMost most: Int = 12) -> [Float]? {
    var found: Set<Float> = []
    for value in values where !value.isNaN {
      guard value == value.rounded(), value.isFinite else { return nil }
      found.insert(value)
      if found.count > most { return nil }
    }
    return found.isEmpty ? nil : found.sorted()
  }

  /// The slice with the place of every number among `classes` in its stead.
  func numbered(by classes: [Float]) -> SliceImage {
    let places = Dictionary(
      zip(classes, classes.indices.map { Float($0) }), uniquingKeysWith: { first, _ in first })
    return SliceImage(
      values: values.map { places[$0] ?? .nan }, width: width, height: height, pixelSize: pixelSize,
      hasKnownSpacing: hasKnownSpacing, axes: axes, place: place, name: name)
  }

  /// The slice with one value of every block, so that no side is longer than `side`: labels have no mean.
  func sampled(toFit side: Int) -> SliceImage {
    let factor = max((width + side - 1) / side, (height + side - 1) / side)
    guard factor > 1 else { return self }
    let (columns, rows) = ((width + factor - 1) / factor, (height + factor - 1) / factor)
    let picked = (0..<rows).flatMap { row in
      (0..<columns).map { column in
        values[
          min(height - 1, row * factor + factor / 2) * width + min(width - 1, column * factor + factor / 2)]
      }
    }
    return SliceImage(
      values: picked, width: columns, height: rows,
      pixelSize: (
        pixelSize.width * Double(width) / Double(columns), pixelSize.height * Double(height) / Double(rows)
      ), hasKnownSpacing: hasKnownSpacing, axes: axes, place: place, name: name)
  }
}

extension SliceFigure {
  /// A slice of labels or of a mask in as many colours as it has numbers, which the colour bar names.
  ///
  /// - Parameters:
  ///   - classes: the numbers, rising: those of ``SliceImage/classes(atMost:)``, or of several slices together.
  ///   - meanings: what a number means; the number itself without.
  /// - Throws: `usage` where there is no class.
  public init(
    _ slice: SliceImage, classes: [Float], meanings: [Double: String] = [:], map: ColorMap = .batlow,
    label: RichText = "label", title: RichText? = nil
  ) throws(VoxelithError) {
    guard !classes.isEmpty else { throw VoxelithError(.usage, "the slice holds no label", file: slice.name) }
    try self.init(
      slice.numbered(by: classes), map: map,
      range: .fixed(-0.5, Double(classes.count) - 0.5), label: label, title: title)
    steps = classes.map { RichText(plain: meanings[Double($0)] ?? Ticks.number(Double($0), digits: 9)) }
  }
}
