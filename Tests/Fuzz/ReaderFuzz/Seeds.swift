import Foundation
import Voxelith

/// Sound files of every format, small, to be damaged.
struct Seeds {
  let folder: String
  var twin: String { folder + "/twin" }

  /// Writes the seeds into a folder, and adds small files of another one, where there is one.
  init(in folder: String, shared: String?, targets: [FuzzTarget]) throws {
    self.folder = folder
    try Self.makeTwin(folder + "/twin")
    for target in targets {
      try OutputFile.prepareFolder(self.folder(of: target))
      try make(target)
      guard let shared else { continue }
      for path in Self.files(below: shared, for: target) {
        let name = "shared-" + path.replacing("/", with: "_") + "." + target.ending
        try? FileManager.default.copyItem(
          atPath: shared + "/" + path, toPath: self.folder(of: target) + "/" + name)
      }
    }
  }

  func folder(of target: FuzzTarget) -> String { folder + "/seeds-" + target.rawValue }

  /// The seeds of a folder in the order of their names.
  static func load(_ folder: String) throws -> [[UInt8]] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().compactMap {
      FileManager.default.contents(atPath: folder + "/" + $0).map { [UInt8]($0) }
    }
  }

  private static func files(below folder: String, for target: FuzzTarget) -> [String] {
    let endings: [String] =
      switch target {
      case .tiff: ["tif", "tiff"]
      case .hdf5: ["h5", "nxs", "hdf5"]
      case .hxt: ["hxt"]
      case .npy: ["npy"]
      case .csv: ["csv", "txt", "dat"]
      case .edf: ["edf"]
      case .mrc: ["mrc", "map"]
      case .vti: ["vti"]
      case .picture: ["png", "jpg", "bmp"]
      case .spectrum: ["mca", "spe", "msa", "spec"]
      case .header: ["mha", "mhd", "nrrd", "nhdr"]
      case .yaml, .json, .zarr, .zarr3, .sidecar, .structure: []
      }
    let all = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    return all.sorted().filter { path in
      let size = try? FileManager.default.attributesOfItem(atPath: folder + "/" + path)[.size] as? Int
      return endings.contains { path.lowercased().hasSuffix("." + $0) } && (1...20_000).contains(size ?? 0)
    }
  }

  private static func makeTwin(_ folder: String) throws {
    let grid = Grid(shape: Shape(z: 4, y: 6, x: 6), spacing: SIMD3(repeating: 5))
    var settings = TwinSettings()
    settings.ratio = 2
    settings.bins = 100
    settings.binWidth = 0.2
    let labels = try CathodePhantom(grid: grid, pores: .isotropic, seed: 1)
    try TwinFolder.write(
      try Twin(labels: labels, settings: settings, resources: Resources(threads: 1)), to: folder,
      overwrite: true, resources: Resources(threads: 1))
  }

  private func make(_ target: FuzzTarget) throws {
    let to = folder(of: target)
    switch target {
    case .tiff: try makeTIFF(to)
    case .hdf5: try makeHDF5(to)
    case .zarr: try makeZarr(to)
    case .zarr3: try makeZarr3(to)
    case .picture, .mrc, .edf, .vti, .sidecar, .spectrum, .header:
      for (index, bytes) in FormatSeeds.of(target).enumerated() {
        try OutputFile.write(bytes, to: "\(to)/\(index).\(target.ending)", overwrite: true)
      }
    case .structure: break
    case .hxt:
      for version in 1...3 {
        try OutputFile.write(Self.hxt(version), to: "\(to)/\(version).hxt", overwrite: true)
      }
    case .npy:
      for (index, type) in [VoxelType.uint8, .uint16, .float32, .float64].enumerated() {
        let bytes = VoxelBuffer.uint8([UInt8](repeating: 1, count: 24))
        let values =
          type == .uint8
          ? bytes
          : type == .uint16
            ? .uint16([UInt16](repeating: 2, count: 24))
            : type == .float32
              ? .float32([Float](repeating: 3, count: 24)) : .float64([Double](repeating: 4, count: 24))
        try NPYVolumeWriter.write(
          values, shape: [[24], [4, 6], [2, 3, 4], [2, 2, 2, 3]][index], to: "\(to)/\(index).npy",
          overwrite: true)
      }
    case .csv:
      for name in try FileManager.default.contentsOfDirectory(atPath: twin + "/standards").prefix(2) {
        try FileManager.default.copyItem(atPath: twin + "/standards/" + name, toPath: to + "/" + name)
      }
      let texts = [
        "# live_time_s: 100\nenergy_eV;counts;sigma\n1000,5;1;2\n2000;3,5;4\n3000;;1e3\n",
        "energy (keV)\tx=0,y=0\tx=1,y=0\n1\t2\t3\n2\t4\t5\n3\t5\t6\n", "1 2\r\n3 4\r\n5 6D2\r\n",
      ]
      for (index, text) in texts.enumerated() {
        try OutputFile.write(text, to: "\(to)/\(index).csv", overwrite: true)
      }
    case .yaml:
      for name in ["standards.yaml", "pipeline.yaml"] {
        try FileManager.default.copyItem(atPath: twin + "/" + name, toPath: to + "/" + name)
      }
      try OutputFile.write(Self.longYAML, to: to + "/long.yaml", overwrite: true)
    case .json:
      let calibration = try Calibration(try StandardsFile.load(twin + "/standards.yaml"))
      try CalibrationFile.write(calibration, to: to + "/calibration.json", overwrite: true)
      let transform = try SpatialTransform(matrix: [
        [1, 0.1, 0, 3], [-0.1, 1, 0, 4], [0, 0, 1, 5], [0, 0, 0, 1],
      ])
      try OutputFile.write(
        try TransformDocument(transform).json(), to: to + "/transform.json", overwrite: true)
      try OutputFile.write(ITKTransform.text(transform), to: to + "/transform.tfm", overwrite: true)
    }
  }

  private static let longYAML = """
    incident_energy_keV: 115.6
    scattering_angle_deg: 90
    energy_resolution_keV: 0.5
    tail_fraction: 0.1
    tail_length_keV: 1.0
    formula: LixNi0.8Mn0.1Co0.1O2
    efficiency: [{energy_keV: 80, value: 1.0}, {energy_keV: 120, value: 0.9}]
    standards:
      - {file: standards/s0.csv, x: 0.1, x_sigma: 0.01, live_time_s: 240000}
      - {file: standards/s1.csv, x: 0.9}
    components: [{name: electrolyte, file: standards/s0.csv, live_time_s: 1}]
    background: {file: standards/s1.csv, live_time_s: 2}

    """

  private func makeTIFF(_ to: String) throws {
    let grid = Grid(shape: Shape(z: 3, y: 5, x: 7), spacing: SIMD3(1, 2, 3))
    for (index, type) in [VoxelType.uint8, .uint16, .float32, .int32].enumerated() {
      let channels = index % 2 + 1
      let writer = try TIFFVolumeWriter(
        path: "\(to)/\(index).tif", grid: grid, type: type, channels: channels, overwrite: true)
      let values: VoxelBuffer =
        switch type {
        case .uint8: .uint8([UInt8](repeating: 9, count: 105))
        case .uint16: .uint16([UInt16](repeating: 900, count: 105))
        case .float32: .float32([Float](repeating: 0.5, count: 105))
        default: .int32([Int32](repeating: -5, count: 105))
        }
      for channel in 0..<channels {
        try writer.write(values, channel: channel, to: Region(whole: grid.shape))
      }
      try writer.finish()
    }
  }

  /// Images of every codec; the first byte of a seed says which file it is.
  private func makeZarr(_ to: String) throws {
    let grid = Grid(shape: Shape(z: 5, y: 6, x: 7), spacing: SIMD3(1, 2, 3))
    for (index, compression) in [ZarrCompression.none, .zstd(), .gzip(), .blosc()].enumerated() {
      let path = index == 3 ? twin + "/image.zarr" : "\(folder)/image-\(index).zarr"
      let writer = try ZarrVolumeWriter(
        path: path, grid: grid, type: .uint16, compression: compression, chunk: Shape(z: 4, y: 4, x: 4))
      try writer.write(.uint16((0..<210).map { UInt16($0 / 3) }), to: Region(whole: grid.shape))
      try writer.finish()
      for (kind, name) in FuzzContext.zarrFiles(2).enumerated() {
        let bytes = [UInt8](FileManager.default.contents(atPath: path + "/" + name) ?? Data())
        try OutputFile.write([UInt8(kind)] + bytes, to: "\(to)/\(kind)-\(index)", overwrite: true)
      }
    }
  }

  private func makeZarr3(_ to: String) throws {
    let grid = Grid(shape: Shape(z: 5, y: 6, x: 7), spacing: SIMD3(1, 2, 3))
    let kinds: [(ZarrCompression, Shape?)] = [
      (.none, nil), (.zstd(), Shape(z: 8, y: 4, x: 8)), (.gzip(), nil), (.blosc(), Shape(z: 4, y: 4, x: 8)),
    ]
    for (index, (compression, shard)) in kinds.enumerated() {
      let path = index == 3 ? twin + "/image3.zarr" : "\(folder)/image3-\(index).zarr"
      let writer = try ZarrVolumeWriter(
        path: path, grid: grid, type: .uint16, compression: compression, format: .ome05(shard: shard),
        chunk: Shape(z: 4, y: 4, x: 4))
      try writer.write(.uint16((0..<210).map { UInt16($0 / 3) }), to: Region(whole: grid.shape))
      try writer.finish()
      for (kind, name) in FuzzContext.zarrFiles(3).enumerated() {
        let bytes = [UInt8](FileManager.default.contents(atPath: path + "/" + name) ?? Data())
        try OutputFile.write([UInt8(kind)] + bytes, to: "\(to)/\(kind)-\(index)", overwrite: true)
      }
    }
  }

  private func makeHDF5(_ to: String) throws {
    let grid = Grid(shape: Shape(z: 2, y: 3, x: 4), spacing: SIMD3(1, 2, 3))
    for (index, deflate) in [nil, 1, 9].enumerated() {
      let volume = try HDF5VolumeWriter(
        path: "\(to)/volume-\(index).h5", grid: grid, type: .uint16, deflate: deflate, overwrite: true)
      try volume.write(.uint16((0..<24).map { UInt16($0) }), to: Region(whole: grid.shape))
      try volume.finish()
      let spectra = try NexusSpectralWriter(
        path: "\(to)/spectra-\(index).nxs", grid: grid, energy: EnergyAxis(first: 60, width: 0.5, count: 9),
        acquisition: Acquisition(
          incidentEnergy: 115.6, scatteringAngle: .uniform(90), energyResolution: 0.5, liveTime: 10),
        type: index == 1 ? .float32 : .uint32, deflate: deflate, overwrite: true)
      try spectra.write((0..<216).map { Float($0) }, to: Region(whole: grid.shape))
      try spectra.finish()
    }
  }

  /// A file of the HEXITEC detector with 2 x 3 pixels of 4 bins.
  private static func hxt(_ version: Int) -> [UInt8] {
    func bytes<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
      (0..<(Number.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> Number($0 * 8)) }
    }
    var file = Array("HEXITECH".utf8) + bytes(UInt64(version))
    if version >= 2 {
      let prefix = Array("scan".utf8)
      file += [UInt8](repeating: 0, count: 36) + bytes(UInt32(prefix.count)) + prefix
      file += [UInt8](repeating: 0x30, count: version == 3 ? 112 - prefix.count + 4 : 13)
    }
    for side in [2, 3, 4] { file += bytes(UInt32(side)) }
    for bin in 0..<4 { file += bytes((10 + 0.5 * Double(bin)).bitPattern) }
    for pixel in 0..<24 { file += bytes(Double(pixel).bitPattern) }
    return file
  }
}
