public import Drawing
import Foundation
public import Volumetry

/// A volume in the slice viewer of a report, its values as they are.
public struct ReportVolume: Sendable, Encodable {
  let name: String
  let label: String
  /// The label with its raised and lowered letters: the element of the page and the text of each run.
  let labelRuns: [[String]]
  /// Name of the quantity before its value, and the unit behind it.
  let short: String
  let unit: String
  /// Name of the volume of its standard errors.
  public var sigma: String?
  /// The values of labels or of a mask, rising; nil where values are of a scale.
  let classes: [Double]?
  /// What each of them means.
  let classNames: [String]?
  /// z, y, x.
  let shape: [Int]
  let spacing: [Double]
  let origin: [Double]
  let hasKnownSpacing: Bool
  let range: [Double]
  let map: String
  /// Voxel sides that were averaged into one: 1 where the values are the volume's own.
  let reduction: Int
  /// Little-endian float32, x fastest.
  let data: String

  /// - Parameters:
  ///   - label: what the values are, above the picture; `short` stands before a value and `unit` behind it.
  ///   - meanings: of the numbers of labels or of a mask, which are then drawn as steps of colour.
  ///   - limit: voxels at most; larger volumes are averaged in cubes, which the page says.
  public init(
    _ source: any VolumeSource, name: String, label: RichText = "value", short: String? = nil,
    unit: String = "", map: ColorMap = .batlow, range: ValueRange = .quantiles(0.02, 0.98),
    meanings: [Double: String]? = nil, limit: Int = 1_500_000
  ) throws(VoxelithError) {
    let grid = source.grid
    try grid.validate(file: source.name)
    var factor = 1
    func reduced(_ factor: Int) -> Shape {
      Shape(
        z: (grid.shape.z + factor - 1) / factor, y: (grid.shape.y + factor - 1) / factor,
        x: (grid.shape.x + factor - 1) / factor)
    }
    while reduced(factor).count > max(1, limit) { factor += 1 }
    let small = reduced(factor)
    var values: [Float] = []
    values.reserveCapacity(small.count)
    for z in 0..<small.z {
      try Cancellation.poll()
      let slices = (z * factor)..<min(grid.shape.z, (z + 1) * factor)
      let layer = try source.readFloats(Region(slices: slices, of: grid.shape))
      values += factor == 1 ? layer : averaged(layer, slices: slices.count, grid.shape, factor, small)
    }
    let (low, high) = values.contains(where: \.isFinite) ? try range.resolve(values, name: name) : (0, 1)
    self.name = name
    self.label = label.plain
    labelRuns = label.runs.map { run in
      [run.level == .lower ? "sub" : run.level == .upper ? "sup" : "span", run.text]
    }
    self.short = short ?? label.plain
    self.unit = unit.isEmpty ? "" : " " + unit
    let found =
      meanings == nil || factor > 1 ? [] : Set(values.filter(\.isFinite).map { Double($0) }).sorted()
    classes = found.isEmpty || found.count > 12 ? nil : found
    classNames = classes?.map { value in
      meanings?[value] ?? Ticks.number(value, digits: 6)
    }
    self.shape = [small.z, small.y, small.x]
    let spacing = grid.spacing * Double(factor)
    self.spacing = [spacing.z, spacing.y, spacing.x]
    self.origin = [grid.origin.z, grid.origin.y, grid.origin.x]
    hasKnownSpacing = grid.hasKnownSpacing
    self.range = [low, high]
    self.map = map.name
    reduction = factor
    var bytes = Data(capacity: 4 * values.count)
    for value in values {
      let bits = value.bitPattern
      bytes.append(contentsOf: [
        UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8),
        UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 24),
      ])
    }
    data = bytes.base64EncodedString()
  }
}

private func averaged(
  _ values: [Float], slices: Int, _ shape: Shape, _ factor: Int, _ small: Shape
) -> [Float] {
  var sums = [Double](repeating: 0, count: small.y * small.x)
  var counts = [Double](repeating: 0, count: small.y * small.x)
  for z in 0..<slices {
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let value = values[(z * shape.y + y) * shape.x + x]
        if value.isNaN { continue }
        sums[y / factor * small.x + x / factor] += Double(value)
        counts[y / factor * small.x + x / factor] += 1
      }
    }
  }
  return zip(sums, counts).map { $1 > 0 ? Float($0 / $1) : .nan }
}
