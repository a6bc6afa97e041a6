import Foundation
public import Volumetry

/// One volume per energy, as the images of a full-field microscope come: a folder or a pattern of files, in the order of their
/// numbers, and a list of energies.
public struct EnergyStack: SpectralSource {
  public let grid: Grid
  public let energy: EnergyAxis
  public let acquisition = Acquisition()
  public let name: String
  /// The files in the order of the energies.
  public let files: [String]
  private let volumes: [any VolumeSource]

  public var chunkShape: Shape { volumes[0].chunkShape }

  /// - Parameters:
  ///   - path: a folder, or a pattern as `stack/mu_*.tif`.
  ///   - energies: in eV, one for each file in the order of the names; they may fall.
  ///   - voxelSize: along x, y, z in µm; goes before what the files say.
  /// - Throws: `missing` where there are no files, `data` where they are not as many as the energies or not alike.
  public init(
    _ path: String, energies: [Double], voxelSize: SIMD3<Double>? = nil
  ) throws(VoxelithError) {
    let paths = try Self.files(of: path)
    guard paths.count == energies.count else {
      throw VoxelithError(
        .data, "\(paths.count) files do not fit \(energies.count) energies", file: path,
        advice: "give one energy in eV for each file, in the order of the names")
    }
    let order = energies.indices.sorted { energies[$0] < energies[$1] }
    energy = try EnergyAxis(centers: order.map { energies[$0] / 1000 }, file: path)
    files = order.map { paths[$0] }
    volumes = try files.map { (file) throws(VoxelithError) in
      try VolumeFile.open(file, options: VolumeOpenOptions(voxelSize: voxelSize))
    }
    grid = volumes[0].grid
    for (volume, file) in zip(volumes, files) where volume.grid.shape != grid.shape {
      throw VoxelithError(
        .data, "has \(volume.grid.shape) voxels (z, y, x), and \(PathName.last(of: files[0])) \(grid.shape)",
        file: file, advice: "all energies need the same grid; align the images first")
    }
    name = path
  }

  /// Whether a path names a folder or a pattern.
  public static func isStack(_ path: String) -> Bool {
    var isFolder = ObjCBool(false)
    if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      return isFolder.boolValue
    }
    return path.contains { "*?[".contains($0) }
  }

  /// The files that a path names, in the order of their numbers.
  ///
  /// - Throws: `missing` where there are none.
  public static func files(of path: String) throws(VoxelithError) -> [String] {
    try SliceFolder.stackFiles(of: path)
  }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(.usage, "the region \(region) lies outside \(grid.shape) voxels", file: name)
    }
    let bins = energy.count
    var result = [Float](repeating: 0, count: region.count * bins)
    for (bin, volume) in volumes.enumerated() {
      let values = try volume.readFloats(region)
      for voxel in values.indices { result[voxel * bins + bin] = values[voxel] }
    }
    return result
  }
}

extension SliceFolder {
  /// TIFF files of a folder or a pattern.
  ///
  /// - Throws: `missing` where there are none.
  static func stackFiles(of path: String) throws(VoxelithError) -> [String] {
    guard let found = try files(of: path), !found.files.isEmpty else {
      throw VoxelithError(
        .missing, "names no files, one volume for each energy", file: path,
        advice: "give a folder, or a pattern as 'stack/mu_*.tif'")
    }
    return found.files
  }
}
