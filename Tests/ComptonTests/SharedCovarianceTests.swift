import Compton
import Testing
import Volumetry

/// The shared error against what scatter of the standards does to the map.
@Suite struct SharedCovarianceTests {
  static let axis = EnergyAxis(first: 84.1, width: 0.2, count: 100)

  /// Expected counts at unit exposure of a filled voxel.
  static func shape(_ x: Double) throws -> [Double] {
    let model = SpectrumModel(
      energy: axis, geometry: try ScatteringGeometry(incidentEnergy: 115.6, angle: 90),
      response: try DetectorResponse(resolution: 0.8))
    let formula = try ChemicalFormula("LixNi0.8Mn0.1Co0.1O2")
    let unit = model.expected(try MaterialProfile(formula, x: 0.5)).reduce(0, +)
    return model.expected(try MaterialProfile(formula, x: x)).map { $0 / unit }
  }

  static func calibration(seed: UInt64, counts: Double) throws -> Calibration {
    var random = SeededGenerator(seed: seed)
    let standards = try [0, 0.5, 1].map { x in
      Standard(
        name: "\(x)", x: x,
        spectrum: try Spectrum(
          energy: axis, counts: try shape(x).map { Double(random.poisson(counts * $0)) }, liveTime: counts))
    }
    return try Calibration(
      try StandardSet(
        geometry: try ScatteringGeometry(incidentEnergy: 115.6, angle: 90),
        response: try DetectorResponse(resolution: 0.8),
        formula: try ChemicalFormula("LixNi0.8Mn0.1Co0.1O2"), standards: standards),
      options: CalibrationOptions(
        sWindows: try .sParameter(d: 2, r: 8),
        valenceWindows: try MomentumWindows(inner: 2, outerFrom: 3, outerTo: 8)))
  }

  /// x of spectra without noise.
  static func mapped(_ calibration: Calibration, method: MapMethod, _ xs: [Double]) throws -> [Double] {
    let source = try SpectralVolume(
      grid: Grid(unscaled: Shape(z: 1, y: 1, x: xs.count)), energy: axis,
      acquisition: Acquisition(liveTime: 1e9),
      counts: try xs.flatMap { try shape($0).map { Float(1e9 * $0) } })
    return try LithiumMap(source: source, calibration: calibration, options: MapOptions(method: method)).map(
      Region(whole: source.grid.shape)
    ).x.map(Double.init)
  }

  @Test(arguments: MapMethod.allCases)
  func predictsScatterOfValuesAndOfDifferences(method: MapMethod) throws {
    var value = Moments()
    var difference = Moments()
    var predicted = Moments()
    var predictedDifference = Moments()
    var near = Moments()
    for seed in 1...100 {
      let calibration = try Self.calibration(seed: UInt64(seed), counts: 2e7)
      // Where a bent line was found, the covariance holds the bend, which is no scatter.
      if method != .profile, calibration.methods.sParameter.scatter != nil { continue }
      if method == .valenceCore, calibration.methods.valenceCore?.scatter != nil { continue }
      let x = try Self.mapped(calibration, method: method, [0.2, 0.9])
      value.add(x[0])
      difference.add(x[1] - x[0])
      let covariance = try SharedCovariance(calibration, method: method)
      predicted.add(covariance.covariance(0.2, 0.2))
      predictedDifference.add(covariance.varianceOfDifference(0.2, 0.9))
      near.add(covariance.varianceOfDifference(0.2, 0.3))
    }
    // Fits of 10^9 counts converge, too.
    #expect(method == .profile ? value.count == 100 && difference.count == 100 : value.count > 40)
    #expect(abs((value.variance / predicted.mean).squareRoot() - 1) < 0.25)
    #expect(abs((difference.variance / predictedDifference.mean).squareRoot() - 1) < 0.25)
    // Close values share nearly all of their error; the ends of the range hardly any.
    #expect(near.mean < 0.1 * predicted.mean)
  }

  @Test(arguments: MapMethod.allCases)
  func equalValuesHaveNoDifferenceAndTheTableIsPositive(method: MapMethod) throws {
    let covariance = try SharedCovariance(try Self.calibration(seed: 3, counts: 2e7), method: method)
    for a in stride(from: -1.0, through: 2, by: 0.13) {
      #expect(covariance.varianceOfDifference(a, a) == 0)
      for b in stride(from: -1.0, through: 2, by: 0.13) {
        let bound = (covariance.covariance(a, a) * covariance.covariance(b, b)).squareRoot()
        #expect(abs(covariance.covariance(a, b)) <= bound * (1 + 1e-9))
      }
    }
    var mean = covariance.mean()
    covariance.add(0.3, to: &mean)
    #expect(abs(covariance.variance(of: mean) / covariance.covariance(0.3, 0.3) - 1) < 1e-9)
    #expect(covariance.variance(of: mean, minus: mean) == 0)
  }
}
