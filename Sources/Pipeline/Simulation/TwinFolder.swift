import Compton
import Foundation
public import Phantoms
import Readers
public import Results
public import Volumetry

/// Writes a digital twin as files: what an experiment would give, and the truth beside it.
public enum TwinFolder {
  /// Writes `xct.tif labels.tif xcs.nxs standards.yaml pipeline.yaml truth/` and, for a mixture, the true fractions.
  ///
  /// - Parameters:
  ///   - segments: has the pipeline find the phases in the XCT instead of taking the labels.
  ///   - pores: what a pipeline with labels measures of the pores; with `segments` it measures all.
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten.
  public static func write(
    _ twin: Twin, to folder: String, segments: Bool = false, pores: PoresSettings? = nil, overwrite: Bool,
    resources: Resources
  ) throws(VoxelithError) {
    try OutputFile.prepareFolder(folder + "/truth")
    for name in ["xct.tif", "labels.tif", "xcs.nxs", "standards.yaml", "pipeline.yaml"] {
      try OutputFile.check(folder + "/" + name, overwrite: overwrite)
    }
    try copy(
      twin.labels, to: folder + "/labels.tif", stage: "labels", overwrite: overwrite, resources: resources)
    try copy(twin.xct, to: folder + "/xct.tif", stage: "xct", overwrite: overwrite, resources: resources)
    try writeSpectra(twin.spectra, to: folder + "/xcs.nxs", overwrite: overwrite, resources: resources)
    try StandardsFile.write(
      twin.standards.set, to: folder + "/standards.yaml", subfolder: "standards", overwrite: overwrite)
    try writePixels(twin, to: folder, overwrite: overwrite)
    try writeTruth(twin, to: folder + "/truth", overwrite: overwrite)
    var file = PipelineFile.twin(twin, segments: segments)
    if !segments { file.pores = pores }
    try file.write(to: folder + "/pipeline.yaml", overwrite: overwrite)
  }

  /// Writes what a later state adds to the folder of the first: its spectra, and the truth of its x.
  static func writeState(
    _ twin: Twin, _ number: Int, to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) {
    try writeSpectra(
      twin.spectra, to: "\(folder)/xcs-\(number).nxs", overwrite: overwrite, resources: resources)
    try writeLithium(twin, to: "\(folder)/truth/li-\(number).tif", overwrite: overwrite)
  }

  private static func writeLithium(_ twin: Twin, to path: String, overwrite: Bool) throws(VoxelithError) {
    let fields = twin.spectra.fields
    let whole = Region(whole: fields.grid.shape)
    let lithium = try TIFFVolumeWriter(path: path, grid: fields.grid, type: .float32, overwrite: overwrite)
    try lithium.write(.float32((0..<whole.count).map { fields.lithium($0) }), to: whole)
    try lithium.finish()
  }

  /// Streams a source into a TIFF stack.
  static func copy(
    _ source: any VolumeSource, to path: String, stage: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) {
    let type: VoxelType = source.voxelType.size == 1 ? .uint8 : .uint16
    let writer = try TIFFVolumeWriter(path: path, grid: source.grid, type: type, overwrite: overwrite)
    let plan = try BlockPlan(
      shape: source.grid.shape, bytesPerVoxel: 16, memory: min(resources.memory, 256 << 20),
      inFlight: resources.threads + 1, chunk: source.chunkShape, minimumBlocks: 2 * resources.threads)
    try BlockStream.run(plan, stage: stage, resources: resources, into: writer) {
      (block) throws(VoxelithError) in
      let values = try source.read(block.core)
      if values.type == type { return values }
      let labels = try values.labels()
      if type == .uint16 { return .uint16(labels.map { UInt16(truncatingIfNeeded: $0) }) }
      return .uint8(labels.map { UInt8(truncatingIfNeeded: $0) })
    }
  }

  private static func writeSpectra(
    _ spectra: TwinSpectra, to path: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) {
    let writer = try NexusSpectralWriter(
      path: path, grid: spectra.grid, energy: spectra.energy, acquisition: spectra.acquisition, type: .uint32,
      deflate: 4, overwrite: overwrite, program: (name: "voxelith", version: PackageVersion.current))
    try writer.write(all: spectra, stage: "spectra", resources: resources)
  }

