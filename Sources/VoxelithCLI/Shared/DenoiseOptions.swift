import ArgumentParser
import Voxelith

/// What is done against the noise of a map.
struct DenoiseOptions: ParsableArguments {
  @Option(
    help: "Merge neighbouring voxels until each bin has this sigma(x); spectra are added and fitted once.")
  var binToSigma: Double?

  @Option(help: "Merge neighbouring voxels until each bin has so many net counts in the fit's window.")
  var binToCounts: Double?

  @Option(help: "Most voxels of a bin (1000 by default).")
  var binLimit: Int?

  @Option(
    help: """
      Let neighbours hold together where the guide shows no edge: auto (strength by restricted maximum likelihood), \
      or the sigma(x) that the median voxel is to reach.
      """)
  var denoise: String?

  @Option(
    help:
      "Volume on the grid of the spectra whose steps are edges, as XCT resampled; by default the fractions, without them the intensity."
  )
  var guide: String?

  @Option(help: "Step of the guide over which neighbours hardly hold together, one or one per channel.")
  var guideScale: NumberList?

  func validate() throws {
    do {
      _ = try request()
    } catch let error as VoxelithError {
      throw ValidationError(([error.message] + [error.advice].compactMap { $0 }).joined(separator: "; "))
    }
  }

  var inputs: [String] { [guide].compactMap { $0 } }

  /// Whether anything is asked for.
  var isWanted: Bool { (try? request().isWanted) ?? false }

  private func request() throws -> DenoisingRequest {
    try DenoisingRequest(
      binToSigma: binToSigma, binToCounts: binToCounts, largestBin: binLimit, denoise: denoise, guide: guide,
      guideScales: guideScale?.values)
  }

  func denoising(fractions: String?) throws -> MapDenoising {
    try request().denoising(fractions: fractions)
  }
}
