import Volumetry

/// Attenuation coefficients at the energies of one detector pixel's bins.
struct PixelAttenuation: Sendable {
  /// For each phase: 1/cm at the beam's energy, and at each bin of the fit.
  private let entrance: [Float]
  private let exit: [[SIMD8<Float>]]
  /// Logarithm of what the layers let through, of each bin.
  private let layers: [SIMD8<Float>]

  /// - Parameter seen: what the detector's response changes; nil where it shows every photon's own energy.
  init(
    _ absorption: Absorption, seen: SeenAttenuation?, geometry: ScatteringGeometry, axis: EnergyAxis,
    bins: Range<Int>
  ) {
    let incidentEnergy = geometry.incidentEnergy
    let peak = geometry.peakEnergy
    entrance = absorption.phases.map { Float($0.attenuation(energy: incidentEnergy)) }
    layers = PreparedSpectra.pack(
      bins.map { bin in
        absorption.layers.reduce(-(seen?.layers(at: axis.centers[bin], peak: peak) ?? 0)) {
          $0 - $1.depth(entering: incidentEnergy) - $1.depth(leaving: axis.centers[bin])
        }
      }, padding: 0)
    // The coefficient is smooth: every eighth bin is looked up, those between lie on a line.
    exit = absorption.phases.enumerated().map { index, phase in
      let nodes = Array(stride(from: bins.lowerBound, to: bins.upperBound, by: 8)) + [bins.upperBound - 1]
      let known = nodes.map { phase.attenuation(energy: axis.centers[$0]) }
      var values: [Double] = []
      var node = 0
      for bin in bins {
        while node + 2 < nodes.count && bin >= nodes[node + 1] { node += 1 }
        let span = max(1, nodes[node + 1] - nodes[node])
        let part = Double(bin - nodes[node]) / Double(span)
        values.append(
          known[node] + part * (known[node + 1] - known[node])
            + (seen?.phase(index, at: axis.centers[bin], peak: peak) ?? 0))
      }
      return PreparedSpectra.pack(values, padding: 0)
    }
  }

  /// Coefficients of each phase in 1/cm: at the beam's energy, and averaged over a material's scattered photons.
  func meanCoefficients(of pixel: PixelSpectra) -> (entrance: [Double], exit: [Double]) {
    let all = pixel.constant.reduce(0.0) { $0 + Double($1.sum()) }
    let exits = exit.map { phase in
      zip(phase, pixel.constant).reduce(0.0) { $0 + Double(($1.0 * $1.1).sum()) } / max(all, 1e-300)
    }
    return (entrance.map(Double.init), exits)
  }

  /// Transmission of each bin for path lengths in cm (in, then out, each phase by phase).
  func transmission(_ paths: Span<Float>, into result: inout [SIMD8<Float>]) {
    let groups = layers.count
    if result.count != groups { result = [SIMD8<Float>](repeating: .zero, count: groups) }
    var before: Float = 0
    for phase in entrance.indices { before -= paths[phase] * entrance[phase] }
    for group in 0..<groups {
      var exponent = layers[group] + before
      for phase in entrance.indices { exponent -= paths[entrance.count + phase] * exit[phase][group] }
      result[group] = Exponential.of(exponent)
    }
  }
}

extension PixelSpectra {
  /// Transmission averaged over the active material's counts.
  func meanTransmission(_ transmission: [SIMD8<Float>]) -> Double {
    var passed = 0.0
    var all = 0.0
    for group in constant.indices {
      passed += Double((constant[group] * transmission[group]).sum())
      all += Double(constant[group].sum())
    }
    return all > 0 ? passed / all : 1
  }
}
