import Compton
import Testing
import Volumetry

/// Plans against closed forms and against what the map says of expected counts.
@Suite struct PlanningTests {
  /// Standards without noise: Gaussians whose areas and widths are known.
  static func calibration(
    background: Double = 0, exposure: Double = 1e6, xSigma: Double = 0
  ) throws -> Calibration {
    let axis = EnergyAxis(first: 84.05, width: 0.1, count: 200)
    let geometry = try ScatteringGeometry(incidentEnergy: 115.6, angle: 90)
    let model = SpectrumModel(
      energy: axis, geometry: geometry, response: try DetectorResponse(resolution: 0.8))
    let formula = try ChemicalFormula("LixNi0.8Mn0.1Co0.1O2")
    let unit = model.expected(try MaterialProfile(formula, x: 0.5)).reduce(0, +)
    let flat = [Double](repeating: background / 200, count: 200)
    let standards = try [0, 0.5, 1].map { x in
      let shape = model.expected(try MaterialProfile(formula, x: x)).map { $0 / unit }
      return Standard(
        name: "x\(x)", x: x, xSigma: xSigma,
        spectrum: try Spectrum(
          energy: axis, counts: zip(shape, flat).map { exposure * ($0 + $1) }, liveTime: exposure))
    }
    return try Calibration(
      try StandardSet(
        geometry: geometry, response: try DetectorResponse(resolution: 0.8), formula: formula,
        standards: standards,
        background: background > 0
          ? try Spectrum(energy: axis, counts: flat.map { $0 * exposure }, liveTime: exposure) : nil))
  }

  static func settings(_ change: (inout PlanSettings) -> Void) -> PlanSettings {
    var settings = PlanSettings()
    settings.rate = 100
    change(&settings)
    return settings
  }

  /// The expected counts of a filled voxel and what the map says of them.
  static func mapped(
    _ calibration: Calibration, x: Double, liveTime: Double, method: MapMethod
  ) throws -> LithiumMap.BlockResult {
    let basis = calibration.methods.profile
    let counts = basis.constant.indices.map {
      Float(liveTime * (basis.constant[$0] + x * basis.slope[$0] + basis.background.rate[$0]))
    }
    let source = try SpectralVolume(
      grid: Grid(unscaled: Shape(z: 1, y: 1, x: 1)), energy: try calibration.energyAxis(),
      acquisition: Acquisition(liveTime: liveTime), counts: counts)
    return try LithiumMap(
      source: source, calibration: calibration, options: MapOptions(method: method)
    ).map(Region(whole: source.grid.shape))
  }

  @Test(arguments: MapMethod.allCases, [0.0, 0.2])
  func saysWhatTheMapSays(method: MapMethod, background: Double) throws {
    let calibration = try Self.calibration(background: background, exposure: 1e8)
    let time = 1e5
    let result = try Self.mapped(calibration, x: 0.4, liveTime: time, method: method)
    let plan = try MeasurementPlan(
      calibration,
      settings: Self.settings {
        $0.rate = nil
        $0.x = 0.4
        $0.seconds = time
      })
    let planned = try #require(plan.methods.first { $0.precision.method == method })
    #expect(abs(try #require(planned.sigma) / Double(result.sigma[0]) - 1) < 2e-3)
    #expect(abs(planned.floor / result.rows[0].sharedSigma.mean - 1) < 5e-3)
  }

  @Test func targetNeedsTheTimeThatGivesIt() throws {
    let calibration = try Self.calibration(exposure: 1e8)
    let plan = try MeasurementPlan(calibration, settings: Self.settings { $0.target = 0.02 })
    let seconds = try #require(plan.methods[0].secondsForTarget)
    let back = try MeasurementPlan(calibration, settings: Self.settings { $0.seconds = seconds })
    #expect(abs(try #require(back.methods[0].sigma) - 0.02) < 1e-9)
    // Eight voxels together need an eighth of the time.
    let cube = try #require(plan.binnings.first { $0.binning == 2 }?.secondsForTarget)
    #expect(abs(cube / seconds - 0.125) < 1e-9)
    #expect(plan.methods.dropFirst().allSatisfy { $0.precision.cost > 1.02 })
    #expect(plan.bestSWindows.cost >= 1)
  }

  @Test func countsScaleWithTheVolume() throws {
    let calibration = try Self.calibration()
    let plan = try MeasurementPlan(
      calibration,
      settings: Self.settings {
        $0.target = 0.1
        $0.rateVolume = 1000
        $0.volume = 125
      })
    #expect(abs(plan.rate - 12.5) < 1e-9)
  }

  @Test func standardsSetAFloorThatCountingDoesNotBeat() throws {
    let calibration = try Self.calibration(exposure: 3e7, xSigma: 0.01)
    let plan = try MeasurementPlan(calibration, settings: Self.settings { $0.target = 0.003 })
    let fit = plan.methods[0]
    #expect(fit.floor > 0.003 && fit.secondsForTarget == nil && plan.standardsFactor == nil)
    // Three standards of equal weight know the middle to 0.01 / sqrt(3).
    #expect(abs(fit.precision.standardsXSigma - 0.01 / 3.0.squareRoot()) < 1e-4)
    #expect(fit.precision.sigma(counts: .infinity) == fit.floor)
  }

  @Test func detectionLimitHasThePowerThatWasAsked() throws {
    let calibration = try Self.calibration(exposure: 1e9)
    let precision = try MethodPrecision.all(of: calibration, x: 0.5)[0]
    let sigma = precision.sigmaOfOneCount / 1000
    #expect(abs(precision.detectionLimit(counts: 1e6) - 2 * 2.0.squareRoot() * sigma) < 1e-12)
    let limit = precision.detectionLimit(counts: 1e6, significance: 2, power: 0.9)
    #expect(abs(limit / (2.0.squareRoot() * sigma) - 3.2815516) < 1e-6)
    #expect(abs(precision.counts(difference: limit, significance: 2, power: 0.9) / 1e6 - 1) < 1e-9)
  }

  @Test func rateOfMeasuredSpectra() throws {
    let calibration = try Self.calibration(background: 0.1, exposure: 1e8)
    let basis = calibration.methods.profile
    let counts = basis.constant.indices.map {
      Float(1e4 * (0.5 * (basis.constant[$0] + 0.5 * basis.slope[$0]) + basis.background.rate[$0]))
    }
    let source = try SpectralVolume(
      grid: Grid(shape: Shape(z: 1, y: 1, x: 1), spacing: SIMD3(2, 3, 4)),
      energy: try calibration.energyAxis(),
      acquisition: Acquisition(liveTime: 1e4), counts: counts)
    let rate = try CountRate(spectra: source, calibration: calibration, resources: Resources())
    let net = basis.fitRange.reduce(0.0) { $0 + basis.constant[$1] + 0.5 * basis.slope[$1] }
    #expect(abs(rate.rate / (0.5 * net) - 1) < 1e-4)
    #expect(rate.volume == 24)
  }

  @Test(arguments: [0, 1, 2, 3, 4])
  func wishesThatMakeNoSenseAreRefused(_ which: Int) throws {
    let calibration = try Self.calibration()
    let settings = Self.settings {
      $0.target = 0.01
      switch which {
      case 0: $0.target = nil
      case 1: $0.target = -1
      case 2: $0.binnings = [0]
      case 3: $0.volume = 5
      default: $0.power = 1
      }
    }
    #expect(throws: VoxelithError.self) { try MeasurementPlan(calibration, settings: settings) }
  }
}
