import Compton
import Correlation
import Results
import Volumetry

/// Lithium of a fit that finds the amounts of the phases itself. Its errors are larger than those of the map, and have
/// nothing in common with the errors of the fractions: a relation that is real is there, too.
extension Pipeline {
  static let freeLithium = "lithium_free"

  /// Whether the spectra can tell: the profile fit, with components whose fractions the map was told.
  var crossChecks: Bool {
    file.crossCheck.isWanted && plan.has("fractions") && !file.phases.components.isEmpty
      && file.map.method == .profile && file.map.components != .free
  }

  /// Adds `lithium_free` to the table.
  ///
  /// - Returns: its standard errors.
  func addFreeLithium(
    to table: inout VoxelTable, _ folder: String, _ resources: Resources
  ) throws(VoxelithError) -> [Double] {
    let map = try lithiumMap(folder, corrected: true, components: .free, resources: resources)
    let shape = map.source.grid.shape
    let slices = try Parallel.map(shape.z, threads: resources.threads) {
      (z) throws(VoxelithError) -> (x: [Double], sigma: [Double]) in
      try resources.cancellation.check()
      let result = try map.map(
        Region(lower: Shape(z: z, y: 0, x: 0), shape: Shape(z: 1, y: shape.y, x: shape.x)))
      func good(_ values: [Float]) -> [Double] {
        values.indices.map { result.mask[$0] == VoxelStatus.good.rawValue ? Double(values[$0]) : .nan }
      }
      return (good(result.x), good(result.sigma))
    }
    try table.add(Self.freeLithium, unit: "1", values: slices.flatMap(\.x))
    return slices.flatMap(\.sigma)
  }
}
