public import Volumetry

/// The gradient of a slice as arrows: which way a value rises, and how fast.
///
/// Arrows stand where the gradient is larger than ``significance`` times its standard error; noise has a gradient, too.
public struct SliceArrows: Sendable {
  /// One arrow: the voxel it starts from, and the rise per micrometre to the right and downwards.
  struct Arrow {
    var column: Int
    var row: Int
    var rise: SIMD2<Double>
  }

  /// Standard errors that a gradient must exceed to be drawn.
  public static let significance = 2.0
  /// Arrows at most along the longer side.
  static let most = 16

  let arrows: [Arrow]
  /// Largest rise of all arrows.
  let largest: Double
  /// Voxels from one arrow to the next.
  let stride: Int
  /// Places where an arrow could stand.
  let places: Int

  /// Central differences over blocks of voxels, so that an arrow tells of all voxels around it.
  ///
  /// - Parameter sigma: standard errors of the values; nil draws every arrow.
  /// - Throws: `usage` where sigma has another shape.
  public init(_ slice: SliceImage, sigma: SliceImage?) throws(VoxelithError) {
    if let sigma, sigma.width != slice.width || sigma.height != slice.height {
      throw VoxelithError(
        .usage,
        "sigma has \(sigma.width) x \(sigma.height) voxels, the values \(slice.width) x \(slice.height)",
        file: sigma.name)
    }
    let stride = max(2, (max(slice.width, slice.height) + Self.most - 1) / Self.most)
    let half = max(1, stride / 2)
    func mean(_ columns: Range<Int>, _ rows: Range<Int>) -> (value: Double, variance: Double)? {
      var (sum, variance, count) = (0.0, 0.0, 0)
      for y in rows where y >= 0 && y < slice.height {
        for x in columns where x >= 0 && x < slice.width {
          let value = Double(slice.values[y * slice.width + x])
          let error = sigma.map { Double($0.values[y * slice.width + x]) } ?? 0
          guard value.isFinite, error.isFinite else { continue }
          sum += value
          variance += error * error
          count += 1
        }
      }
      guard 2 * count > columns.count * rows.count else { return nil }
      return (sum / Double(count), variance / Double(count * count))
    }
    var arrows: [Arrow] = []
    var places = 0
    var row = half
    while row < slice.height {
      var column = half
      while column < slice.width {
        defer { column += stride }
        let across = (row - half)..<(row + half)
        let along = (column - half)..<(column + half)
        guard let left = mean((column - stride)..<column, across),
          let right = mean(column..<(column + stride), across),
          let above = mean(along, (row - stride)..<row), let below = mean(along, row..<(row + stride))
        else { continue }
        places += 1
        let rise = SIMD2(
          (right.value - left.value) / (Double(stride) * slice.pixelSize.width),
          (below.value - above.value) / (Double(stride) * slice.pixelSize.height))
        let variance = SIMD2(
          (right.variance + left.variance) / sq(Double(stride) * slice.pixelSize.width),
          (below.variance + above.variance) / sq(Double(stride) * slice.pixelSize.height))
        let length = (rise * rise).sum().squareRoot()
        guard length > 0 else { continue }
        let direction = rise / length
        let error = (direction * direction * variance).sum().squareRoot()
        if length > Self.significance * error { arrows.append(Arrow(column: column, row: row, rise: rise)) }
      }
      row += stride
    }
    self.arrows = arrows
    self.stride = stride
    self.places = places
    largest = arrows.map { ($0.rise * $0.rise).sum().squareRoot() }.max() ?? 0
  }

  /// What the arrows are, for the line below the picture.
  ///
  /// - Parameter unit: of the lengths.
  func note(unit: String) -> RichText {
    guard largest > 0 else {
      return RichText(plain: "no gradient above \(Ticks.number(Self.significance))\u{03C3}")
    }
    return RichText(
      plain: "arrows: gradient above \(Ticks.number(Self.significance))\u{03C3} (\(arrows.count) of "
        + "\(places)), longest \(Ticks.number(largest, digits: 2)) per \(unit)")
  }

  /// Draws the arrows within a picture of the slice.
  func draw(into scene: inout Scene, _ picture: Rectangle, _ slice: SliceImage, style: FigureStyle) {
    guard largest > 0 else { return }
    let width = picture.width / Double(slice.width)
    let height = picture.height / Double(slice.height)
    let longest = 0.95 * Double(stride) * min(width, height)
    scene.group(clip: Path(picture)) { inner in
      for arrow in arrows {
        let middle = Point(
          picture.x + Double(arrow.column) * width, picture.y + Double(arrow.row) * height)
        let length = (arrow.rise * arrow.rise).sum().squareRoot()
        let reach = arrow.rise / length * (longest * max(0.25, length / largest))
        let path = Self.path(
          from: Point(middle.x - reach.x / 2, middle.y - reach.y / 2),
          to: Point(middle.x + reach.x / 2, middle.y + reach.y / 2))
        inner.stroke(path, Stroke(.white, width: min(1, 2.2 * style.axisWidth)))
        inner.stroke(path, Stroke(.black, width: style.axisWidth))
      }
    }
  }

  private static func path(from start: Point, to end: Point) -> Path {
    var path = Path(line: start, end)
    let back = SIMD2(start.x - end.x, start.y - end.y) * 0.38
    for side in [1.0, -1] {
      path.move(to: end)
      path.line(to: Point(end.x + back.x - side * 0.6 * back.y, end.y + back.y + side * 0.6 * back.x))
    }
    return path
  }
}

private func sq(_ value: Double) -> Double { value * value }
