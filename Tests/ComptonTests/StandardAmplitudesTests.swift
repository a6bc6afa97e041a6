import Compton
import Testing
import Volumetry

/// Standards of unknown amplitude: what x they give, and whether its error is the one that is said.
@Suite struct StandardAmplitudesTests {
  static func set(
    x: [Double], packing: [Double], counts: Double = 1e8, formula: Bool = true, seed: UInt64 = 1,
    exposures: [StandardExposure] = []
  ) throws -> StandardSet {
    var random = SeededGenerator(seed: seed)
    let standards = try x.indices.map { i in
      Standard(
        name: "s\(i)", x: x[i],
        spectrum: try Spectrum(
          energy: SharedCovarianceTests.axis,
          counts: try SharedCovarianceTests.shape(x[i]).map {
            Double(random.poisson(counts * packing[i] * $0))
          },
          liveTime: counts), exposure: exposures.isEmpty ? StandardExposure() : exposures[i])
    }
    return try StandardSet(
      geometry: try ScatteringGeometry(incidentEnergy: 115.6, angle: 90),
      response: try DetectorResponse(resolution: 0.8),
      formula: formula ? try ChemicalFormula("LixNi0.8Mn0.1Co0.1O2") : nil, standards: standards)
  }

  static let options: @Sendable () throws -> CalibrationOptions = {
    CalibrationOptions(
      sWindows: try .sParameter(d: 2, r: 8),
      valenceWindows: try MomentumWindows(inner: 2, outerFrom: 3, outerTo: 8))
  }

  /// Error of x over the shared sigma at some x, over sets of standards.
  static func pulls(x: [Double], packing: [Double], formula: Bool, sets: Int) throws -> (
    pulls: Moments, sigma: Double
  ) {
    var pulls = Moments()
    var sigma = 0.0
    for seed in 1...sets {
      let calibration = try Calibration(
        try set(x: x, packing: packing, formula: formula, seed: UInt64(seed)), options: options())
      let source = try SpectralVolume(
        grid: Grid(unscaled: Shape(z: 1, y: 1, x: 1)), energy: SharedCovarianceTests.axis,
        acquisition: Acquisition(liveTime: 1e9),
        counts: try SharedCovarianceTests.shape(0.45).map { Float(1e9 * $0) })
      var wants = MapOptions()
      wants.wantsInformation = true
      let result = try LithiumMap(source: source, calibration: calibration, options: wants).map(
        Region(whole: source.grid.shape))
      sigma = Double(result.sharedSigma[0])
      pulls.add((Double(result.x[0]) - 0.45) / sigma)
    }
    return (pulls, sigma)
  }

