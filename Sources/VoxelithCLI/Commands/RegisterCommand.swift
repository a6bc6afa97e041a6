import ArgumentParser
import Foundation
import Voxelith

/// Alignment of two volumes.
struct RegisterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register", abstract: "Align a moving volume (XCT) with a fixed one (XCS intensity).",
    discussion: """
      Example:
        voxelith register xct.tif map/intensity.tif -o transform.json --psf-um 60

      Writes the transform from fixed to moving points (um) with its covariance and expected error as JSON,
      and beside it an ITK .tfm. An alignment that the volumes do not support is an error (exit code 65).

      The .tfm counts points as ITK does: the origin of a volume is the CENTRE of its first voxel. MetaImage (.mha) and
      NRRD files carry their place, so that SimpleITK, given those and the .tfm, resamples to what `resample` writes. Of a
      TIFF ITK knows neither voxel size nor place: its comment tells what to set.
      """)

  @Argument(help: "The moving volume, usually the fine one.")
  var moving: String

  @Argument(help: "The fixed volume, usually the coarse one.")
  var fixed: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "The transform (JSON).")
  var output: String

  @Option(help: "Degrees of freedom: 6 rigid, 7 similarity, 12 affine.")
  var dof: Int = 6

  @Option(help: "Full width at half maximum of the fixed volume's point spread in um: one number, or z,y,x.")
  var psfUm: AxisLengths?

  @Option(
    help: """
      What is made best: model (a line with a positive slope between the values), nmi (any relation), ncc (a line), or \
      auto, which looks at the grey values and takes model or nmi.
      """)
  var metric: RegistrationMetric = .auto

  @Option(help: "Least part of the smaller volume that must lie within the other, above 0 and at most 1.")
  var minimumOverlap: Double = 0.25

  @Option(help: "First guess (JSON, ITK .tfm or parameters of elastix); none searches.")
  var start: String?

  @Option(help: "Largest angle of the search about each axis, degrees.")
  var maximumAngle: Double = 20

  @Flag(help: "Search all the way round the z axis.")
  var fullTurn = false

  @Option(help: "Variance of the fixed values; for counts, the counts themselves.")
  var variance: String?

  @Option(help: "Mask of the fixed volume: zero is missing.")
  var fixedMask: String?

  @Option(help: "Mask of the moving volume: zero is missing.")
  var movingMask: String?

  @Option(help: "Voxel size of the moving volume in um where the file lacks it: one number, or z,y,x.")
  var movingVoxelSize: VoxelSize?

  @Option(help: "Voxel size of the fixed volume in um where the file lacks it: one number, or z,y,x.")
  var fixedVoxelSize: VoxelSize?

  @Option(help: "Expected error in fixed voxels above which there is no result.")
  var maximumError: Double = 0.5

  @Option(
    help:
      "Also write a map of the expected error in um on the fixed grid (.tif, .mha, .nrrd, .zarr, .h5 or .npy)."
  )
  var errorMap: String?

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard maximumAngle >= 0, maximumAngle <= 180, maximumError > 0 else {
      throw ValidationError("--maximum-angle must lie from 0 to 180 and --maximum-error be positive")
    }
    guard minimumOverlap > 0, minimumOverlap <= 1 else {
      throw ValidationError("--minimum-overlap must lie above 0 and be at most 1")
    }
    guard start == nil || !fullTurn else {
      throw ValidationError("--full-turn belongs to the search, which --start replaces")
    }
    guard variance == nil || metric == .auto || metric == .model else {
      throw ValidationError("--variance is used by the metrics auto and model alone")
    }
  }

  func run() throws {
    let console = common.console
    let resources = common.resources()
    let itkPath = (output.hasSuffix(".json") ? String(output.dropLast(5)) : output) + ".tfm"
    for path in [output, itkPath, errorMap].compactMap({ $0 }) {
      try OutputFile.check(path, overwrite: outputOptions.overwrite)
    }
    let movingSource = try open(moving, movingVoxelSize, mask: movingMask, sizeOption: "--moving-voxel-size")
    let fixedSource = try open(fixed, fixedVoxelSize, mask: fixedMask, sizeOption: "--fixed-voxel-size")
    let varianceSource = try variance.map {
      try open($0, fixedVoxelSize, mask: nil, sizeOption: "--fixed-voxel-size")
    }
    var options = RegistrationOptions(
      model: try TransformModel(degreesOfFreedom: dof), metric: metric,
      spread: try PointSpread(fullWidthUm: psfUm?.vector ?? .zero), maximumAngle: maximumAngle,
      searchesFullTurn: fullTurn, minimumOverlap: minimumOverlap, maximumExpectedError: maximumError)
    if let start { options.start = try SpatialTransform.read(path: start) }
    let result = try VolumeRegistration.align(
      moving: movingSource, to: fixedSource, variance: varianceSource, options: options, resources: resources)
    let document = result.document
    try OutputFile.write(try document.json(), to: output, overwrite: outputOptions.overwrite)
    try OutputFile.write(
      ITKTransform.text(
        result.transform, center: fixedSource.grid.middle,
        volumes: [("fixed \(fixed)", fixedSource.grid), ("moving \(moving)", movingSource.grid)]),
      to: itkPath,
      overwrite: outputOptions.overwrite)
    if let errorMap {
      let map = result.errorMap(on: fixedSource.grid)
      try ResampleCommand.write(
        map, to: errorMap, type: .float32, overwrite: outputOptions.overwrite, resources: resources)
    }
    for warning in result.warnings { console.notice(warning) }
    try console.result(document)
    console.say(
      "expected error \(Format.significant(result.expectedErrorUm, 3)) um (\(Format.significant(result.expectedErrorVoxels, 3)) fixed voxels)"
    )
    console.say(
      "rotation \(Format.fixed(result.transform.rotationAngle * 180 / .pi, 3)) degrees, metric \(result.quality.metric.rawValue), correlation \(Format.fixed(result.quality.correlation, 4)), overlap \(Format.percent(result.quality.overlapFraction))"
    )
    console.say("wrote \(output) and \(itkPath)")
  }

  private func open(
    _ path: String, _ size: VoxelSize?, mask: String?, sizeOption: String
  ) throws -> any VolumeSource {
    let options = VolumeOpenOptions(voxelSize: size?.spacing, threads: common.threads)
    let source = try VolumeFile.open(path, options: options)
    guard source.grid.hasKnownSpacing else {
      throw VoxelithError(
        .data, "the size of the voxels is not known", file: path, advice: "give it in um with \(sizeOption)")
    }
    guard let mask else { return source }
    return try MaskedVolume(source, mask: try VolumeFile.open(mask, options: options))
  }
}
