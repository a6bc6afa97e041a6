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

      Writes the transform from fixed to moving points (in µm) with its covariance and expected error as JSON,
      and beside it an ITK .tfm. An alignment that the volumes do not support is an error (exit code 65).

      The .tfm counts points as ITK does: the origin of a volume is the CENTRE of its first voxel. MetaImage (.mha) and
      NRRD files carry their place, so that SimpleITK, given those and the .tfm, resamples to what `resample` writes. ITK
      reads neither voxel size nor position from a TIFF; the comment in the .tfm says what to set.
      """)

  @Argument(help: "The moving volume, usually the fine one.")
  var moving: String

  @Argument(help: "The fixed volume, usually the coarse one.")
  var fixed: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "The transform (JSON).")
  var output: String

  @Option(help: RegisterSettings.text(.dof))
  var dof: Int?

  @Option(help: RegisterSettings.text(.pointSpread))
  var psfUm: AxisLengths?

  @Option(help: RegisterSettings.text(.metric))
  var metric: RegistrationMetric?

  @Option(help: RegisterSettings.text(.minimumOverlap))
  var minimumOverlap: Double?

  @Option(help: RegisterSettings.text(.start))
  var start: String?

  @Option(help: RegisterSettings.text(.maximumAngle))
  var maximumAngle: Double?

  @Flag(help: RegisterSettings.flag(.fullTurn))
  var fullTurn = false

  @Option(help: RegisterSettings.text(.maximumError))
  var maximumError: Double?

  @Option(help: "Variance of the fixed values; for counts, the counts themselves.")
  var variance: String?

  @Option(
    name: [.short, .long],
    help: "Calibration (JSON) of the map whose intensity is fixed: the variance is then that of its counts.")
  var calibration: String?

  @Option(help: "Live time in seconds of each voxel of that map, where its background matters.")
  var liveTime: Double?

  @Option(help: "Mask of the fixed volume: zero is missing.")
  var fixedMask: String?

  @Option(help: "Mask of the moving volume: zero is missing.")
  var movingMask: String?

  @OptionGroup var input: VolumePairInput

  @Option(
    help:
      "Also write a map of the expected error in µm on the fixed grid (.tif, .mha, .nrrd, .zarr, .h5 or .npy)."
  )
  var errorMap: String?

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  private var settings: RegisterSettings {
    var settings = RegisterSettings()
    settings.dof = dof ?? settings.dof
    settings.metric = metric ?? settings.metric
    settings.pointSpread = psfUm.map { LengthsZYX($0.vector) }
    settings.start = start
    settings.maximumAngle = maximumAngle ?? settings.maximumAngle
    settings.fullTurn = fullTurn
    settings.minimumOverlap = minimumOverlap ?? settings.minimumOverlap
    settings.maximumError = maximumError ?? settings.maximumError
    return settings
  }

  func validate() throws {
    guard variance == nil || calibration == nil else {
      throw ValidationError("give --variance or --calibration, not both")
    }
    guard liveTime == nil || calibration != nil else {
      throw ValidationError("--live-time is for --calibration")
    }
    guard variance == nil || metric == nil || metric == .auto || metric == .model else {
      throw ValidationError("--variance is used by the metrics auto and model alone")
    }
  }

  func run() throws {
    let console = common.console
    let settings = settings
    let itkPath = (output.hasSuffix(".json") ? String(output.dropLast(5)) : output) + ".tfm"
    let performance = try Performance(
      "register", .file(output, named: [errorMap].compactMap { $0 }, others: [itkPath]), common,
      overwrite: outputOptions.overwrite,
      settings: [
        "register": settings, "moving": input.moving, "fixed": input.fixed, "live_time_s": liveTime,
      ],
      inputs: [moving, fixed] + settings.files
        + [variance, calibration, fixedMask, movingMask].compactMap { $0 })
    let movingSource = try open(moving, .moving, mask: movingMask)
    let fixedSource = try open(fixed, .fixed, mask: fixedMask)
    // ITK takes files of two axes with a transform of the plane alone.
    let isPlane =
      [movingSource, fixedSource].allSatisfy { $0.grid.shape.z == 1 }
      && [moving, fixed].allSatisfy(PlaneFile.isPlane)
    let result = try performance.run { resources in
      var varianceSource = try variance.map {
        try open($0, .fixed, mask: nil)
      }
      if let calibration {
        varianceSource = try CountVariance(
          intensity: fixedSource, calibration: try CalibrationFile.read(calibration), liveTime: liveTime)
      }
      let result = try VolumeRegistration.align(
        moving: movingSource, to: fixedSource, variance: varianceSource, options: try settings.options(),
        resources: resources)
      try OutputFile.write(
        try result.document.json(), to: output, overwrite: outputOptions.overwrite)
      try OutputFile.write(
        ITKTransform.text(
          try result.document.transform(), center: fixedSource.grid.middle,
          volumes: [
            ("fixed \(PathName.last(of: fixed))", fixedSource.grid),
            ("moving \(PathName.last(of: moving))", movingSource.grid),
          ], isPlane: isPlane),
        to: itkPath,
        overwrite: outputOptions.overwrite)
      if let errorMap {
        try ResampleCommand.write(
          result.errorMap(on: fixedSource.grid), to: errorMap, type: .float32, isPlane: isPlane,
          overwrite: outputOptions.overwrite, resources: resources)
      }
      return result
    }.result
    for warning in result.warnings { console.notice(warning) }
    try console.result(result.document)
    console.say(
      "expected error \(Format.significant(result.expectedErrorUm, 3)) µm (\(Format.significant(result.expectedErrorVoxels, 3)) fixed voxels)"
    )
    console.say(
      "rotation \(Format.fixed(result.transform.rotationAngle * 180 / .pi, 3)) degrees, metric \(result.quality.metric.rawValue), correlation \(Format.fixed(result.quality.correlation, 4)), overlap \(Format.percent(result.quality.overlapFraction))"
    )
    console.say("wrote \(output) and \(itkPath)")
  }

  private func open(
    _ path: String, _ side: VolumePairInput.Side, mask: String?
  ) throws -> any VolumeSource {
    let settings = input[side]
    do {
      let source = try settings.open(path, threads: common.threads)
      guard source.grid.hasKnownSpacing else {
        throw VoxelithError(
          .data, "the size of the voxels is not known", file: path, advice: "give it in µm with --voxel-size")
      }
      guard let mask else { return source }
      var sized = VolumeInputSettings()
      sized.voxelSize = settings.voxelSize
      return try MaskedVolume(source, mask: try sized.open(mask, threads: common.threads))
    } catch let error as VoxelithError {
      throw side.named(error)
    }
  }
}
