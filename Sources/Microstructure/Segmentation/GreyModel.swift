import Foundation
public import Volumetry

/// What the grey values of a volume are made of: the value of every phase where it is pure, a blur and noise.
///
/// The values of an absorption image are linear in the parts of the phases, whatever its blur. A threshold is not: it
/// moves bent faces. The value of a phase comes from voxels whose neighbourhood belongs to it alone; neighbours
/// decide, not the voxel's own value, so that noise does not choose. What the blur carries into them from other phases
/// is reckoned with (`PureValues`).
public struct GreyModel: Sendable, Codable, Hashable {
  /// Value of each class in rising order.
  public let means: [Double]
  /// Covariance of the errors of these values: noise, and the blur that is known to a tenth of a voxel.
  public let covariance: [[Double]]
  /// Standard deviation of a voxel's noise.
  public let noise: Double
  /// Voxels over which the noise is alike: the variance of a mean over n voxels is `noise^2 * correlatedVoxels / n`.
  public let correlatedVoxels: Double
  /// Standard deviation of the blur in voxels.
  public let blur: Double
  /// How many voxels were used, by class.
  public let voxels: [Int]
  /// Share of the voxels of each class that have a neighbour of another. Of a class between two others they may be a
  /// mixture of these, whose grey is the same.
  public let thin: [Double]

  /// Standard deviation of each value.
  public var meanErrors: [Double] { means.indices.map { max(0, covariance[$0][$0]).squareRoot() } }

  /// Independent errors of one standard deviation that make up the covariance, each a change of all values.
  public var errorModes: [[Double]] {
    guard let lower = Cholesky(Matrix(covariance))?.lower else {
      return means.indices.filter { covariance[$0][$0] > 0 }.map { mode in
        means.indices.map { $0 == mode ? covariance[mode][mode].squareRoot() : 0 }
      }
    }
    return means.indices.map { mode in means.indices.map { lower[$0, mode] } }
  }

  enum CodingKeys: String, CodingKey {
    case means, noise, voxels
    case thin = "share_at_faces"
    case covariance = "mean_covariance"
    case blur = "blur_voxels"
    case correlatedVoxels = "noise_correlated_voxels"
  }

  /// Voxels of a class with a pure neighbourhood below which its value is not known.
  static let fewest = 4000
  /// Values that lie farther from their class's are something else: a grain or a spike thinner than a voxel's
  /// neighbourhood, which neighbours do not see. The bounds are the same on both sides.
  private static let outlier = 4.0
  private static let mostRounds = 4

  /// - Parameters:
  ///   - thresholds: that part the classes, in rising order.
  ///   - labels: class of each voxel, where more than thresholds and neighbours tell it.
  /// - Throws: `data` where a class is nowhere thick enough to be seen pure.
  public static func fit(
    _ source: any VolumeSource, mask: (any VolumeSource)? = nil, thresholds: [Double],
    labels: (any VolumeSource)? = nil, resources: Resources = Resources()
  ) throws(VoxelithError) -> GreyModel {
    try checkMask(mask, of: source)
    // Whole numbers of steps far below the noise add up to the same whatever the blocks.
    let fine = try NoiseEstimate.standardDeviation(of: source) / 16
    let scale = GreyScale(
      origin: thresholds[0], step: fine > 0 ? fine : max(abs(thresholds[0]), 1e-30) / 16384)
    var search = PureVoxels(
      source: source, mask: mask, labels: labels, thresholds: thresholds, scale: scale)
    let first = try search.sums(resources).moments(scale)
    let seen = first.filter { $0.depth == 1 }
    guard seen.count > thresholds.count, seen.allSatisfy({ $0.count >= fewest }) else {
      throw tooThin(source)
    }
    let start = seen.map(\.mean)
    var blur = max(0, try BlurEstimate(source, labels: labels, means: start).sigma)
    var means = start
    let reach = seen.map { outlier * $0.variance.squareRoot() }
    var sums: PureSums
    var values: PureValues
    var rounds = 0
    repeat {
      search.expected = PureVoxels.Expected(means: means, reach: reach, blur: blur)
      sums = try search.sums(resources)
      guard
        let found = PureValues(
          sums.shells(scale), start: means, blur: blur, correlatedVoxels: sums.correlatedVoxels())
      else { throw tooThin(source) }
      values = found
      // What leaks is known for a width and its slope: a width far off is looked at again.
      let isFar = abs(found.blur - blur) > PureVoxels.blurError
      (means, blur) = (found.means, found.blur)
      rounds += 1
      if !isFar { break }
    } while rounds < mostRounds
    let correlated = sums.correlatedVoxels()
    return GreyModel(
      means: values.means, covariance: values.covariance.nested, noise: sums.noise(scale),
      correlatedVoxels: correlated, blur: values.blur,
      voxels: start.indices.map { sums.counts[start.count + $0] },
      thin: start.indices.map { 1 - Double(first[start.count + $0].count) / Double(max(1, first[$0].count)) })
  }

  private static func tooThin(_ source: any VolumeSource) -> VoxelithError {
    VoxelithError(
      .data, "a phase is nowhere thick enough for its grey value to be seen without its neighbours'",
      file: source.name, advice: "give labels, or a finer scan")
  }
}