  /// Gain and offset of the pixels as text matrices, and the absorbing materials, where the twin has them.
  private static func writePixels(
    _ twin: Twin, to folder: String, overwrite: Bool
  ) throws(VoxelithError) {
    if let energies = twin.energies {
      for (name, values) in [("pixel_gain.txt", energies.gain), ("pixel_offset.txt", energies.offset)] {
        let rows = (0..<energies.height).map { y in
          values[(y * energies.width)..<((y + 1) * energies.width)].map { "\($0)" }.joined(separator: " ")
        }
        try OutputFile.write(
          rows.joined(separator: "\n") + "\n", to: folder + "/" + name, overwrite: overwrite)
      }
    }
    guard let absorption = twin.absorption else { return }
    let phases = [twin.materials.active] + (twin.settings.isMixture ? twin.materials.components : [])
    let lines =
      [
        "# The beam runs along x, the camera stands at small z.", "labels: labels.tif",
        "transform: truth/transform.json",
      ]
      + ["beam_direction: [\(absorption.beam.x), \(absorption.beam.y), \(absorption.beam.z)]"]
      + ["camera_direction: [\(absorption.side.x), \(absorption.side.y), \(absorption.side.z)]", "phases:"]
      + phases.map {
        "  - {name: \($0.name), label: \($0.label), formula: \($0.formula), density_g_cm3: \($0.density)}"
      }
    try OutputFile.write(
      lines.joined(separator: "\n") + "\n", to: folder + "/absorption.yaml", overwrite: overwrite)
  }

  private static func writeTruth(
    _ twin: Twin, to folder: String, overwrite: Bool
  ) throws(VoxelithError) {
    let fields = twin.spectra.fields
    let whole = Region(whole: fields.grid.shape)
    try writeLithium(twin, to: folder + "/li.tif", overwrite: overwrite)
    let names = [twin.materials.active.name] + twin.materials.components.map(\.name)
    let fractions = try TIFFVolumeWriter(
      path: folder + "/fractions.tif", grid: fields.grid, type: .float32, channels: names.count,
      channelNames: names, overwrite: overwrite)
    for (channel, values) in ([fields.active] + fields.components).enumerated() {
      try fractions.write(.float32(values), channel: channel, to: whole)
    }
    try fractions.finish()
    try JSONOutput.write(TwinTruth(twin), to: folder + "/truth.json", overwrite: overwrite)
    try JSONOutput.write(
      PoseFile(matrix: twin.pose.matrix), to: folder + "/transform.json", overwrite: overwrite)
  }
}

/// A transform as the registration writes it, without covariance: the truth has none.
private struct PoseFile: Encodable {
  let matrix: [[Double]]
  let from = "fixed"
  let to = "moving"
  let unit = "um"
  let order = "xyz"
}

/// `truth.json`: the numbers behind a twin.
struct TwinTruth: Encodable {
  let seed: UInt64
  let counts: Double
  let isMixture: Bool
  let ratio: Int
  let rotation: [Double]
  let translation: [Double]
  let pointSpread: Double
  let angleSpread: Double
  let meanActiveFraction: Double
  let meanX: Double

  enum CodingKeys: String, CodingKey {
    case seed, ratio
    case counts = "counts_of_filled_voxel"
    case isMixture = "is_mixture"
    case rotation = "rotation_deg_xyz"
    case translation = "translation_um_xyz"
    case pointSpread = "point_spread_um"
    case angleSpread = "angle_spread_deg"
    case meanActiveFraction = "mean_active_fraction"
    case meanX = "mean_x"
  }

  init(_ twin: Twin) {
    let settings = twin.settings
    seed = settings.seed
    counts = settings.counts
    isMixture = settings.isMixture
    ratio = settings.ratio
    rotation = [settings.rotation.x, settings.rotation.y, settings.rotation.z]
    translation = [settings.translation.x, settings.translation.y, settings.translation.z]
    pointSpread = settings.pointSpread
    angleSpread = settings.angleSpread
    var active = Moments()
    var x = Moments()
    let fields = twin.spectra.fields
    for voxel in fields.active.indices {
      active.add(Double(fields.active[voxel]))
      x.add(Double(fields.lithium(voxel)))
    }
    meanActiveFraction = rounded(active.mean)
    meanX = rounded(x.mean)
  }
}
