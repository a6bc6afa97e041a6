import ArgumentParser
import Foundation
import Voxelith

/// A volume on another grid.
struct ResampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resample", abstract: "Put a volume on the grid of another through a transform.",
    discussion: """
      Example:
        voxelith resample xct.tif --like map/li.tif -t transform.json -o xct-on-xcs.tif --interpolation area
        voxelith resample labels.tif --like map/li.tif -t transform.json -o labels-on-xcs.tif --interpolation nearest

      The transform maps points of the target grid to points of the volume, as `register` writes it. Volumes
      larger than memory pass through in blocks.
      """)

  @Argument(help: "The volume.")
  var volume: String

  @Option(help: "A volume whose grid is taken.")
  var like: String

  @Option(name: [.short, .long], help: "Transform (JSON or ITK .tfm); none is the identity.")
  var transform: String?

  @Flag(help: "Apply the inverse of the transform.")
  var inverse = false

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "The resampled volume: .tif, .zarr (OME-Zarr), .h5 or .npy.")
  var output: String

  @Option(help: "nearest (labels), linear, cubic, or area (targets much coarser than the volume).")
  var interpolation: Interpolation = .linear

  @Option(help: "Value outside the volume for whole-number types.")
  var fill: Double = 0

  @Option(help: "Voxel size of the volume in um where the file lacks it: one number, or z,y,x.")
  var voxelSize: VoxelSize?

  @Option(help: "Voxel size of the target in um where its file lacks it: one number, or z,y,x.")
  var likeVoxelSize: VoxelSize?

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let resources = common.resources()
    let source = try VolumeFile.open(
      volume, options: VolumeOpenOptions(voxelSize: voxelSize?.spacing, threads: 1))
    let target = try VolumeFile.open(like, options: VolumeOpenOptions(voxelSize: likeVoxelSize?.spacing))
    var map = try transform.map { try SpatialTransform.read(path: $0) } ?? .identity
    if inverse { map = try map.inverted() }
    let view = try ResampledVolume(
      source, on: target.grid, through: map, interpolation: interpolation, fill: fill,
      memory: max(1 << 22, resources.memory / (2 * (resources.threads + 1))))
    try Self.write(
      view, to: output, type: view.voxelType, isLabels: interpolation == .nearest,
      overwrite: outputOptions.overwrite, resources: resources)
    common.console.say("wrote \(output): \(target.grid.shape) voxels")
    struct Summary: Encodable {
      let output: String
      let shape: [Int]
      let voxelSizeUm: [Double]
      enum CodingKeys: String, CodingKey {
        case output, shape
        case voxelSizeUm = "voxel_size_um"
      }
    }
    let grid = target.grid
    try common.console.result(
      Summary(
        output: output, shape: [grid.shape.z, grid.shape.y, grid.shape.x],
        voxelSizeUm: [grid.spacing.z, grid.spacing.y, grid.spacing.x]))
  }

  /// Streams a view into a file of the kind that its name ends in.
  static func write(
    _ view: some VolumeSource, to path: String, type: VoxelType, isLabels: Bool = false, overwrite: Bool,
    zarr: ZarrFormat = .ome04, resources: Resources
  ) throws(VoxelithError) {
    let writer = try VolumeOutput.create(
      path, grid: view.grid, type: type, isLabels: isLabels, overwrite: overwrite, zarr: zarr,
      threads: resources.threads)
    let plan = try BlockPlan(
      shape: view.grid.shape, bytesPerVoxel: 16, memory: max(1 << 20, resources.memory / 2),
      inFlight: resources.threads + 1, chunk: VolumeOutput.chunk(path), minimumBlocks: 4 * resources.threads)
    try BlockStream.run(plan, stage: "resample", resources: resources, into: writer) {
      (block) throws(VoxelithError) in
      try view.read(block.core)
    }
  }
}
