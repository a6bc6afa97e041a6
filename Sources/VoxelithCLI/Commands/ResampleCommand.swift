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

      The transform maps points of the target grid to points of the volume, as `register`, SimpleITK and elastix write
      it. Points count from the corner of the first voxel where a file names no place; ITK's origin, in .mha, .nrrd and
      .tfm, is the centre of that voxel. Volumes larger than memory pass through in blocks.
      """)

  @Argument(help: "The volume.")
  var volume: String

  @Option(help: "A volume whose grid is taken.")
  var like: String

  @Option(
    name: [.short, .long], help: "Transform (JSON, ITK .tfm or parameters of elastix); none is the identity.")
  var transform: String?

  @Flag(help: "Apply the inverse of the transform.")
  var inverse = false

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "The resampled volume: .tif, .mha, .mhd, .nrrd, .zarr (OME-Zarr), .h5 or .npy.")
  var output: String

  @Flag(help: "Pack the voxels of a .mha, .mhd or .nrrd.")
  var compress = false

  @Option(
    help: """
      nearest (labels), linear, cubic, or area (targets much coarser than the volume). Without it, whole numbers of at \
      most 32 different values count as labels and get nearest, all others linear.
      """)
  var interpolation: Interpolation?

  @Option(help: "Value outside the volume for whole-number types (default: 0).")
  var fill: Double?

  @Option(help: "Voxel size of the target in µm where its file lacks it: one number, or z,y,x.")
  var likeVoxelSize: VoxelSize?

  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !inverse || transform != nil else { throw ValidationError("--inverse is for --transform") }
  }

  func run() throws {
    let source = try input.open(volume, console: common.console, threads: 1)
    let target = try GridFile.anyGrid(of: like, voxelSize: likeVoxelSize?.spacing)
    var map = try transform.map { try SpatialTransform.read(path: $0) } ?? .identity
    if inverse { map = try map.inverted() }
    let isPlane = target.shape.z == 1 && PlaneFile.isPlane(like)
    if isPlane, source.grid.shape.z == 1, PlaneFile.isPlane(volume) {
      // Files of two axes have no place along the third one.
      let step = SIMD3(0, 0, source.grid.middle.z - map(target.middle).z)
      map = SpatialTransform(linear: map.linear, translation: map.translation + step)
    }
    let suited: (interpolation: Interpolation, labels: Int?) =
      if let interpolation { (interpolation, nil) } else { try Interpolation.suited(to: source) }
    if let labels = suited.labels {
      common.console.notice(
        "\(volume) holds whole numbers of \(labels) different values: taken as labels, nearest neighbour (--interpolation linear to mix them)"
      )
    }
    if self.interpolation == nil, suited.labels == nil, try Interpolation.looksLikeLabels(source) {
      common.console.notice(
        "\(volume) holds whole numbers of more than \(Interpolation.mostLabels) different values, most of them like their neighbours: taken as grey values and mixed (--interpolation nearest for labels)"
      )
    }
    let interpolation = suited.interpolation
    let through = map
    guard fill == nil || !source.voxelType.isFloatingPoint else {
      throw VoxelithError(
        .usage, "--fill is for whole numbers; outside a volume of \(source.voxelType.rawValue) lies NaN")
    }
    if let notice = VolumeOutput.notice(output, grid: target) { common.console.notice(notice) }
    let performance = try Performance(
      "resample", .file(output), common, overwrite: outputOptions.overwrite,
      settings: [
        "volume": input.settings, "inverse": inverse, "interpolation": interpolation.rawValue,
        "fill": fill ?? 0, "compress": compress,
        "like_voxel_size_um": likeVoxelSize.map { LengthsZYX($0.spacing) },
      ], inputs: [volume, like] + [transform].compactMap { $0 })
    try performance.run { resources in
      let view = try ResampledVolume(
        source, on: target, through: through, interpolation: interpolation, fill: fill ?? 0,
        memory: max(1 << 22, resources.arrayMemory / (2 * (resources.threads + 1))))
      try view.checkOverlap()
      try Self.write(
        view, to: output, type: view.voxelType, isLabels: interpolation == .nearest, isCompressed: compress,
        isPlane: isPlane,
        overwrite: outputOptions.overwrite, resources: resources)
    }
    common.console.say("wrote \(output): \(target.shape) voxels")
    struct Summary: Encodable {
      let output: String
      let shape: [Int]
      let voxelSizeUm: [Double]
      enum CodingKeys: String, CodingKey {
        case output, shape
        case voxelSizeUm = "voxel_size_um"
      }
    }
    try common.console.result(
      Summary(
        output: output, shape: [target.shape.z, target.shape.y, target.shape.x],
        voxelSizeUm: [target.spacing.z, target.spacing.y, target.spacing.x]))
  }

  /// Streams a view into a file of the kind that its name ends in.
  static func write(
    _ view: some VolumeSource, to path: String, type: VoxelType, isLabels: Bool = false,
    isCompressed: Bool = false, isPlane: Bool = false, overwrite: Bool, zarr: ZarrFormat = .ome04,
    resources: Resources
  ) throws(VoxelithError) {
    let writer = try VolumeOutput.create(
      path, grid: view.grid, type: type, isLabels: isLabels, isCompressed: isCompressed,
      overwrite: overwrite, zarr: zarr, isPlane: isPlane, threads: resources.threads)
    // Blocks as deep as the chunks of the output: thinner ones would leave a whole layer of chunks half full in memory.
    let chunk = VolumeOutput.chunk(path)
    let plan = try BlockPlan(
      shape: view.grid.shape, bytesPerVoxel: 16, memory: max(1 << 20, resources.arrayMemory / 2),
      inFlight: resources.threads + 1, chunk: chunk, minimumBlocks: chunk.z > 1 ? 1 : 4 * resources.threads)
    try BlockStream.run(plan, stage: "resample", resources: resources, into: writer) {
      (block) throws(VoxelithError) in
      let buffer = try view.read(block.core)
      return buffer.type != type && type == .float32 ? .float32(buffer.floats()) : buffer
    }
  }
}
