import Compton
import Foundation
import Phantoms
import TestSupport
import Testing
import Volumetry

/// Absorption, mixtures and pixels on twins whose truth is known.
@Suite struct CorrectionTests {
  struct Errors {
    var raw = Moments()
    var pulls = Moments()
    var sigma = Moments()
    var inside = 0
    var loss = 0.0

    var bias: Double { raw.mean }
    var biasSigma: Double { (raw.variance / Double(raw.count)).squareRoot() }
    var coverage: Double { Double(inside) / Double(pulls.count) }
  }

  static func errors(_ map: LithiumMap, twin: Twin) throws -> Errors {
    var errors = Errors()
    let shape = twin.spectra.grid.shape
    let summary = try map.run(resources: Resources()) { (block, result) throws(VoxelithError) in
      for (index, value) in result.x.enumerated() where value.isFinite {
        let at = block.core.shape
        let voxel = shape.index(
          z: block.core.lower.z + index / (at.y * at.x), y: block.core.lower.y + index / at.x % at.y,
          x: block.core.lower.x + index % at.x)
        let error = Double(value - twin.spectra.fields.lithium(voxel))
        errors.raw.add(error)
        errors.sigma.add(Double(result.sigma[index]))
        errors.pulls.add(error / Double(result.sigma[index]))
        if abs(error) < 1.959964 * Double(result.sigma[index]) { errors.inside += 1 }
      }
    }
    errors.loss = summary.lossOfFreeComponents.count > 0 ? summary.lossOfFreeComponents.mean : 1
    return errors
  }

  /// An electrode of three phases, 40 % of it pores.
  static func twin(
    spacing: Double = 5, counts: Double = 1e6, _ change: (inout TwinSettings) -> Void
  ) throws -> Twin {
    var settings = TwinSettings()
    settings.ratio = 5
    settings.counts = counts
    settings.isMixture = true
    change(&settings)
    let grid = Grid(shape: Shape(z: 60, y: 60, x: 60), spacing: SIMD3(repeating: spacing))
    let labels = try CathodePhantom(grid: grid, pores: .isotropic, poreSpacing: 6 * spacing, seed: 4)
      .loadLabels()
    return try Twin(labels: labels, settings: settings, resources: Resources())
  }

  static func fractions(_ twin: Twin, scale: Float = 1) -> [any VolumeSource] {
    let fields = twin.spectra.fields
    return ([fields.active] + fields.components).map { values -> any VolumeSource in
      Volume(grid: fields.grid, voxels: values.map { $0 * scale })
    }
  }

  @Test func knownTiedAndFreeComponentsAgreeWithTheTruth() throws {
    let twin = try Self.twin { _ in }
    let calibration = try Calibration(twin.standards.set)
    var sigmas: [ComponentModel: Double] = [:]
    for model in ComponentModel.allCases {
      var options = MapOptions()
      options.components = model
      let map = try LithiumMap(
        source: twin.spectra, calibration: calibration, options: options,
        fractions: model == .free ? [] : Self.fractions(twin))
      let errors = try Self.errors(map, twin: twin)
      sigmas[model] = errors.sigma.mean
      #expect(abs(errors.pulls.standardDeviation - 1) < 0.06)
      #expect(abs(errors.coverage - 0.95) < 0.02)
      #expect(abs(errors.pulls.mean) < 0.15)
      if model == .free { #expect(errors.loss > 1.2) }
    }
    let known = try #require(sigmas[.known])
    let free = try #require(sigmas[.free])
    #expect(free > 1.2 * known)
  }

  /// Chi-squared a degree of the summed spectra of clean maps, each of which is described.
  private static func sums(
    _ model: ComponentModel?, _ change: (inout TwinSettings) -> Void
  ) throws -> Moments {
    var fits = Moments()
    for seed: UInt64 in 11..<(Soak.isLong ? 41 : 15) {
      let twin = try twin {
        $0.seed = seed
        $0.isMixture = model != nil
        change(&$0)
      }
      var options = MapOptions()
      options.components = model ?? .known
      let map = try LithiumMap(
        source: twin.spectra, calibration: try Calibration(twin.standards.set), options: options,
        fractions: model == nil || model == .free ? [] : fractions(twin))
      var sums = map.emptySums
      let summary = try map.run(resources: Resources(), sums: &sums) { _, _ in }
      let judged = try #require(try map.judge(sums, meanIntensity: summary.intensity.mean))
      fits.add(judged.misfit.chiSquaredPerDOF)
      #expect(judged.misfit.verdict == .described, "\(judged.misfit.chiSquaredPerDOF)")
    }
    print("clean sums: chi2/dof \(fits.mean) +- \(fits.standardDeviation)")
    return fits
  }

  /// The spectra of the components have errors, which all voxels share.
  @Test(arguments: ComponentModel.allCases)
  func summedSpectrumOfAMixtureIsDescribed(_ model: ComponentModel) throws {
    let fits = try Self.sums(model) { _ in }
    #expect(abs(fits.mean - 1) < 0.15, "\(fits.mean)")
  }

  /// So has the background, whose error grows with the number of voxels in the sum.
  @Test(arguments: [0.02, 0.2]) func summedSpectrumKnowsTheBackgroundsError(_ background: Double) throws {
    let fits = try Self.sums(nil) { $0.backgroundFraction = background }
    #expect(abs(fits.mean - 1) < 0.15, "\(fits.mean)")
  }

  @Test func absorptionOfTheSampleIsCorrected() throws {
    // 2 mm of electrode: a tenth of the photons per millimetre are lost.
    let twin = try Self.twin(spacing: 33) { $0.absorbs = true }
    let calibration = try Calibration(twin.standards.set)
    let absorption = try #require(twin.absorption)
    let plain = try Self.errors(
      LithiumMap(source: twin.spectra, calibration: calibration, fractions: Self.fractions(twin)),
      twin: twin)
    let corrected = try Self.errors(
      LithiumMap(
        source: twin.spectra, calibration: calibration, fractions: Self.fractions(twin),
        absorption: absorption), twin: twin)
    #expect(abs(plain.pulls.mean) > 5 * abs(corrected.pulls.mean))
    #expect(abs(corrected.pulls.mean) < 0.15)
    #expect(abs(corrected.pulls.standardDeviation - 1) < 0.06)
  }

  @Test func pixelsOfOtherGainAndAngleAgreeWithTheTruth() throws {
    let twin = try Self.twin {
      $0.gainSpread = 0.001
      $0.offsetSpread = 0.1
      $0.angleSpread = 3
    }
    let calibration = try Calibration(twin.standards.set)
    var dead = [Bool](repeating: false, count: 144)
    dead[17] = true
    let map = try LithiumMap(
      source: twin.spectra, calibration: calibration, fractions: Self.fractions(twin),
      energies: twin.energies, deadPixels: dead)
    let errors = try Self.errors(map, twin: twin)
    #expect(abs(errors.pulls.mean) < 0.15)
    #expect(abs(errors.pulls.standardDeviation - 1) < 0.06)
    let summary = try map.run(resources: Resources()) { _, _ in }
    #expect(summary.statuses[.deadPixel] == 12)
  }
}
