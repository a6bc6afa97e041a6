public import Volumetry

/// The axes of projections in an HDF5 file: counts along rotation angle, row, column and energy.
public struct ProjectionAxes: Sendable, Hashable {
  /// Angle of every projection in degrees, in the order of the source's z.
  public let degrees: [Double]
  /// Distance of columns and rows in um, where the file tells it.
  public let columnPitch: Double?
  public let rowPitch: Double?

  /// Reads the axes of the spectra that ``SpectralFile/open(_:options:)`` opens.
  ///
  /// - Throws: `data` where the file is not HDF5, or its axes are not rotation angle, y, x and energy in this order.
  public static func read(
    _ path: String, options: SpectralOpenOptions = SpectralOpenOptions()
  ) throws(VoxelithError) -> ProjectionAxes {
    guard try SpectralFile.format(of: path) == .hdf5 else {
      throw VoxelithError(
        .data, "projections are read from NeXus/HDF5 alone", file: path,
        advice: "write counts as NXdata with the axes rotation_angle, y, x, energy")
    }
    var options = options
    options.takesAnyAxis = true
    let found = try SpectralDiscovery.find(in: try HDF5File.open(path), options: options)
    let data = found.data
    let names = data.signal.shape.indices.map { data.axes[$0]?.name ?? data.axisNames[$0] ?? "?" }
    func wrong(_ what: String) -> VoxelithError {
      VoxelithError(
        .data, "\(what): the axes are \(names.joined(separator: ", "))", file: path,
        place: data.signal.path,
        advice: "projections have the axes rotation_angle, y, x, energy in this order, named in @axes")
    }
    guard case .grid(let layout) = found.placement, let z = layout.z, let y = layout.y, let x = layout.x,
      data.signal.shape.count == 4
    else { throw wrong("these are no projections") }
    let isNamed = names.map(isAngleName)
    guard let angle = data.axes[z], isAngle(angle), isNamed[z] || !isNamed.contains(true), z < min(y, x)
    else {
      throw wrong(
        isNamed.contains(true) || data.axes.contains { $0.map(isAngle) ?? false }
          ? "the rotation angle is not the first axis" : "no axis holds rotation angles")
    }
    guard y < x else { throw wrong("rows and columns are in the wrong order") }
    guard angle.values.count == data.signal.shape[z] else {
      throw wrong("\(angle.values.count) angles do not fit \(data.signal.shape[z]) projections")
    }
    let unit = angle.units ?? ""
    guard let factor = unit.isEmpty ? 1 : Units.factor(unit, .angle) else {
      throw VoxelithError(
        .data, "the unit '\(unit)' of the rotation angles is not understood", file: path, place: angle.name,
        advice: "angles are in deg or rad")
    }
    let values = layout.reversed.contains(z) ? Array(angle.values.reversed()) : angle.values
    return ProjectionAxes(
      degrees: values.map { $0 * factor },
      columnPitch: data.axes[x]?.extent(count: data.signal.shape[x])?.spacing,
      rowPitch: data.axes[y]?.extent(count: data.signal.shape[y])?.spacing)
  }

  private static func isAngleName(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["angle", "theta", "rotation", "omega", "rot"].contains { name.contains($0) }
  }

  private static func isAngle(_ axis: NexusAxis) -> Bool {
    isAngleName(axis.name) || axis.units.map { Units.factor($0, .angle) != nil } ?? false
  }
}
