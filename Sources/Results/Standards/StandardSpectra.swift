import Compton
import Foundation
import Readers
import Volumetry

/// The spectra that `standards.yaml` names: one of each, or one for each ring of pixels where the standards are cubes.
struct StandardSpectra {
  let standards: [[Spectrum]]
  let components: [[Spectrum]]
  let background: Spectrum?
  private let cubes: StandardCubes?
  private let geometry: ScatteringGeometry
  private let path: String
  private let scale: Double

  /// Number of rings; 1 without cubes.
  var count: Int { cubes?.rings.count ?? 1 }
  /// The ring whose angle is nearest to that of the file.
  var main: Int { cubes?.nearest(geometry.angle) ?? 0 }

  /// Mean angle of a ring in degrees; nil without cubes.
  func angle(_ ring: Int) -> Double? { cubes?.rings[ring].angle }

  /// - Throws: `missing` and `data` as the files demand; `data` where some standards or components are cubes and others not.
  init(_ file: StandardsFile, path: String) throws(VoxelithError) {
    self.path = path
    scale = file.countsPerUnit ?? 1
    guard scale > 0, scale.isFinite else {
      throw VoxelithError(
        .data, "counts_per_unit \(scale) is not positive", file: path,
        advice: "give what turns the files' numbers into counts")
    }
    do {
      geometry = try ScatteringGeometry(incidentEnergy: file.incidentEnergy, angle: file.scatteringAngle)
    } catch {
      throw error.located(file: path)
    }
    let names = file.standards.map(\.file) + (file.components ?? []).map(\.file)
    let areCubes = names.map { StandardCubes.isCube($0) }
    if let plain = names.indices.first(where: { !areCubes[$0] }), areCubes.contains(true) {
      throw VoxelithError(
        .data, "'\(names[plain])' is one spectrum, others are cubes measured on the detector", file: path,
        advice: "give all standards and components as cubes, or all as spectra")
    }
    let scale = scale
    func full(_ name: String) throws(VoxelithError) -> String { try Containment.path(name, namedIn: path) }
    func plain(_ name: String, _ liveTime: Double?) throws(VoxelithError) -> Spectrum {
      let full = try full(name)
      let read = try SpectrumFile.read(full, energyCoefficients: file.energyCoefficients)
      return try Spectrum(
        energy: read.energy, counts: read.counts.map { $0 * scale }, liveTime: liveTime ?? read.liveTime,
        file: full)
    }
    func open(_ name: String) throws(VoxelithError) -> any SpectralSource {
      var options = SpectralOpenOptions()
      options.energyCoefficients = file.energyCoefficients
      return ScaledSource(try SpectralFile.open(try full(name), options: options), factor: scale)
    }
    var cubes: StandardCubes?
    if areCubes.contains(true), let first = file.standards.first {
      cubes = try StandardCubes(
        try open(first.file), fallback: file.scatteringAngle,
        ringWidth: file.ringWidth ?? StandardCubes.ringWidth,
        voxels: try file.voxels.map { (name) throws(VoxelithError) in try VolumeFile.open(try full(name)) })
    } else if file.voxels != nil {
      throw VoxelithError(
        .data, "voxels is for standards that are cubes, and these are single spectra", file: path)
    } else if file.ringWidth != nil {
      throw VoxelithError(
        .data, "ring_width_deg is for standards that are cubes, and these are single spectra", file: path)
    }
    let rings = cubes
    func all(_ name: String, _ liveTime: Double?) throws(VoxelithError) -> [Spectrum] {
      guard let rings else { return [try plain(name, liveTime)] }
      return try rings.spectra(try open(name), liveTime: liveTime)
    }
    self.cubes = cubes
    standards = try file.standards.map { (entry) throws(VoxelithError) in try all(entry.file, entry.liveTime)
    }
    components = try (file.components ?? []).map { (entry) throws(VoxelithError) in
      try all(entry.file, entry.liveTime)
    }
    background = try file.background.map { (entry) throws(VoxelithError) in
      try plain(entry.file, entry.liveTime)
    }
  }

  /// What was simulated to be scattered twice under a spectrum, see ``ScatteringShape``.
  func scattered(_ name: String?, axis: EnergyAxis) throws(VoxelithError) -> [Double] {
    guard let name else { return [] }
    return try ScatteringShape.read(
      try Containment.path(name, namedIn: path), geometry: geometry, axis: axis)
  }
}
