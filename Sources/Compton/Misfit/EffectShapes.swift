import Foundation
import Volumetry

/// What each effect adds to a summed spectrum for a value of one, to first order.
struct EffectShapes: Sendable {
  let effects: [InstrumentEffect]
  private let settings: InstrumentSettings
  private let filters: SpectrumFilters
  private let widths: [Double]
  private let sigma: Double
  /// Narrow lines in counts per photon; nil for effects that are not lines.
  private let lines: [[Double]?]
  /// Of every bin by which the spectrum moves for one degree in keV, and by which part it grows.
  private let turn: (shift: [Double], growth: [Double])
  /// Length of the tail in keV.
  private let tailLength: Double

  /// - Parameters:
  ///   - phases: profiles of phases that nobody named; nil where no formula tells them.
  ///   - withRivals: whether shapes that are never corrected are made, too.
  /// - Throws: `data` for an element or angle that does not exist.
  init(
    _ spectrum: SummedSpectrum, response: DetectorResponse, settings: InstrumentSettings,
    phases: ForeignPhases? = nil, withRivals: Bool = false
  ) throws(VoxelithError) {
    self.settings = settings
    let centers = spectrum.centers
    widths = spectrum.widths
    sigma = response.sigma
    let step = (centers[centers.count - 1] - centers[0]) / Double(max(1, centers.count - 1))
    filters = SpectrumFilters.of(centers: centers, line: max(response.resolution, 2 * step))
    let line = NarrowLine(
      edges: zip(centers, spectrum.widths).map { $0 - 0.5 * $1 }
        + [centers[centers.count - 1] + 0.5 * spectrum.widths[centers.count - 1]],
      sigma: max(sigma, 0.3 * step),
      tailFraction: response.tailFraction > 0 ? response.tailFraction : settings.tailFraction,
      tailLength: response.tailFraction > 0 ? response.tailLength : settings.tailLength)
    let incident = spectrum.incidentEnergy
    var effects: [InstrumentEffect] = [.gain, .offset, .angle]
    var lines: [[Double]?] = [nil, nil, nil]
    func add(_ effect: InstrumentEffect, _ values: [Double]? = nil) {
      effects.append(effect)
      lines.append(values)
    }
    if response.resolution > 0 {
      add(.width)
      add(.widthSlope)
    }
    add(.flatBackground)
    add(.slopedBackground)
    add(.pileUp)
    if let supplied = settings.supplied {
      let bins = spectrum.firstBin..<(spectrum.firstBin + spectrum.bins)
      guard bins.upperBound <= supplied.counts.count else {
        throw VoxelithError(
          .data, "the shape has fewer bins than the spectra", file: supplied.name,
          advice: "simulate it on the bins of the spectra")
      }
      add(.shape, Array(supplied.counts[bins]))
    }
    for (part, values) in Self.elastic(line, incident: incident, settings: settings) {
      add(.elastic(part), values)
    }
    for (index, element) in settings.elements.enumerated() {
      guard let z = AtomicData.atomicNumber(element) else {
        throw VoxelithError(
          .data, "'\(element)' is not an element with fluorescence to look for",
          advice: "give symbols such as Pb or W")
      }
      let known = EmissionLine.lines(of: z).filter { $0.name.hasPrefix("K") && $0.energy < incident }
      for (part, values) in Self.fluorescence(line, known) { add(.fluorescence(index, part), values) }
    }
    tailLength = response.tailFraction > 0 ? response.tailLength : settings.tailLength
    if withRivals {
      add(.tail)
      add(.sharing)
      if let phases {
        let geometry = try ScatteringGeometry(incidentEnergy: incident, angle: spectrum.angle)
        for profile in ForeignPhases.widths.indices {
          add(.phase(profile), centers.map { phases.ratio(profile, at: $0, of: geometry) })
        }
      }
    }
    self.effects = effects
    self.lines = lines
    turn = try Self.turn(spectrum)
  }

  /// dE/dth at equal momentum, and d ln F / dth of the cross-section's factor.
  private static func turn(_ spectrum: SummedSpectrum) throws(VoxelithError) -> ([Double], [Double]) {
    let step = 0.05
    let here = try ScatteringGeometry(incidentEnergy: spectrum.incidentEnergy, angle: spectrum.angle)
    let there = try ScatteringGeometry(
      incidentEnergy: spectrum.incidentEnergy, angle: min(180, spectrum.angle + step))
    let (own, other) = (CrossSection(here), CrossSection(there))
    var shift: [Double] = []
    var growth: [Double] = []
    for energy in spectrum.centers {
      guard energy < spectrum.incidentEnergy, let moved = there.energy(at: here.momentum(at: energy)) else {
        shift.append(0)
        growth.append(0)
        continue
      }
      shift.append((moved - energy) / step)
      growth.append(log(other.factor(at: moved) / own.factor(at: energy)) / step)
    }
    return (shift, growth)
  }

