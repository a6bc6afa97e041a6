import Compton
import Foundation
import Testing
import Volumetry

/// A detector whose tail, sharing, escapes and efficiency belong to the photon's energy, seen from other angles.
///
/// The spectra here are made by sums over photons, one energy at a time, and share no code with `FixedEnergyResponse`.
@Suite struct DetectorResponseTests {
  static let axis = EnergyAxis(first: 80.1, width: 0.2, count: 140)
  static let tail = (part: 0.15, length: 3.0)
  static let sharing = 0.12
  static let nmc = "LixNi0.8Mn0.1Co0.1O2"
  static let escapes = [(energy: 23.2, part: 0.02), (energy: 27.5, part: 0.03)]

  static func efficiency(_ energy: Double) -> Double { 1 - exp(-1.1 * pow(94 / energy, 2.7)) }

  static func response() throws -> DetectorResponse {
    try DetectorResponse(
      resolution: 1, tailFraction: tail.part, tailLength: tail.length,
      efficiency: stride(from: 40.0, through: 116, by: 1).map { .init(energy: $0, value: efficiency($0)) },
      sharingFraction: sharing, escapes: escapes.map { .init(energy: $0.energy, fraction: $0.part) })
  }

  /// Expected counts of NMC811 at an angle, each photon spread by hand.
  static func spectrum(x: Double, angle: Double, formula: String = nmc) throws -> [Double] {
    let geometry = try ScatteringGeometry(incidentEnergy: 115.6, angle: angle)
    let profile = try MaterialProfile(try ChemicalFormula(formula), x: x)
    let cross = CrossSection(geometry)
    let step = 0.05
    let sigma = 1 / 2.354_82
    var fine = [Double](repeating: 0, count: 2400)
    func put(_ energy: Double, _ weight: Double) {
      let place = Int(energy / step)
      if place >= 0, place < fine.count { fine[place] += weight }
    }
    for index in 1200..<2312 {
      let energy = (Double(index) + 0.5) * step
      let rate = cross.doubleDifferential(at: energy, profile: profile) * efficiency(energy)
      var ways = escapes.map { (energy - $0.energy, rate * $0.part) }
      ways.append((energy, rate * (1 - escapes.reduce(0) { $0 + $1.part })))
      for (left, weight) in ways {
        var parts = [(left, weight * (1 - sharing))]
        for k in 0..<240 {
          parts.append((left * (0.5 + 0.5 * (Double(k) + 0.5) / 240), weight * sharing / 240))
        }
        for (seen, part) in parts where part > 0 { put(seen, part) }
      }
    }
    // Charge that is trapped, in quantiles that are finer than the line is wide where they hold counts.
    var trapped = fine.map { $0 * (1 - tail.part) }
    for k in 0..<2000 {
      let drop = -tail.length * log(1 - (Double(k) + 0.5) / 2000)
      let steps = Int((drop / step).rounded())
      for place in steps..<fine.count { trapped[place - steps] += fine[place] * tail.part / 2000 }
    }
    fine = trapped
    var cumulative = [0.0]
    for value in fine { cumulative.append((cumulative.last ?? 0) + value) }
    return (0..<axis.count).map { bin in
      var sum = 0.0
      let (low, high) = (axis.edge(bin), axis.edge(bin + 1))
      for place in max(0, Int((low - 4) / step))..<min(fine.count, Int((high + 4) / step))
      where fine[place] > 0 {
        let energy = (Double(place) + 0.5) * step
        sum +=
          fine[place]
          * (Distributions.normalCDF((high - energy) / sigma)
            - Distributions.normalCDF((low - energy) / sigma))
      }
      return sum
    }
  }

  static func calibration(_ response: DetectorResponse, formula: String = nmc) throws -> Calibration {
    let standards = try [0, 0.5, 1].map { x in
      let shape = try spectrum(x: x, angle: 90, formula: formula)
      let scale = 1e8 / shape.reduce(0, +)
      return Standard(
        name: "\(x)", x: x,
        spectrum: try Spectrum(energy: axis, counts: shape.map { ($0 * scale).rounded() }, liveTime: 1000))
    }
    return try Calibration(
      try StandardSet(
        geometry: try ScatteringGeometry(incidentEnergy: 115.6, angle: 90), response: response,
        formula: try ChemicalFormula(formula), standards: standards),
      options: CalibrationOptions(
        sWindows: try .sParameter(d: 2, r: 8),
        valenceWindows: try MomentumWindows(inner: 2, outerFrom: 3, outerTo: 8)))
  }

  /// x of spectra without noise over a detector of 86 to 94 degrees.
  static func columns(_ calibration: Calibration, formula: String = nmc) throws -> [Double] {
    let angles = [86, 88, 90, 92, 94.0]
    let source = try SpectralVolume(
      grid: Grid(unscaled: Shape(z: 1, y: 1, x: angles.count)), energy: axis,
      acquisition: Acquisition(
        scatteringAngle: .perPixel(height: 1, width: angles.count, values: angles), liveTime: 1000),
      counts: try angles.flatMap { angle in
        let shape = try spectrum(x: 0.5, angle: angle, formula: formula)
        let scale = 1e8 / shape.reduce(0, +)
        return shape.map { Float($0 * scale) }
      })
    return try LithiumMap(source: source, calibration: calibration).map(Region(whole: source.grid.shape)).x
      .map(Double.init)
  }

