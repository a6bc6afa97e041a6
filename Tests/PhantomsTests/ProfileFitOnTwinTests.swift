import Compton
import Foundation
import Phantoms
import Testing
import Volumetry

/// The whole way from standards to x on spectra whose truth is known.
@Suite struct ProfileFitOnTwinTests {
  /// A twin of identical voxels filled with active material of one x.
  static func uniformTwin(
    counts: Double, x: Double, background: Double, side: Int = 12, seed: UInt64 = 3,
    standardLiveTime: Double = 240_000
  ) throws -> Twin {
    var settings = TwinSettings()
    settings.counts = counts
    settings.standardLiveTime = standardLiveTime
    settings.backgroundFraction = background
    settings.ratio = 1
    settings.seed = seed
    settings.lithiumMean = x
    settings.lithiumGradient = 0
    settings.lithiumAmplitude = 0
    let grid = Grid(shape: Shape(z: side, y: side, x: side), spacing: .one)
    let labels = LabelVolume(grid: grid, repeating: 1)
    return try Twin(labels: labels, settings: settings, resources: Resources())
  }

  /// Standard deviation of x that no unbiased estimate with known spectra can beat.
  static func bound(_ twin: Twin, x: Double, calibration: Calibration) -> Double {
    let rates = twin.spectra.rates[0]
    let time = twin.settings.voxelLiveTime
    var information = Matrix(zeros: 2, 2)
    for bin in calibration.methods.profile.fitRange {
      let mu = time * (rates.constant[bin] + x * rates.slope[bin] + rates.background[bin])
      let byAmplitude = time * (rates.constant[bin] + x * rates.slope[bin])
      let byX = time * rates.slope[bin]
      information[0, 0] += byAmplitude * byAmplitude / mu
      information[0, 1] += byAmplitude * byX / mu
      information[1, 1] += byX * byX / mu
    }
    information[1, 0] = information[0, 1]
    return Cholesky(information).map { $0.inverse[1, 1].squareRoot() } ?? .nan
  }

  @Test(arguments: [(1e6, 0.05), (1e5, 0.05), (1e4, 0.05)])
  func reachesTheBound(counts: Double, background: Double) throws {
    let x = 0.9
    let twin = try Self.uniformTwin(counts: counts, x: x, background: background, side: 20)
    let calibration = try Calibration(twin.standards.set)
    let map = try LithiumMap(source: twin.spectra, calibration: calibration)
    var errors = Moments()
    var pulls = Moments()
    var inside = 0
    let summary = try map.run(resources: Resources()) { (_, result) throws(VoxelithError) in
      for (value, sigma) in zip(result.x, result.sigma) {
        errors.add(Double(value) - x)
        pulls.add((Double(value) - x) / Double(sigma))
        if abs(Double(value) - x) < 1.959964 * Double(sigma) { inside += 1 }
      }
    }
    let bound = Self.bound(twin, x: x, calibration: calibration)
    #expect(errors.count >= 7990)
    #expect(errors.standardDeviation / bound < (counts < 5e4 ? 1.10 : 1.03))
    #expect(abs(pulls.standardDeviation - 1) < 0.03)
    #expect(abs(Double(inside) / Double(errors.count) - 0.95) < 0.01)
    let deviance = try #require(summary.devianceRatio)
    #expect(abs(deviance - 1) < 0.005)
    // Beside the error that all voxels share, the bias is below a twentieth of sigma.
    let shared = summary.sharedSigma.mean
    let ofMean = errors.standardDeviation / Double(errors.count).squareRoot()
    let slack = 3 * (shared * shared + ofMean * ofMean).squareRoot()
    #expect(abs(errors.mean) < 0.05 * errors.standardDeviation + slack)
  }

  /// Standards of 4 x 10^6 counts: their noise in the weights alone would cost 8 % of the error.
  @Test func smoothWeightsForgetTheNoiseOfTheStandards() throws {
    let x = 0.9
    let twin = try Self.uniformTwin(
      counts: 1e5, x: x, background: 0, side: 20, standardLiveTime: 24_000)
    let smooth = try Calibration(twin.standards.set)
    let weights = try #require(smooth.methods.profile.weights)
    #expect(weights.width > 2 && weights.ownShare < 0.3)
    #expect(weights.spectra.count == 2 && weights.spectra[0].count == smooth.energy.count)
    var plain = smooth
    plain.methods.profile.weights = nil
    let bound = Self.bound(twin, x: x, calibration: smooth)
    var spreads: [Double] = []
    for calibration in [smooth, plain] {
      var errors = Moments()
      var sigmas = Moments()
      let map = try LithiumMap(source: twin.spectra, calibration: calibration)
      let summary = try map.run(resources: Resources()) { (_, result) throws(VoxelithError) in
        for value in result.x { errors.add(Double(value) - x) }
        for value in result.sigma { sigmas.add(Double(value)) }
      }
      let shared = summary.sharedSigma.mean
      let counting = (sigmas.mean * sigmas.mean - shared * shared).squareRoot()
      spreads.append(errors.standardDeviation / bound)
      #expect(abs(errors.standardDeviation / counting - 1) < 0.03)
      #expect(abs(errors.mean) < 4 * shared)
    }
    #expect(spreads[0] < 1.03 && spreads[1] > 1.05, "\(spreads)")
  }

  @Test func cathodeHasThePorosityThatWasAsked() throws {
    let grid = Grid(shape: Shape(z: 60, y: 100, x: 100), spacing: SIMD3(repeating: 5))
    for pores in CathodePhantom.Pores.allCases {
      let labels = try CathodePhantom(grid: grid, pores: pores, porosity: 0.4, seed: 2)
      let whole = try labels.loadLabels()
      let porosity = Double(whole.voxels.count { $0 == 0 }) / Double(whole.voxels.count)
      #expect(abs(porosity - 0.4) < 0.08, "\(pores): \(porosity)")
      let box = Region(lower: Shape(z: 7, y: 11, x: 13), shape: Shape(z: 5, y: 6, x: 40))
      #expect(try labels.readLabels(box) == whole.crop(box).map { UInt32($0) })
    }
  }

  @Test func blockAveragesAreExactWithoutRotation() throws {
    var settings = TwinSettings()
    settings.ratio = 5
    let grid = Grid(shape: Shape(z: 10, y: 15, x: 20), spacing: SIMD3(repeating: 2))
    let labels = try CathodePhantom(grid: grid, pores: .isotropic, poreSpacing: 12, seed: 4).loadLabels()
    let twin = try Twin(labels: labels, settings: settings, resources: Resources())
    for (voxel, fraction) in twin.spectra.fields.active.enumerated() {
      let (z, y, x) = (voxel / 12, voxel / 4 % 3, voxel % 4)
      let box = Region(lower: Shape(z: 5 * z, y: 5 * y, x: 5 * x), shape: Shape(z: 5, y: 5, x: 5))
      let count = labels.crop(box).count { $0 == 1 }
      #expect(abs(Double(fraction) - Double(count) / 125) < 1e-6)
    }
  }
}
