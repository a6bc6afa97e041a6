import Volumetry

/// What multiplies the rates of each standard in each bin, before amplitudes: live time, monitor, packing and what its layers
/// let through.
struct StandardExposures {
  /// Of each standard and bin.
  let values: [[Double]]
  /// Expected background counts of each standard and bin.
  let backgroundCounts: [[Double]]
  let background: ProfileBasis.Component
  let normalization: ProfileBasis.Normalization
  /// Monitor counts a second of all standards together; 1 without monitor.
  private let flux: Double

  init(_ set: StandardSet) {
    let bins = set.energy.count
    let times = set.standards.map(\.spectrum.liveTime)
    if let spectrum = set.background, let time = spectrum.liveTime {
      background = ProfileBasis.Component(
        name: "background", rate: spectrum.counts.map { $0 / time },
        variance: spectrum.counts.map { max($0, 1) / (time * time) })
    } else {
      background = ProfileBasis.Component(
        name: "background", rate: [Double](repeating: 0, count: bins),
        variance: [Double](repeating: 0, count: bins))
    }
    let monitors = set.standards.map(\.exposure.monitor)
    let time = times.reduce(0) { $0 + ($1 ?? 1) }
    let flux = monitors.contains(nil) ? 1 : monitors.reduce(0) { $0 + ($1 ?? 0) } / time
    self.flux = flux
    let (own, normalization) = Self.times(set)
    self.normalization = normalization
    let rate = background.rate
    let factors = set.standards.map { Self.factor($0.exposure, time: $0.spectrum.liveTime ?? 1, flux: flux) }
    let transmissions = set.standards.map { Self.transmission($0.exposure, set) }
    values = set.standards.indices.map { i in transmissions[i].map { own[i] * factors[i] * $0 } }
    backgroundCounts = set.standards.map { standard -> [Double] in
      let behind = rate.map { $0 * (standard.spectrum.liveTime ?? 0) }
      return Self.withMultipleScattering(behind, standard.exposure, total: standard.spectrum.total)
    }
  }

  /// Live time of each standard, or what stands for it.
  private static func times(_ set: StandardSet) -> ([Double], ProfileBasis.Normalization) {
    let times = set.standards.compactMap(\.spectrum.liveTime)
    if times.count == set.standards.count { return (times, .liveTime) }
    if set.standards.allSatisfy({ $0.exposure.monitor != nil }) {
      return (set.standards.map { _ in 1 }, .total)
    }
    let totals = set.standards.map(\.spectrum.total)
    if let formula = set.formula, formula.hasUnknownLithium {
      let electrons = set.standards.map { standard in
        formula.atoms(x: standard.x).reduce(0.0) { $0 + Double($1.key) * $1.value }
      }
      return (zip(totals, electrons).map { $0 / $1 }, .electrons)
    }
    return (totals, .total)
  }

  /// Known counts under a spectrum: the background and what was scattered twice, whose part of the rest is known.
  private static func withMultipleScattering(
    _ background: [Double], _ exposure: StandardExposure, total: Double
  ) -> [Double] {
    let twice = exposure.multipleScattering
    guard !twice.isEmpty else { return background }
    let once = max(0, total - background.reduce(0, +)) / (1 + twice.reduce(0, +))
    return zip(background, twice).map { $0 + once * $1 }
  }

  private static func factor(_ exposure: StandardExposure, time: Double, flux: Double) -> Double {
    (exposure.monitor.map { $0 / time / flux } ?? 1) * (exposure.packing ?? 1)
  }

  /// What the layers let through to each bin. Where the detector shows less than a photon's energy, of the photons that are
  /// seen there (``SeenAttenuation``).
  private static func transmission(_ exposure: StandardExposure, _ set: StandardSet) -> [Double] {
    let incident = set.geometry.incidentEnergy
    let layers = exposure.layers
    let centers = set.energy.centers
    guard !layers.isEmpty else { return centers.map { _ in 1 } }
    let plain = centers.map { $0 <= 0 ? 1 : layers.transmission(incident: incident, scattered: $0) }
    guard set.response.hasFixedEnergyEffects, let formula = set.formula,
      let profile = try? MaterialProfile(formula, x: set.standards.first?.x ?? 0, model: .neutral)
    else { return plain }
    let model = SpectrumModel(energy: set.energy, geometry: set.geometry, response: set.response)
    let all = model.expected(profile)
    let passed = model.expected(profile) { layers.transmission(incident: incident, scattered: $0) }
    let least = 1e-9 * (all.max() ?? 0)
    return plain.indices.map { all[$0] > least ? passed[$0] / all[$0] : plain[$0] }
  }

  /// Rates of the components, their background taken off.
  func components(_ set: StandardSet) -> [ProfileBasis.Component] {
    set.components.map { component in
      let time = component.spectrum.liveTime ?? 1
      let factor = Self.factor(component.exposure, time: time, flux: flux)
      let scale = Self.transmission(component.exposure, set).map { 1 / (factor * $0) }
      let known = Self.withMultipleScattering(
        background.rate.map { $0 * time }, component.exposure, total: component.spectrum.total)
      let counts = component.spectrum.counts
      return ProfileBasis.Component(
        name: component.name,
        rate: counts.indices.map { scale[$0] * (counts[$0] - known[$0]) / time },
        variance: counts.indices.map { scale[$0] * scale[$0] * max(counts[$0], 1) / (time * time) })
    }
  }
}
