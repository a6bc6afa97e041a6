import CMicrostructureKernels
import Foundation

/// Directions counted in cells of one area on the hemisphere z >= 0 (directions are axial: n and -n
/// are one), and by their angle to z.
///
/// Ring k of K reaches to cos(theta) = 1 - ((k + 1) / K)^2 and has 6 k + 3 sectors that begin at the
/// x axis: in Lambert's equal-area projection the rings are concentric of one width.
public struct DirectionHistogram: Sendable, Hashable {
  /// Degrees per bin of the angle to z.
  static let angleBins = 90

  public let rings: Int
  /// Directions per cell, ring by ring from the pole; 3 K^2 cells.
  public internal(set) var cells: [Int]
  /// Directions per degree of angle to z, 0 to 90.
  public internal(set) var angles: [Int]

  /// - Precondition: `rings` is positive.
  public init(rings: Int = 12) {
    precondition(rings > 0)
    self.rings = rings
    cells = [Int](repeating: 0, count: 3 * rings * rings)
    angles = [Int](repeating: 0, count: Self.angleBins)
  }

  public var total: Int { cells.reduce(0, +) }

  /// Limits of a cell: angle to z and azimuth from x towards y, in radians.
  public func limits(of cell: Int) -> (theta: ClosedRange<Double>, azimuth: ClosedRange<Double>) {
    let ring = Int(Double(cell / 3).squareRoot())
    let sectors = Double(6 * ring + 3)
    let sector = Double(cell - 3 * ring * ring)
    func theta(_ k: Int) -> Double {
      let share = Double(k) / Double(rings)
      return acos(max(0, 1 - share * share))
    }
    return (
      theta(ring)...theta(ring + 1),
      (2 * .pi * sector / sectors)...(2 * .pi * (sector + 1) / sectors)
    )
  }

  mutating func merge(_ other: DirectionHistogram) {
    for i in cells.indices { cells[i] += other.cells[i] }
    for i in angles.indices { angles[i] += other.angles[i] }
  }
}

/// Finds the degree of the angle to z from its cosine, by limits and not by a function whose last
/// bit depends on the processor.
struct AngleBins: Sendable {
  /// Least cosine of each bin.
  private let limits: [Float]
  private let start: [Int32]
  private static let steps = 1024

  init() {
    let limits = (1...DirectionHistogram.angleBins).map { degree in
      degree == DirectionHistogram.angleBins ? -1 : Float(cos(Double(degree) * .pi / 180))
    }
    self.limits = limits
    start = (0...Self.steps).map { step in
      let highest = Float(step + 1) / Float(Self.steps)
      return Int32(limits.firstIndex { $0 < highest } ?? 0)
    }
  }

  /// Counts directions with these z, from 0 to 1, and these cells, less than none for those that do not count.
  func count(_ z: Span<Float>, _ cells: Span<Int32>, into histogram: inout DirectionHistogram) {
    precondition(cells.count >= z.count)
    unsafe z.withUnsafeBufferPointer { z in
      unsafe cells.withUnsafeBufferPointer { cells in
        unsafe vmk_count_directions(
          cells.baseAddress, z.baseAddress, z.count, limits, start, Int32(Self.steps), Int32(limits.count),
          &histogram.cells, &histogram.angles)
      }
    }
  }
}