  /// What more of a tail changes: an exponential towards lower energies. Above the last bin the spectrum falls on as it does
  /// at its end.
  private static func trapped(_ counts: [Double], widths: [Double], length: Double) -> [Double] {
    let last = counts.count - 1
    let part = min(8, max(1, last / 4))
    let fall = pow(max(counts[last], 1e-9) / max(counts[last - part], 1e-9), 1 / Double(part))
    let passing = exp(-widths[last] / length)
    var entering = fall < 1 ? counts[last] * fall * (1 - passing) / (1 - fall * passing) : 0
    entering *= length / widths[last]
    var result = counts
    for bin in stride(from: last, through: 0, by: -1) {
      let width = widths[bin] / length
      let passing = exp(-width)
      let leaving = (1 - passing) / width
      result[bin] = entering * (1 - passing) + counts[bin] * (1 - leaving) - counts[bin]
      entering = entering * passing + counts[bin] * leaving
    }
    return result
  }

  /// - Parameter expected: counts of every bin.
  func callAsFunction(_ expected: [Double]) -> (shapes: [[Double]], smooth: SpectrumFilters.Derivatives) {
    let smooth = filters(zip(expected, widths).map { $0 / $1 })
    let centers = filters.centers
    let bins = centers.indices
    let total = expected.reduce(0, +)
    let reach = centers[centers.count - 1] - centers[0]
    let level = total / widths.reduce(0, +)
    let middle = 0.5 * (centers[0] + centers[centers.count - 1])
    let shapes = effects.indices.map { index -> [Double] in
      switch effects[index] {
      case .gain: return bins.map { -widths[$0] * (smooth.value[$0] + centers[$0] * smooth.first[$0]) }
      case .offset: return bins.map { -widths[$0] * smooth.first[$0] }
      case .angle:
        return bins.map {
          widths[$0] * (turn.growth[$0] * smooth.value[$0] - turn.shift[$0] * smooth.first[$0])
        }
      case .width: return bins.map { widths[$0] * sigma * sigma * smooth.second[$0] }
      case .widthSlope:
        return bins.map {
          widths[$0] * sigma * sigma * smooth.second[$0] * 2 * (centers[$0] - middle) / reach
        }
      case .flatBackground: return bins.map { level * widths[$0] }
      case .slopedBackground: return bins.map { level * widths[$0] * 2 * (centers[$0] - middle) / reach }
      case .pileUp:
        var below = 0.0
        return bins.map { bin in
          let own = smooth.value[bin] * widths[bin]
          defer { below += own }
          return level * widths[bin] * (below + 0.5 * own) / total
        }
      case .tail: return Self.trapped(expected, widths: widths, length: tailLength)
      case .sharing:
        var below = 0.0
        return bins.map { bin in
          defer { below += expected[bin] }
          return level * widths[bin] * (1 - (below + 0.5 * expected[bin]) / total) - expected[bin]
        }
      case .phase:
        let own = zip(lines[index] ?? [], expected).map { $0 * $1 }
        let sum = own.reduce(0, +)
        return own.map { sum > 0 ? total * $0 / sum : 0 }
      default: return (lines[index] ?? []).map { total * $0 }
      }
    }
    return (shapes, smooth)
  }

  /// Variance of the bins by the standards, once shift and width have mixed neighbouring bins.
  ///
  /// - Parameters:
  ///   - values: one for each of ``effects``.
  func spread(_ variances: [Double], values: [Double]) -> [Double] {
    func value(_ effect: InstrumentEffect) -> Double {
      effects.firstIndex(of: effect).map { values[$0] } ?? 0
    }
    let (gain, offset, angle, width) = (value(.gain), value(.offset), value(.angle), value(.width))
    guard gain != 0 || offset != 0 || angle != 0 || width != 0 else { return variances }
    let centers = filters.centers
    return filters.variance(
      zip(variances, widths).map { $0 / ($1 * $1) },
      first: centers.indices.map { -(gain * centers[$0] + offset + angle * turn.shift[$0]) },
      second: centers.map { _ in width * sigma * sigma }
    ).enumerated().map { $1 * widths[$0] * widths[$0] }
  }

  /// What shift and width change in second order.
  func second(_ values: [Double], _ smooth: SpectrumFilters.Derivatives) -> [Double] {
    func value(_ effect: InstrumentEffect) -> Double {
      effects.firstIndex(of: effect).map { values[$0] } ?? 0
    }
    let (gain, offset, angle, width) = (value(.gain), value(.offset), value(.angle), value(.width))
    guard gain != 0 || offset != 0 || angle != 0 || width != 0 else {
      return [Double](repeating: 0, count: widths.count)
    }
    let higher = filters(smooth.second)
    let square = sigma * sigma
    return filters.centers.indices.map { bin in
      let shift = gain * filters.centers[bin] + offset + angle * turn.shift[bin]
      let second = 0.5 * shift * shift + 0.5 * width * width * square
      return widths[bin]
        * (second * smooth.second[bin] + 0.5 * square * square * width * width * higher.second[bin]
          - shift * square * width * higher.first[bin])
    }
  }
}