  @Test func threePackedPowdersGiveTheRightX() throws {
    for formula in [true, false] {
      let (pulls, sigma) = try Self.pulls(
        x: [0, 0.5, 1], packing: [1, 1.1, 0.8], formula: formula, sets: 30)
      #expect(sigma < 0.03, "\(sigma)")
      #expect(
        abs(pulls.mean) < 0.8 && pulls.standardDeviation < 1.5,
        "\(formula) \(pulls.mean) \(pulls.standardDeviation)")
    }
  }

  @Test func amplitudesAreFoundUpToOneFactor() throws {
    let packing = [1, 1.1, 0.8, 0.95, 1.2]
    let calibration = try Calibration(
      try Self.set(x: [0, 0.25, 0.5, 0.75, 1], packing: packing), options: Self.options())
    let found = try #require(calibration.methods.profile.amplitudes)
    #expect(found.source == .electrons)
    for i in packing.indices {
      let ratio = found.values[i] / found.values[0] * packing[0] / packing[i]
      #expect(abs(ratio - 1) < 0.01, "\(i) \(ratio)")
    }
    // Chi-squared is that of spectra on one line.
    let basis = calibration.methods.profile
    #expect(Distributions.chiSquaredTail(basis.chiSquared, dof: Double(basis.degreesOfFreedom)) > 1e-4)
    #expect(basis.excess == nil)
  }

  /// With two standards electrons tell the amplitude; without a formula nothing does, and sigma says so.
  @Test func twoStandardsNeedElectrons() throws {
    let (pulls, sigma) = try Self.pulls(x: [0, 1], packing: [1, 0.8], formula: true, sets: 20)
    #expect(sigma < 0.02, "\(sigma)")
    #expect(abs(pulls.mean) < 1, "\(pulls.mean)")
    let blind = try Self.pulls(x: [0, 1], packing: [1, 0.8], formula: false, sets: 3)
    #expect(blind.sigma > 0.05)
    #expect(abs(blind.pulls.mean) < 2)
    let set = try Self.set(x: [0, 1], packing: [1, 0.8], formula: false)
    #expect(try Calibration(set, options: Self.options()).methods.profile.amplitudes?.source == .assumed)
  }

  @Test func monitorAndPackingAreBelieved() throws {
    let packing = [1, 1.1, 0.8]
    let told = packing.map { StandardExposure(packing: $0) }
    let calibration = try Calibration(
      try Self.set(x: [0, 0.5, 1], packing: packing, formula: false, exposures: told), options: Self.options()
    )
    #expect(calibration.methods.profile.amplitudes?.source == .told)
    #expect(calibration.methods.profile.excess == nil)
    // The beam was weaker: the monitor says so.
    let monitors = packing.map { StandardExposure(monitor: 5e5 * $0) }
    let other = try Calibration(
      try Self.set(x: [0, 0.5, 1], packing: packing, formula: false, exposures: monitors),
      options: Self.options())
    let (a, b) = (calibration.methods.profile, other.methods.profile)
    for bin in a.fitRange {
      #expect(abs(a.slope[bin] / a.constant[bin] - b.slope[bin] / b.constant[bin]) < 1e-6)
    }
  }

  /// Packing that is told and that three spectra contradict is not used, and said so; x is that of free amplitudes.
  @Test(arguments: [false, true]) func whatSpectraContradictIsNotUsed(_ formula: Bool) throws {
    let packing = [1, 1.1, 0.8]
    let wrong = [1, 1, 1].map { StandardExposure(packing: $0) }
    let basis = try Calibration(
      try Self.set(x: [0, 0.5, 1], packing: packing, formula: formula, exposures: wrong),
      options: Self.options()
    ).methods.profile
    let found = try #require(basis.amplitudes)
    #expect(found.contradictsTold == true && found.source == .shapes)
    for i in packing.indices {
      #expect(abs(found.values[i] / found.values[0] - packing[i]) < 5 * (found.sigmas[i] + found.sigmas[0]))
    }
    #expect(basis.excess == nil)
    // A monitor that is off by less than its errors stays.
    let near = packing.map { StandardExposure(packing: 1.002 * $0) }
    let told = try Calibration(
      try Self.set(x: [0, 0.5, 1], packing: packing, formula: formula, exposures: near),
      options: Self.options())
    #expect(told.methods.profile.amplitudes?.source == .told)
    #expect(told.methods.profile.amplitudes?.contradictsTold == nil)
  }

  /// With two standards it is the electrons against the packing: either may be right, and the error holds both.
  @Test func twoStandardsOfWrongPackingAreSaid() throws {
    let wrong = [1, 1].map { StandardExposure(packing: $0) }
    let calibration = try Calibration(
      try Self.set(x: [0, 1], packing: [1, 1.15], exposures: wrong), options: Self.options())
    let found = try #require(calibration.methods.profile.amplitudes)
    #expect(found.contradictsTold == true && found.source == .electrons)
    #expect(found.sigmas.allSatisfy { $0 > 0.03 })
    let right = [1, 1.15].map { StandardExposure(packing: $0) }
    let told = try Calibration(
      try Self.set(x: [0, 1], packing: [1, 1.15], exposures: right), options: Self.options())
    #expect(told.methods.profile.amplitudes?.source == .told)
  }

  /// A container that takes a part of the photons, more at low energies.
  @Test func layersOfStandardsAreTakenOff() throws {
    let steel = try AbsorbingLayer(
      name: "can", material: try ChemicalFormula("Fe"), density: 7.9, thickness: 0.05)
    let energies = SharedCovarianceTests.axis.centers
    let through = energies.map { [steel].transmission(incident: 115.6, scattered: $0) }
    let plain = try Self.set(x: [0, 0.5, 1], packing: [1, 1, 1], counts: 1e9)
    let behind = try StandardSet(
      geometry: plain.geometry, response: plain.response, formula: plain.formula,
      standards: plain.standards.map { standard in
        Standard(
          name: standard.name, x: standard.x,
          spectrum: try Spectrum(
            energy: plain.energy, counts: zip(standard.spectrum.counts, through).map { $0 * $1 },
            liveTime: standard.spectrum.liveTime), exposure: StandardExposure(layers: [steel]))
      })
    let (a, b) = (try ProfileBasis(plain, window: -8...8), try ProfileBasis(behind, window: -8...8))
    for bin in a.fitRange {
      #expect(abs(a.constant[bin] / b.constant[bin] / (a.constant[50] / b.constant[50]) - 1) < 1e-3)
    }
    #expect(throws: VoxelithError.self) {
      try AbsorbingLayer(name: "x", material: try ChemicalFormula("Fe"), density: 7.9, thickness: -1)
    }
    let unknown = #expect(throws: VoxelithError.self) {
      try NamedMaterial.resolve("unobtainium", density: 1, of: "window")
    }
    #expect(unknown?.code == .data && unknown?.advice?.contains("steel") == true)
    #expect(throws: VoxelithError.self) { try NamedMaterial.resolve("SiO2", density: nil, of: "window") }
    #expect(try NamedMaterial.resolve("Steel", density: nil, of: "can").density == 7.9)
  }

  @Test func badExposuresAreRefused() throws {
    func made(_ exposures: [StandardExposure]) throws -> StandardSet {
      try Self.set(x: [0, 0.5, 1], packing: [1, 1, 1], exposures: exposures)
    }
    let none = StandardExposure()
    for wrong in [
      [StandardExposure(monitor: 1), none, none], [none, StandardExposure(packing: 0.5), none],
      [StandardExposure](repeating: StandardExposure(monitor: -1), count: 3),
      [StandardExposure](repeating: StandardExposure(packing: .nan), count: 3),
      [StandardExposure](repeating: StandardExposure(amplitudeSigma: -0.1), count: 3),
    ] {
      let error = #expect(throws: VoxelithError.self) { try made(wrong) }
      #expect(error?.code == .data)
    }
    var short = none
    short.multipleScattering = [0.1, 0.1]
    #expect(throws: VoxelithError.self) { try made([short, none, none]) }
    var huge = none
    huge.multipleScattering = [Double](repeating: 1, count: SharedCovarianceTests.axis.count)
    #expect(throws: VoxelithError.self) { try made([huge, none, none]) }
  }

  /// Numbers that are not counts have a dispersion of their own.
  @Test func standardsInCountsPerSecondAreFound() throws {
    let set = try Self.set(x: [0, 0.25, 0.5, 0.75, 1], packing: [1, 1, 1, 1, 1])
    let rates = try StandardSet(
      geometry: set.geometry, response: set.response, formula: set.formula,
      standards: set.standards.map { standard in
        Standard(
          name: standard.name, x: standard.x,
          spectrum: try Spectrum(
            energy: set.energy, counts: standard.spectrum.counts.map { $0 / 100 },
            liveTime: standard.spectrum.liveTime))
      })
    let excess = try #require(try ProfileBasis(rates, window: -8...8).excess)
    #expect(abs((excess.dispersion ?? 1) * 100 - 1) < 0.3, "\(excess)")
    #expect(try ProfileBasis(set, window: -8...8).excess == nil)
  }
}
