public import Volumetry

/// Which phases conduct, and how well: relative diffusivity D / D0 by label.
///
/// Labels that are not listed, or listed with zero, insulate. At most ``maximumClasses`` different
/// values may be used.
public struct Conductivity: Sendable, Hashable {
  /// Different relative diffusivities that one volume can hold.
  public static let maximumClasses = 31

  /// Relative diffusivity by label.
  public let phases: [UInt32: Double]
  /// The different diffusivities above zero, ascending: class `k` has `values[k - 1]`, class 0 insulates.
  let values: [Double]

  /// - Throws: `usage` where nothing conducts, where a value is negative or not finite, where the
  ///   values span more than eight decades, or where there are too many different ones.
  public init(_ phases: [UInt32: Double]) throws(VoxelithError) {
    for (label, value) in phases.sorted(by: { $0.key < $1.key }) where !(value.isFinite && value >= 0) {
      throw VoxelithError(
        .usage, "the relative diffusivity \(value) of phase \(label) is not a number of zero or more")
    }
    let values = Set(phases.values.filter { $0 > 0 }).sorted()
    guard let least = values.first, let most = values.last else {
      throw VoxelithError(
        .usage, "no phase conducts", advice: "name a phase, or a conductivity above zero")
    }
    guard values.count <= Self.maximumClasses else {
      throw VoxelithError(
        .usage, "\(values.count) different diffusivities; at most \(Self.maximumClasses) are possible")
    }
    guard most / least <= 1e8 else {
      throw VoxelithError(
        .usage, "the diffusivities \(least) and \(most) differ too much to be solved together",
        advice: "set the smallest to zero")
    }
    self.phases = phases
    self.values = values
  }

  /// One phase that conducts with the diffusivity of the free medium.
  public init(phase: UInt32) {
    phases = [phase: 1]
    values = [1]
  }

  /// Class of each label: 0 insulates.
  var classByLabel: LabelClasses { LabelClasses(self) }
}

/// The class of every label: a table for the usual ones, a dictionary for numbers of particles.
struct LabelClasses: Sendable {
  private static let tabled = 65536
  private var table = [UInt8](repeating: 0, count: tabled)
  private var others: [UInt32: UInt8] = [:]

  init(_ conductivity: Conductivity) {
    for (label, value) in conductivity.phases where value > 0 {
      guard let index = conductivity.values.firstIndex(of: value) else { continue }
      if label < Self.tabled {
        table[Int(label)] = UInt8(index + 1)
      } else {
        others[label] = UInt8(index + 1)
      }
    }
  }

  @inline(__always)
  subscript(label: UInt32) -> UInt8 {
    label < Self.tabled ? table[Int(label)] : others[label] ?? 0
  }
}
