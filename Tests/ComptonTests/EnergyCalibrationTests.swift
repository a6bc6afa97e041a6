import Compton
import Foundation
import Testing
import Volumetry

/// Gain and offset of simulated spectra, whose truth is known.
@Suite struct EnergyCalibrationTests {
  static let lines = ["W-Ka1", "Pb-Ka1", "Pb-Kb1", "elastic:115.6"]

  static func options(
    resolution: Double = 0.8, gain: ClosedRange<Double> = 0.025...0.033
  ) throws -> EnergyCalibrationOptions {
    try EnergyCalibrationOptions(
      lines: lines.map { try EmissionLine($0) }, resolution: resolution, gainRange: gain)
  }

  /// Detector units as a HEXITEC counts them.
  static let axis = EnergyAxis(first: 1200, width: 7, count: 500)

  /// Fluorescence of tungsten and lead and the elastic line on a sloping background.
  static func spectrum(gain: Double, offset: Double, counts: Double, random: inout SeededGenerator)
    -> [Double]
  {
    let truth: [(energy: Double, part: Double)] = [
      (59.3182, 1), (57.9817, 0.575), (74.9694, 0.8), (72.8042, 0.48), (84.936, 0.18), (84.450, 0.094),
      (87.3, 0.065), (115.6, 0.5),
    ]
    let sigma = 0.8 / 2.35482
    return (0..<axis.count).map { bin in
      let low = gain * axis.edge(bin) + offset
      let high = gain * axis.edge(bin + 1) + offset
      var mean = counts * 0.002 * (1.5 - 0.01 * (0.5 * (low + high) - 60)) * (high - low) / 0.2
      for line in truth {
        mean +=
          counts * line.part
          * (Distributions.normalCDF((high - line.energy) / sigma)
            - Distributions.normalCDF((low - line.energy) / sigma))
      }
      return Double(random.poisson(max(0, mean)))
    }
  }

  @Test func linesHaveTheTabulatedEnergies() throws {
    // Bearden's wavelengths, as xraylib has them.
    for (name, energy) in [("Pb-Ka1", 74.9694), ("Pb-Kb1", 84.936), ("W-Ka1", 59.3182), ("Cd-Ka1", 23.1736)] {
      #expect(abs(try EmissionLine(name).energy - energy) < 0.003, "\(name)")
    }
    #expect(try EmissionLine("elastic:115.6").energy == 115.6)
    for wrong in ["Xx-Ka1", "Pb-Kz9", "elastic:", "elastic:-3", "Pb"] {
      #expect(throws: VoxelithError.self) { try EmissionLine(wrong) }
    }
  }

  @Test(arguments: [2000.0, 50_000])
  func findsGainAndOffsetWithHonestErrors(counts: Double) throws {
    let options = try Self.options()
    var gains = Moments()
    var offsets = Moments()
    var chiSquared = 0.0
    var random = SeededGenerator(seed: 11)
    for _ in 0..<200 {
      let gain = 0.029 * (1 + 0.01 * random.normal())
      let offset = 1.4 + 0.3 * random.normal()
      let counts = Self.spectrum(gain: gain, offset: offset, counts: counts, random: &random)
      let result = EnergyCalibration(counts: counts, axis: Self.axis, options: options)
      guard result.status == .good, result.lines.count == 4 else {
        Issue.record("\(result.status), \(result.lines.map(\.name))")
        continue
      }
      gains.add((result.gain - gain) / result.gainSigma)
      offsets.add((result.offset - offset) / result.offsetSigma)
      chiSquared += result.chiSquared / 2
    }
    for pulls in [gains, offsets] {
      #expect(abs(pulls.mean) < 0.2 + 2 / 200.0.squareRoot(), "\(pulls.mean)")
      #expect(abs(pulls.standardDeviation - 1) < 0.15, "\(pulls.standardDeviation)")
    }
    #expect(abs(chiSquared / 200 - 1) < 0.25)
  }

  @Test func aLineThatContradictsTheOthersIsLeftOut() throws {
    var options = try Self.options()
    options.lines.append(try EmissionLine("wrong:66.0"))
    options.lines.sort { $0.energy < $1.energy }
    var random = SeededGenerator(seed: 5)
    var counts = Self.spectrum(gain: 0.029, offset: 1.4, counts: 50_000, random: &random)
    // A peak at 66.4 keV where the list says 66.0.
    for bin in counts.indices {
      let z = (0.029 * Self.axis.centers[bin] + 1.4 - 66.4) / 0.34
      if abs(z) < 5 { counts[bin] += Double(random.poisson(8000 / (1 + z * z * z * z))) }
    }
    let result = EnergyCalibration(counts: counts, axis: Self.axis, options: options)
    #expect(result.lines.first { $0.name == "wrong" || $0.name == "wrong:66.0" }?.isRejected == true)
    #expect(abs(result.energy(3000).value - (0.029 * 3000 + 1.4)) < 0.02)
  }

