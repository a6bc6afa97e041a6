public import Volumetry

extension MeasuredProfile {
  /// Which photon energy an inelastic spectrometer keeps while the energy loss is scanned.
  public enum ScanMode: Sendable, Hashable {
    /// The beam has this energy in keV, the detector resolves the scattered photons.
    case fixedBeam(Double)
    /// A crystal analyser passes this energy in keV, the beam is scanned above it.
    case fixedAnalyser(Double)
  }

  /// Energies of incident and scattered photon at an energy loss, keV.
  static func energies(_ mode: ScanMode, loss: Double) -> (incident: Double, scattered: Double) {
    switch mode {
    case .fixedBeam(let energy): (energy, energy - loss)
    case .fixedAnalyser(let energy): (energy + loss, energy)
    }
  }

  /// The scattering angle in degrees that puts the Compton peak at an energy loss in keV.
  ///
  /// - Throws: `data` where no angle does.
  public static func angle(peakLoss: Double, mode: ScanMode) throws(VoxelithError) -> Double {
    let (incident, scattered) = energies(mode, loss: peakLoss)
    return try ScatteringGeometry.angle(peak: scattered, incidentEnergy: incident)
  }

  /// A profile from intensities against energy loss.
  ///
  /// - Parameters:
  ///   - losses: energy losses in keV, increasing.
  ///   - intensities: per unit of loss and of incident intensity, without background.
  ///   - sigmas: their standard deviations.
  ///   - electrons: the integral of J over the measured momenta after scaling.
  /// - Returns: values in the order of increasing momentum.
  /// - Throws: `data` where fewer than three points lie in the range or their area is not positive.
  public init(
    losses: [Double], intensities: [Double], sigmas: [Double], angle: Double, mode: ScanMode,
    electrons: Double,
    range: ClosedRange<Double>
  ) throws(VoxelithError) {
    var points: [(pz: Double, value: Double, sigma: Double)] = []
    for index in losses.indices {
      let (incident, scattered) = Self.energies(mode, loss: losses[index])
      guard losses[index] > 0, scattered > 0 else { continue }
      let geometry = try ScatteringGeometry(incidentEnergy: incident, angle: angle)
      let pz = geometry.momentum(at: scattered)
      guard range.contains(pz) else { continue }
      let factor = CrossSection(geometry).factor(at: scattered)
      points.append((pz, intensities[index] / factor, sigmas[index] / factor))
    }
    points.sort { $0.pz < $1.pz }
    var area = 0.0
    for (left, right) in zip(points, points.dropFirst()) {
      area += 0.5 * (left.value + right.value) * (right.pz - left.pz)
    }
    guard points.count >= 3, area > 0 else {
      throw VoxelithError(
        .data, "the scan holds no Compton profile within \(range.lowerBound) to \(range.upperBound) a.u.",
        advice: "check the photon energy, the angle and the unit of the energy loss")
    }
    let scale = electrons / area
    self.init(
      momentum: points.map(\.pz), values: points.map { $0.value * scale },
      sigmas: points.map { $0.sigma * scale })
  }
}
