import Compton
import Live
import Phantoms
import Volumetry

/// Spectra of one sample that grow by Poisson counts, frame after frame.
struct PoissonStream {
  static let shape = Shape(z: 1, y: 20, x: 20)
  let calibration: Calibration
  private(set) var counts: [Float]
  private let first: Twin
  private let countsPerFrame: Double
  private let seed: UInt64
  private(set) var frames = 0
  private let isVaried: Bool

  /// - Parameter isVaried: whether voxels hold different shares of material, with different x.
  init(countsPerFrame: Double, seed: UInt64, isVaried: Bool = false) throws {
    self.countsPerFrame = countsPerFrame
    self.seed = seed
    self.isVaried = isVaried
    first = try Self.twin(countsPerFrame, seed: seed, isVaried: isVaried)
    calibration = try Calibration(first.standards.set)
    counts = [Float](repeating: 0, count: Self.shape.count * first.spectra.energy.count)
  }

  private static func twin(_ counts: Double, seed: UInt64, isVaried: Bool) throws -> Twin {
    var settings = TwinSettings()
    settings.counts = counts
    settings.standardLiveTime = settings.voxelLiveTime * 4e8 / counts
    settings.backgroundFraction = 0.05
    settings.ratio = 1
    settings.seed = seed
    settings.lithiumMean = 0.6
    settings.lithiumGradient = 0
    settings.lithiumAmplitude = 0
    var labels = LabelVolume(grid: Grid(shape: shape, spacing: .one), repeating: 1)
    if isVaried {
      settings.ratio = 2
      settings.lithiumAmplitude = 0.2
      let fine = Shape(z: 2 * shape.z, y: 2 * shape.y, x: 2 * shape.x)
      // Every second column of voxels has a hole of a quarter or a half of it.
      let values = (0..<fine.count).map { index -> UInt16 in
        let (z, y, x) = (index / (fine.x * fine.y), index / fine.x % fine.y, index % fine.x)
        return (x / 2 + y / 4).isMultiple(of: 3) && z == 0 && (y + x).isMultiple(of: 2) ? 0 : 1
      }
      labels = LabelVolume(grid: Grid(shape: fine, spacing: SIMD3(repeating: 0.5)), voxels: values)
    }
    return try Twin(labels: labels, settings: settings, resources: Resources())
  }

  var energy: EnergyAxis { first.spectra.energy }

  /// Adds counts to some rows of all voxels.
  ///
  /// - Parameter number: frames that are added as one, which has as many times the counts.
  mutating func addFrame(rows: Range<Int> = 0..<20, times number: Int = 1) throws {
    frames += number
    let more = try Self.twin(
      Double(number) * countsPerFrame, seed: seed &* 1000 &+ UInt64(frames), isVaried: isVaried
    ).spectra
    let values = try more.readCounts(Region(whole: Self.shape))
    let row = Self.shape.x * energy.count
    for index in (rows.lowerBound * row)..<(rows.upperBound * row) { counts[index] += values[index] }
  }

  func spectra(liveTime: Double) throws -> SpectralVolume {
    var acquisition = first.spectra.acquisition
    acquisition.liveTime = liveTime
    return try SpectralVolume(
      grid: first.spectra.grid, energy: energy, acquisition: acquisition, counts: counts)
  }

  /// sigma(x) and net counts of all voxels as they are now.
  ///
  /// - Parameter exposures: frames that each measured voxel got.
  func facts(exposures: Int) throws -> MapFacts {
    let time = (first.spectra.acquisition.liveTime ?? 1) * Double(exposures)
    var options = MapOptions()
    options.checksCounts = false
    let map = try LithiumMap(source: try spectra(liveTime: time), calibration: calibration, options: options)
    var (sigma, net): ([Float], [Float]) = ([], [])
    let summary = try map.run(resources: Resources()) { (_, result) throws(VoxelithError) in
      sigma += result.sigma
      net += result.intensity.map { $0.isFinite ? max(0, $0) : 0 }
    }
    return try MapFacts(
      shape: Self.shape, sigma: sigma, counts: net,
      sharedSigma: summary.sharedSigma.count > 0 ? summary.sharedSigma.mean : 0)
  }
}