  @Test func pixelsWithoutLinesAreFlaggedAndTheOthersKeepTheirOwnGain() throws {
    var random = SeededGenerator(seed: 7)
    var counts: [Float] = []
    let truth = (0..<12).map { 0.0285 + 0.0001 * Double($0) }
    for (pixel, gain) in truth.enumerated() {
      let expected = pixel == 5 ? 0 : pixel == 7 ? 4.0 : 4000
      counts += Self.spectrum(gain: gain, offset: 1.2, counts: expected, random: &random).map { Float($0) }
    }
    let source = try SpectralVolume(
      grid: Grid(unscaled: Shape(z: 1, y: 3, x: 4)), energy: Self.axis, counts: counts)
    let result = try PixelCalibration(source, options: try Self.options(), resources: Resources())
    #expect(result.pixels[5].status == .empty && result.pixels[7].status == .tooFewLines)
    #expect(result.gains[5] == 0 && result.gains[7] == 0 && result.count(.good) == 10)
    for (pixel, gain) in truth.enumerated() where result.pixels[pixel].status == .good {
      let found = result.pixels[pixel]
      #expect(abs(found.energy(2800).value - (gain * 2800 + 1.2)) < 6 * found.energy(2800).sigma)
    }
    let kb = try #require(result.summaries(try Self.options().lines).first { $0.name == "Pb-Kb1" })
    let width = try #require(kb.medianFWHM)
    #expect(kb.pixels == 10 && abs(width - 0.8) < 0.1)
  }

  @Test func settingsThatMakeNoSenseAreRefused() throws {
    #expect(throws: VoxelithError.self) {
      try EnergyCalibrationOptions(lines: [try EmissionLine("Pb-Ka1")])
    }
    #expect(throws: VoxelithError.self) {
      try EnergyCalibrationOptions(
        lines: [try EmissionLine("Pb-Kb1"), try EmissionLine("Pb-Kb3")], resolution: 1)
    }
  }

  /// A detector that traps charge pulls Gaussian lines down; with its tail in the fit they stay.
  @Test func tailsDoNotPullPositions() throws {
    var random = SeededGenerator(seed: 21)
    let side = 4
    let truth: [(energy: Double, part: Double)] = [
      (59.3182, 1), (57.9817, 0.575), (74.9694, 0.8), (72.8042, 0.48), (84.936, 0.18), (84.450, 0.094),
      (87.3, 0.065), (115.6, 0.5),
    ]
    let (gain, offset, sigma, counts) = (0.029, 0.1, 0.8 / 2.35482, 2e6)
    let spectrum = (0..<Self.axis.count).map { bin -> Double in
      let low = gain * Self.axis.edge(bin) + offset
      let high = gain * Self.axis.edge(bin + 1) + offset
      var mean = counts * 0.002 * (high - low) / 0.2
      func peak(_ energy: Double) -> Double {
        Distributions.normalCDF((high - energy) / sigma) - Distributions.normalCDF((low - energy) / sigma)
      }
      for line in truth {
        mean += 0.85 * counts * line.part * peak(line.energy)
        // The tail as a sum over quantiles of its losses.
        for k in 0..<60 {
          mean += 0.15 * counts * line.part / 60 * peak(line.energy + 3 * log(1 - (Double(k) + 0.5) / 60))
        }
      }
      return mean
    }
    let source = try SpectralVolume(
      grid: Grid(unscaled: Shape(z: 1, y: side, x: side)), energy: Self.axis,
      counts: (0..<(side * side)).flatMap { _ in spectrum.map { Float(random.poisson($0)) } })
    func bias(_ findsTail: Bool) throws -> (eV: Double, length: Double) {
      var options = try Self.options()
      options.findsTail = findsTail
      let result = try PixelCalibration(source, options: options, resources: Resources())
      var errors = Moments()
      for pixel in result.pixels where pixel.status == .good {
        errors.add(1000 * (pixel.energy((94.3 - offset) / gain).value - 94.3))
      }
      #expect(errors.count == side * side)
      return (errors.mean, result.tailLength)
    }
    let with = try bias(true)
    #expect(with.length >= 2 && with.length <= 4.5)
    #expect(abs(with.eV) < 4, "\(with)")
    #expect(abs(try bias(false).eV) > 2 * abs(with.eV) + 4)
  }
}
