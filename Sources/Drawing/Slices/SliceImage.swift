public import Volumetry

/// The values of one slice of a volume, with the sizes that drawing needs.
public struct SliceImage: Sendable {
  /// Values row by row from the top; NaN where missing.
  public let values: [Float]
  public let width: Int
  public let height: Int
  /// Width and height of a value in micrometres, or in voxels where nobody told the size.
  public let pixelSize: (width: Double, height: Double)
  public let hasKnownSpacing: Bool
  /// Axes to the right and downwards: `x` and `y` for a slice across z. Empty for an oblique slice.
  public let axes: (horizontal: String, vertical: String)
  /// Which axes run to the right and down, and where the slice lies, in words.
  public let place: String
  /// The file or volume that it was cut from.
  public let name: String

  public init(
    values: [Float], width: Int, height: Int, pixelSize: (width: Double, height: Double),
    hasKnownSpacing: Bool = true, axes: (horizontal: String, vertical: String) = ("x", "y"),
    place: String = "", name: String = ""
  ) {
    precondition(values.count == width * height && width > 0 && height > 0)
    self.values = values
    self.width = width
    self.height = height
    self.pixelSize = pixelSize
    self.hasKnownSpacing = hasKnownSpacing
    self.axes = axes
    self.place = place
    self.name = name
  }

  /// Cuts a slice. Across z, x runs to the right and y down; across y, x and z; across x, y and z.
  ///
  /// - Throws: `usage` where there is no such slice, and what reading throws.
  public init(_ source: any VolumeSource, _ plane: SlicePlane) throws(VoxelithError) {
    let grid = source.grid
    try grid.validate(file: source.name)
    let index = try plane.index(in: grid, name: source.name)
    var region = Region(whole: grid.shape)
    region.lower[plane.axis] = index
    region.shape[plane.axis] = 1
    let (across, down): (Axis, Axis) =
      switch plane.axis {
      case .z: (.x, .y)
      case .y: (.x, .z)
      case .x: (.y, .z)
      }
    let center = grid.origin(along: plane.axis) + (Double(index) + 0.5) * grid.spacing(along: plane.axis)
    let number = "slice \(index + 1) of \(grid.shape[plane.axis])"
    self.init(
      values: try source.readFloats(region), width: grid.shape[across], height: grid.shape[down],
      pixelSize: (grid.spacing(along: across), grid.spacing(along: down)),
      hasKnownSpacing: grid.hasKnownSpacing, axes: (across.rawValue, down.rawValue),
      place: Self.directions(across.rawValue, down.rawValue) + "; "
        + (grid.hasKnownSpacing
          ? "\(plane.axis.rawValue) = \(PhysicalLength.text(micrometres: center)) (\(number))"
          : "\(plane.axis.rawValue): \(number)"),
      name: source.name)
  }

  /// `x →, z ↓`: no line breaks between an axis and its arrow.
  private static func directions(_ across: String, _ down: String) -> String {
    "\(across)\u{00A0}\u{2192}, \(down)\u{00A0}\u{2193}"
  }

  /// Width and height in micrometres or voxels.
  public var extent: (width: Double, height: Double) {
    (Double(width) * pixelSize.width, Double(height) * pixelSize.height)
  }

  public var hasMissing: Bool { values.contains { $0.isNaN } }

  /// The slice with blocks of values averaged, so that no side is longer than `side`. Missing values are left
  /// out of the mean; a block is missing where all of it is.
  public func reduced(toFit side: Int) -> SliceImage {
    let factor = max((width + side - 1) / side, (height + side - 1) / side)
    guard factor > 1 else { return self }
    let newWidth = (width + factor - 1) / factor
    let newHeight = (height + factor - 1) / factor
    var result = [Float](repeating: .nan, count: newWidth * newHeight)
    for row in 0..<newHeight {
      var sums = [Double](repeating: 0, count: newWidth)
      var counts = [Int](repeating: 0, count: newWidth)
      for y in (row * factor)..<min(height, (row + 1) * factor) {
        for x in 0..<width {
          let value = values[y * width + x]
          if value.isNaN { continue }
          sums[x / factor] += Double(value)
          counts[x / factor] += 1
        }
      }
      for x in 0..<newWidth where counts[x] > 0 {
        result[row * newWidth + x] = Float(sums[x] / Double(counts[x]))
      }
    }
    return SliceImage(
      values: result, width: newWidth, height: newHeight,
      pixelSize: (
        pixelSize.width * Double(width) / Double(newWidth),
        pixelSize.height * Double(height) / Double(newHeight)
      ), hasKnownSpacing: hasKnownSpacing, axes: axes, place: place, name: name)
  }
}
