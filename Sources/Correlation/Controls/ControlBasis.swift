import Foundation
import Volumetry

/// The functions that controls span on the voxels of a pair, orthonormal, and what they leave of a field.
struct ControlBasis: Sendable {
  /// What one control took.
  struct Part: Sendable {
    let name: String
    let kind: String
    let degrees: Int
  }

  /// Layer of every voxel, from 0; one layer for all where layers are no control.
  private let layer: [Int]
  private let layers: Int
  private let columns: [[Double]]
  let parts: [Part]

  /// Degrees of freedom that are spent, the mean not counted.
  var spent: Int { parts.reduce(0) { $0 + $1.degrees } }

  /// - Parameters:
  ///   - pair: whose voxels count.
  ///   - depth: index of the depth axis.
  ///   - fields: named values on the grid of the pair.
  init(
    _ settings: ControlSettings, of pair: FieldPair, grid: Grid, depth axis: Axis,
    fields: [(name: String, values: [Double])]
  ) {
    let shape = pair.shape
    let place = pair.voxels.map { shape.indices(of: $0) }
    let depth = place.map { $0[axis] }
    let present = Set(depth).sorted()
    let isDeep = present.count > 1
    var parts: [Part] = []
    var kind = settings.depth
    // A mean of few voxels is mostly their own values.
    if kind == .layers, pair.count < 4 * present.count { kind = .spline }
    let layer: [Int]
    let layers: Int
    if isDeep, kind == .layers {
      let number = Dictionary(uniqueKeysWithValues: present.enumerated().map { ($1, $0) })
      layer = depth.map { number[$0] ?? 0 }
      layers = present.count
      parts.append(Part(name: "depth", kind: kind.rawValue, degrees: present.count - 1))
    } else {
      layer = [Int](repeating: 0, count: pair.count)
      layers = 1
    }
    var columns: [[Double]] = []
    let room = pair.count / 4
    func add(_ name: String, _ kind: String, _ candidates: [[Double]]) {
      let before = columns.count
      for candidate in candidates where columns.count < room {
        if let column = Self.orthonormal(candidate, layer: layer, layers: layers, to: columns) {
          columns.append(column)
        }
      }
      parts.append(Part(name: name, kind: kind, degrees: columns.count - before))
    }
    if isDeep, kind == .spline || kind == .line {
      let values = depth.map { Double($0) }
      let degrees = kind == .line ? 1 : min(settings.depthSplineDegrees, max(1, present.count / 2))
      add("depth", kind.rawValue, SplineBasis.columns(values, dof: degrees))
    }
    let across = Axis.allCases.filter { $0 != axis && shape[$0] > 1 }
    if settings.lateral != .none, !across.isEmpty {
      let unit = across.map { axis in
        place.map { (2 * Double($0[axis]) + 1) / Double(shape[axis]) - 1 }
      }
      let cells = across.reduce(1) { $0 * shape[$1] }
      let candidates =
        settings.lateral == .plane || cells < 30
        ? unit
        : Self.smooth(
          unit, lengths: across.map { Double(shape[$0]) * grid.spacing(along: $0) }, room: cells / 4)
      add("lateral", settings.lateral.rawValue, candidates)
    }
    for field in fields {
      let values = pair.voxels.map { field.values[$0] }
      add(field.name, "spline", SplineBasis.columns(values, dof: settings.fieldSplineDegrees))
    }
    self.layer = layer
    self.layers = layers
    self.columns = columns
    self.parts = parts
  }

  /// What the controls and a constant leave.
  func residuals(_ values: [Double]) -> [Double] {
    var rest = Self.centred(values, layer: layer, layers: layers)
    for column in columns {
      let share = Self.dot(column, rest)
      for i in rest.indices { rest[i] -= share * column[i] }
    }
    return rest
  }

  /// Products of Legendre polynomials of the coordinates up to a degree from three to eight, and a spline of the distance from the
  /// middle.
  ///
  /// Degree three leaves 0.5 % of the variance of a cone about any place, 7 % of that of a bell a fifth as wide as the sample, and
  /// 80 % of that of a wave as long as the sample; degree seven 0.07, 0.1 and 0.4 %.
  /// - Parameter room: how many functions the voxels across the depth bear.
  private static func smooth(_ unit: [[Double]], lengths: [Double], room: Int) -> [[Double]] {
    func functions(_ degree: Int) -> Int {
      unit.count == 1 ? degree : (degree + 1) * (degree + 2) / 2 - 1 + radialDegrees
    }
    let most = (3...8).last { functions($0) <= room } ?? 3
    let powers = unit.map { legendre($0, upTo: most) }
    var columns: [[Double]] = []
    let count = unit[0].count
    for degree in 1...most {
      if unit.count == 1 {
        columns.append(powers[0][degree])
        continue
      }
      for first in stride(from: degree, through: 0, by: -1) {
        let (a, b) = (powers[0][first], powers[1][degree - first])
        columns.append((0..<count).map { a[$0] * b[$0] })
      }
    }
    guard unit.count > 1 else { return columns }
    let radius = (0..<count).map { i -> Double in
      let first = unit[0][i] * lengths[0]
      let second = unit[1][i] * lengths[1]
      return (first * first + second * second).squareRoot()
    }
    return columns + SplineBasis.columns(radius, dof: radialDegrees)
  }

  private static let radialDegrees = 5

  /// Legendre polynomials of values from -1 to 1 (Abramowitz and Stegun 22.7.10); like powers they span all polynomials, and they
  /// stay independent to rounding.
  private static func legendre(_ values: [Double], upTo degree: Int) -> [[Double]] {
    var rows = [values.map { _ in 1.0 }, values]
    for n in 1..<degree {
      let (last, before) = (rows[n], rows[n - 1])
      rows.append(
        values.indices.map { i in
          (Double(2 * n + 1) * values[i] * last[i] - Double(n) * before[i]) / Double(n + 1)
        })
    }
    return rows
  }

  /// A function freed of the layers' means and the functions before it; nil where nothing of its own is left.
  private static func orthonormal(
    _ values: [Double], layer: [Int], layers: Int, to columns: [[Double]]
  ) -> [Double]? {
    var rest = centred(values, layer: layer, layers: layers)
    let size = dot(values, values)
    // Twice: once leaves rounding errors along what was removed.
    for _ in 0..<2 {
      for column in columns {
        let share = dot(column, rest)
        for i in rest.indices { rest[i] -= share * column[i] }
      }
    }
    let left = dot(rest, rest)
    guard left > 1e-16 * size, left > 0 else { return nil }
    let scale = 1 / left.squareRoot()
    return rest.map { $0 * scale }
  }

  private static func centred(_ values: [Double], layer: [Int], layers: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: layers)
    var counts = sums
    for (i, value) in values.enumerated() {
      sums[layer[i]] += value
      counts[layer[i]] += 1
    }
    return values.indices.map { values[$0] - sums[layer[$0]] / counts[layer[$0]] }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }
}
