import ArgumentParser
import Voxelith

/// How the detector's pixels differ from one another.
struct PixelOptions: ParsableArguments {
  @Option(
    help:
      "Gain of every pixel (text matrix y,x; keV per bin position, 0 for a dead pixel), with --pixel-offset.")
  var pixelGain: String?

  @Option(help: "Offset of every pixel in keV (text matrix y,x).")
  var pixelOffset: String?

  @Option(help: "Image (1,y,x) that is not zero at dead pixels.")
  var deadPixels: String?

  @Option(help: "Pinhole camera: mm from pinhole to detector; the scattering angle is then that of its axis.")
  var pinholeDistance: Double?

  @Option(help: "Pinhole camera: pitch of the pixels in mm.")
  var pixelPitch: Double?

  @Flag(help: "Pinhole camera: columns count towards smaller angles.")
  var pinholeFlipped = false

  func validate() throws {
    guard (pixelGain == nil) == (pixelOffset == nil) else {
      throw ValidationError("--pixel-gain and --pixel-offset go together")
    }
    guard (pinholeDistance == nil) == (pixelPitch == nil) else {
      throw ValidationError("--pinhole-distance and --pixel-pitch go together")
    }
  }

  /// Files that these options name.
  var inputs: [String] { [pixelGain, pixelOffset, deadPixels].compactMap { $0 } }

  func energies(_ shape: Shape) throws -> PixelEnergies? {
    guard let pixelGain, let pixelOffset else { return nil }
    let read = try HexitecCalibration.read(
      gain: pixelGain, intercept: pixelOffset, height: shape.y, width: shape.x)
    return try PixelEnergies(
      height: read.height, width: read.width, gain: read.gain, offset: read.intercept)
  }

  func deadMask() throws -> [Bool] {
    guard let deadPixels else { return [] }
    let image = try VolumeFile.open(deadPixels)
    guard image.grid.shape.z == 1 else {
      throw VoxelithError(
        .data, "the mask of dead pixels has \(image.grid.shape.z) slices, not one", file: deadPixels)
    }
    return try image.readFloats(Region(whole: image.grid.shape)).map { $0 != 0 }
  }

  /// The source with the angles of the pinhole camera, if there is one.
  func seenByCamera(_ source: any SpectralSource, fallback: Double) throws -> any SpectralSource {
    guard let pinholeDistance, let pixelPitch else { return source }
    let camera = try PinholeCamera(
      angle: source.acquisition.scatteringAngle?.mean ?? fallback, distance: pinholeDistance,
      pixel: pixelPitch, isFlipped: pinholeFlipped)
    let shape = source.grid.shape
    return AngledSource(source, angle: camera.angles(height: shape.y, width: shape.x))
  }
}