  @Test func knownResponseLeavesNoTrendOverAngles() throws {
    let x = try Self.columns(try Self.calibration(try Self.response()))
    for value in x { #expect(abs(value - 0.5) < 0.005, "\(x)") }
    #expect(abs(x[4] - x[0]) < 0.005, "\(x)")
  }

  /// Standards on the pixels of the sample need no carrying, whatever the detector does.
  @Test func ringsOfPixelsNeedNoCarrying() throws {
    func set(_ angle: Double) throws -> StandardSet {
      try StandardSet(
        geometry: try ScatteringGeometry(incidentEnergy: 115.6, angle: angle),
        response: try DetectorResponse(resolution: 1), formula: try ChemicalFormula("LixNi0.8Mn0.1Co0.1O2"),
        standards: try [0, 0.5, 1].map { x in
          let shape = try Self.spectrum(x: x, angle: angle)
          let scale = 1e8 / shape.reduce(0, +)
          return Standard(
            name: "\(x)", x: x,
            spectrum: try Spectrum(
              energy: Self.axis, counts: shape.map { ($0 * scale).rounded() }, liveTime: 1000))
        })
    }
    let rings = try [86, 88, 90, 92, 94].map(set)
    let calibration = try Calibration(
      rings[2], rings: rings,
      options: CalibrationOptions(
        sWindows: try .sParameter(d: 2, r: 8),
        valenceWindows: try MomentumWindows(inner: 2, outerFrom: 3, outerTo: 8)))
    let x = try Self.columns(calibration)
    for value in x { #expect(abs(value - 0.5) < 0.001, "\(x)") }
    var damaged = calibration
    damaged.rings?[1].profile.slope.removeLast()
    #expect(throws: VoxelithError.self) { try damaged.validate() }
  }

  @Test func responseIsLearntFromTheSidesOfTheProfile() throws {
    let calibration = try Self.calibration(try DetectorResponse(resolution: 1))
    let learnt = calibration.response
    #expect(learnt.isLearnt == true)
    #expect(abs(learnt.tailFraction - Self.tail.part) < 0.03, "\(learnt.tailFraction)")
    #expect(abs(learnt.sharingFraction - Self.sharing) < 0.05, "\(learnt.sharingFraction)")
    let x = try Self.columns(calibration)
    #expect(abs(x[4] - x[0]) < 0.005, "\(x)")
    for value in x { #expect(abs(value - 0.5) < 0.01, "\(x)") }
  }

  /// Manganese and iron change less with lithium, so that the same error of spectra is twice the error of x.
  @Test(arguments: ["LixMn2O4", "LixFePO4"]) func knownResponseServesOtherMaterials(formula: String) throws {
    let x = try Self.columns(try Self.calibration(try Self.response(), formula: formula), formula: formula)
    #expect(abs(x[4] - x[0]) < 0.005, "\(x)")
    for value in x { #expect(abs(value - 0.5) < 0.01, "\(x)") }
  }

  @Test func whatIsNotToldIsLearntBesideWhatIs() throws {
    let told = try DetectorResponse(
      resolution: 1, escapes: Self.escapes.map { .init(energy: $0.energy, fraction: $0.part) })
    let calibration = try Self.calibration(told)
    #expect(calibration.response.escapes == told.escapes)
    #expect(
      abs(calibration.response.tailFraction - Self.tail.part) < 0.02, "\(calibration.response.tailFraction)")
    let x = try Self.columns(calibration)
    #expect(abs(x[4] - x[0]) < 0.005, "\(x)")
    let all = try Self.calibration(try Self.response()).response
    #expect(try all.isLearnt != true && all.escapes == Self.response().escapes)
  }

  @Test func modelAgreesWithSumsOverPhotons() throws {
    let model = SpectrumModel(
      energy: Self.axis, geometry: try ScatteringGeometry(incidentEnergy: 115.6, angle: 90),
      response: try Self.response())
    let counts = model.expected(try MaterialProfile(try ChemicalFormula("LixNi0.8Mn0.1Co0.1O2"), x: 0.5))
    let other = try Self.spectrum(x: 0.5, angle: 90)
    let scale = other.reduce(0, +) / counts.reduce(0, +)
    for bin in 15..<125 { #expect(abs(counts[bin] * scale / other[bin] - 1) < 0.01, "\(bin)") }
  }

  @Test func badResponsesAreRefused() {
    #expect(throws: VoxelithError.self) { try DetectorResponse(resolution: 1, sharingFraction: 0.6) }
    #expect(throws: VoxelithError.self) { try DetectorResponse(resolution: 1, sharingFraction: -0.1) }
    #expect(throws: VoxelithError.self) {
      try DetectorResponse(resolution: 1, escapes: [.init(energy: -1, fraction: 0.1)])
    }
    #expect(throws: VoxelithError.self) {
      try DetectorResponse(
        resolution: 1, escapes: [.init(energy: 23, fraction: 0.3), .init(energy: 26, fraction: 0.3)])
    }
  }
}
