import ArgumentParser
import Foundation
import Voxelith

/// A reader that damaged files are given to.
enum FuzzTarget: String, CaseIterable, ExpressibleByArgument {
  case tiff, hdf5, zarr, zarr3, hxt, npy, csv, yaml, json, picture, mrc, edf, vti, sidecar, spectrum, header
  /// Files that are put together by hand, see ``Structure``.
  case structure

  /// Pieces of text that the format knows, for mutants that get past the first check.
  var tokens: [[UInt8]] {
    let texts: [String] =
      switch self {
      case .tiff, .hdf5, .hxt, .picture, .mrc, .structure: []
      case .edf, .sidecar, .spectrum, .vti, .header:
        [
          "=", ";", "\n", "}", "{", "<", ">", "/>", "\"", "-1", "0", "1e999", "nan", "99999999999999999999",
          "16777216",
          "#", "$DATA:", "@A", "\\", "offset=\"9999999\"", "UInt64", "Float64", "appended", "binary", "ascii",
        ]
      case .npy:
        ["'<f8'", "'>u2'", "True", "False", "(", ")", ",", "99999999999999999999", "0", "-1", "'|O'", "(1,)"]
      case .csv:
        [
          ",", ";", "\t", "\n", "\r", "#", "%", "nan", "inf", "-1", "1e999", "1e-999", "\"", "0x10",
          "energy_eV",
        ]
      case .yaml:
        [
          ": ", "\n", "- ", "[", "]", "{", "}", "&a ", "*a", "!!binary ", "|\n", "\"", "'", "#", "---\n",
          "<<: ", "null",
          ".nan", ".inf", "-1", "1e999", "99999999999999999999", "true", "../", "/dev/zero", "  ",
        ]
      case .json, .zarr, .zarr3:
        [
          "{", "}", "[", "]", ",", ":", "null", "true", "-1", "1e999", "1e-320", "0", "\"", "\\u0000", "[]",
          "[[]]", "1e308",
        ]
      }
    return texts.map { Array($0.utf8) }
  }

  /// Ending of the files, which no reader may go by.
  var ending: String {
    switch self {
    case .tiff: "tif"
    case .hdf5: "h5"
    case .yaml: "yaml"
    case .json: "json"
    case .zarr, .zarr3: "chunk"
    case .picture: "png"
    case .sidecar: "vgi"
    case .spectrum: "mca"
    case .header: "mha"
    default: rawValue
    }
  }

  /// Reads a file as the commands do, as far as it can be read.
  func read(_ path: String, _ context: FuzzContext) throws(VoxelithError) {
    switch self {
    case .tiff: try readTIFF(path)
    case .hdf5: try readHDF5(path)
    case .hxt: try readSpectra(path)
    case .npy: try readVolume(path)
    case .csv:
      _ = try DelimitedTable.read(path)
      _ = try SpectrumFile.read(path)
      try readSpectra(path)
    case .yaml:
      let results = [
        Result { () throws(VoxelithError) in _ = try StandardsFile.load(path) },
        Result { () throws(VoxelithError) in _ = try Pipeline(path) },
      ]
      try Self.either(results)
    case .zarr: try context.withZarr(path) { (folder) throws(VoxelithError) in try readVolume(folder) }
    case .zarr3:
      try context.withZarr(path, version: 3) { (folder) throws(VoxelithError) in try readVolume(folder) }
    case .picture: try readVolume(path, channel: 0)
    case .mrc, .edf, .vti, .header: try readVolume(path)
    case .sidecar:
      try context.withVoxels { () throws(VoxelithError) in try readVolume(path) }
    case .spectrum:
      _ = try SpectrumFile.read(path)
      try readSpectra(path)
    case .structure: break
    case .json:
      let results = [
        Result { () throws(VoxelithError) in try context.map(with: try CalibrationFile.read(path)) },
        Result { () throws(VoxelithError) in _ = try SpatialTransform.read(path: path) },
      ]
      try Self.either(results)
    }
  }

  /// Refused only where no reader takes the file.
  private static func either(_ results: [Result<Void, VoxelithError>]) throws(VoxelithError) {
    guard results.allSatisfy({ if case .failure = $0 { true } else { false } }) else { return }
    try results[0].get()
  }

  /// Voxels of a box, about as many as a stream reads at once.
  private static let boxLimit = 1 << 16

