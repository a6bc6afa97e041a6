public import Volumetry

/// Which phases conduct, and how well: relative diffusivity D / D0 by label.
///
/// Labels that are not listed, or listed with zero, insulate. At most ``maximumClasses`` different
/// values may be used.
public struct Conductivity: Sendable, Hashable {
  /// Different relative diffusivities that one volume can hold.
  public static let maximumClasses = 31

  /// Relative diffusivity by label.
  public let phases: [UInt16: Double]
  /// The different diffusivities above zero, ascending: class `k` has `values[k - 1]`, class 0 insulates.
  let values: [Double]

  /// - Throws: `usage` where nothing conducts, where a value is negative or not finite, where the
  ///   values span more than eight decades, or where there are too many different ones.
  public init(_ phases: [UInt16: Double]) throws(VoxelithError) {
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
  public init(phase: UInt16) {
    phases = [phase: 1]
    values = [1]
  }

  /// Class of each label: 0 insulates.
  var classByLabel: [UInt8] {
    var table = [UInt8](repeating: 0, count: Int(UInt16.max) + 1)
    for (label, value) in phases where value > 0 {
      if let index = values.firstIndex(of: value) { table[Int(label)] = UInt8(index + 1) }
    }
    return table
  }
}