  private func readVolume(_ path: String, channel: Int? = nil) throws(VoxelithError) {
    let options = VolumeOpenOptions(channel: channel, threads: 1)
    _ = try VolumeFile.describe(path, options: options)
    let source = try VolumeFile.open(path, options: options)
    for region in Self.boxes(source.grid.shape) { _ = try source.read(region) }
  }

  private func readTIFF(_ path: String) throws(VoxelithError) {
    let pages = Result { () throws(VoxelithError) in
      let file = try TIFFFile(path)
      for page in file.pages.prefix(3) where page.width * page.height * page.samples <= 1 << 20 {
        _ = try file.decode(page, threads: 1)
      }
    }
    let plain = Result { () throws(VoxelithError) in try readVolume(path) }
    try readVolume(path, channel: 0)
    try plain.get()
    try pages.get()
  }

  private func readHDF5(_ path: String) throws(VoxelithError) {
    _ = try HDF5File.describe(path)
    let volume = Result { () throws(VoxelithError) in try readVolume(path, channel: 0) }
    try readSpectra(path)
    try volume.get()
  }

  private func readSpectra(_ path: String) throws(VoxelithError) {
    let source = try SpectralFile.open(path)
    for region in Self.boxes(source.grid.shape, bins: source.energy.count) {
      _ = try source.readCounts(region)
    }
  }

  /// The first and the last piece of a volume, or all of a small one.
  static func boxes(_ shape: Shape, bins: Int = 1) -> [Region] {
    let limit = max(1, boxLimit / max(1, bins))
    if let count = shape.checkedCount, count <= limit { return [Region(whole: shape)] }
    let x = min(shape.x, limit)
    let y = min(shape.y, max(1, limit / x))
    let z = min(shape.z, max(1, limit / (x * y)))
    let box = Shape(z: z, y: y, x: x)
    return [
      Region(lower: Shape(z: 0, y: 0, x: 0), shape: box),
      Region(lower: Shape(z: shape.z - z, y: shape.y - y, x: shape.x - x), shape: box),
    ]
  }
}

/// What some readers need besides the file.
struct FuzzContext {
  private let spectra: any SpectralSource
  private let twin: String

  /// - Parameter twin: folder of the twin that the seeds were made from.
  init(twin: String) throws(VoxelithError) {
    spectra = try SpectralFile.open(twin + "/xcs.nxs")
    self.twin = twin
  }

  /// The files of an image that a mutant may stand for, by its first byte.
  static func zarrFiles(_ version: Int) -> [String] {
    version == 2 ? [".zattrs", "0/.zarray", "0/0/0/0"] : ["zarr.json", "0/zarr.json", "0/c/0/0/0"]
  }

  /// Lends an image in which the mutant has taken the place of a file.
  func withZarr(
    _ mutant: String, version: Int = 2, _ body: (String) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    let zarr = twin + "/image\(version == 2 ? "" : "3").zarr"
    let files = Self.zarrFiles(version)
    let bytes = [UInt8](FileManager.default.contents(atPath: mutant) ?? Data())
    let path = zarr + "/" + files[Int(bytes.first ?? 0) % files.count]
    let sound = FileManager.default.contents(atPath: path) ?? Data()
    defer { try? Worker.write([UInt8](sound), to: path) }
    try? Worker.write(Array(bytes.dropFirst()), to: path)
    try body(zarr)
  }

  /// Makes sure that the voxels are there that sidecars speak of.
  func withVoxels(_ body: () throws(VoxelithError) -> Void) throws(VoxelithError) {
    let path = twin + "/voxels.vol"
    if !FileManager.default.fileExists(atPath: path) {
      try? Worker.write([UInt8](repeating: 5, count: 4 * 3 * 2 * 4), to: path)
    }
    try body()
  }

  /// Maps a few voxels, since a calibration that is taken for good must not stop the map.
  func map(with calibration: Calibration) throws(VoxelithError) {
    for method in [MapMethod.profile, .sParameter, .valenceCore] {
      let map = try LithiumMap(source: spectra, calibration: calibration, options: MapOptions(method: method))
      _ = try map.map(Region(lower: Shape(z: 0, y: 0, x: 0), shape: Shape(z: 1, y: 1, x: 2)))
    }
  }
}
