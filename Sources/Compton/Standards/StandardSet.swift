public import Volumetry

/// A sample of known lithium content and its spectrum.
public struct Standard: Sendable {
  public let name: String
  public let x: Double
  /// Standard deviation of `x`.
  public let xSigma: Double
  /// By how much one standard deviation of each cause that standards share moves `x`: of the amount of active material, say. Empty
  /// where they share none.
  public let sharedXErrors: [Double]
  public let spectrum: Spectrum
  /// What its counts are proportional to.
  public let exposure: StandardExposure

  public init(
    name: String, x: Double, xSigma: Double = 0, sharedXErrors: [Double] = [], spectrum: Spectrum,
    exposure: StandardExposure = StandardExposure()
  ) {
    self.name = name
    self.x = x
    self.xSigma = xSigma
    self.sharedXErrors = sharedXErrors
    self.spectrum = spectrum
    self.exposure = exposure
  }
}

extension Standard {
  /// Standard deviation of `x` by all causes.
  public var totalXSigma: Double {
    sharedXErrors.reduce(xSigma * xSigma) { $0 + $1 * $1 }.squareRoot()
  }

  /// The error of a shared cause; 0 where this standard does not have it.
  func sharedXError(_ cause: Int) -> Double { cause < sharedXErrors.count ? sharedXErrors[cause] : 0 }
}

/// Another phase of the electrode and its spectrum.
public struct ComponentStandard: Sendable {
  public let name: String
  public let spectrum: Spectrum
  /// What its counts are proportional to; its amplitude is what live time, monitor and packing say.
  public let exposure: StandardExposure

  public init(name: String, spectrum: Spectrum, exposure: StandardExposure = StandardExposure()) {
    self.name = name
    self.spectrum = spectrum
    self.exposure = exposure
  }
}

/// Everything that a calibration is made from. Spectra are of a filled voxel volume and include the background.
public struct StandardSet: Sendable {
  public let geometry: ScatteringGeometry
  public let response: DetectorResponse
  public let formula: ChemicalFormula?
  /// In the order of increasing x.
  public let standards: [Standard]
  public let components: [ComponentStandard]
  public let background: Spectrum?
  public let energy: EnergyAxis

  /// Checks and sorts the standards.
  ///
  /// - Throws: `data` where there are fewer than two standards, all have one x, an x is not finite, two components
  ///   have one name or one has no counts, the energy axes differ, a live time is missing although background or components need it, or
  ///   monitor or packing are given for some standards alone.
  public init(
    geometry: ScatteringGeometry, response: DetectorResponse, formula: ChemicalFormula?,
    standards: [Standard],
    components: [ComponentStandard] = [], background: Spectrum? = nil
  ) throws(VoxelithError) {
    guard standards.count >= 2, let first = standards.first else {
      throw VoxelithError(
        .data, "\(standards.count) standard cannot make a calibration line",
        advice: "give at least two standards of different x; three or more show how good the line is")
    }
    for standard in standards {
      guard standard.x.isFinite, standard.xSigma.isFinite, standard.xSigma >= 0,
        standard.sharedXErrors.allSatisfy(\.isFinite)
      else {
        throw VoxelithError(.data, "x and x_sigma of the standard '\(standard.name)' are not usable numbers")
      }
      guard standard.spectrum.total > 0 else {
        throw VoxelithError(.data, "the standard '\(standard.name)' has no counts")
      }
    }
    for (index, component) in components.enumerated() {
      guard component.spectrum.total > 0 else {
        throw VoxelithError(.data, "the component '\(component.name)' has no counts")
      }
      guard !components[..<index].contains(where: { $0.name == component.name }) else {
        throw VoxelithError(
          .data, "two components have the name '\(component.name)'", advice: "give every component its own")
      }
    }
    for standard in standards {
      try NumberRange.lithium.check(standard.x, place: standard.name)
      try NumberRange.lithiumSigma.check(standard.totalXSigma, place: standard.name)
    }
    try StandardExposure.check(
      standards.map { ($0.name, $0.exposure) }, components.map { ($0.name, $0.exposure) })
    let sorted = standards.enumerated().sorted { ($0.element.x, $0.offset) < ($1.element.x, $1.offset) }
      .map(\.element)
    guard let lowest = sorted.first, let highest = sorted.last, highest.x - lowest.x > 1e-9 else {
      throw VoxelithError(
        .data, "all standards have x = \(first.x)", advice: "a calibration needs two values of x or more")
    }
    let axis = first.spectrum.energy
    for (name, exposure) in standards.map({ ($0.name, $0.exposure) })
      + components.map({ ($0.name, $0.exposure) })
    where !exposure.multipleScattering.isEmpty && exposure.multipleScattering.count != axis.count {
      throw VoxelithError(
        .data,
        "the multiple scattering of '\(name)' has \(exposure.multipleScattering.count) bins, the spectra have "
          + "\(axis.count)", advice: "simulate it on the bins of the standards")
    }
    let others =
      standards.map { ($0.name, $0.spectrum) } + components.map { ($0.name, $0.spectrum) }
      + [background].compactMap { $0 }.map { ("background", $0) }
    for (name, spectrum) in others where !spectrum.energy.matches(axis) {
      throw VoxelithError(
        .data, "the energy bins of '\(name)' differ from those of '\(first.name)'",
        advice: "all spectra of a calibration must have the same energy axis")
    }
    for (name, spectrum) in others { try Self.checkSaturation(spectrum, name: name) }
    try response.check(against: axis)
    if background != nil || !components.isEmpty {
      for (name, spectrum) in others where spectrum.liveTime == nil {
        throw VoxelithError(
          .data, "'\(name)' has no live_time_s",
          advice: "background and components are scaled by live time, so every spectrum needs it")
      }
    }
    self.geometry = geometry
    self.response = response
    self.formula = formula
    self.standards = sorted
    self.components = components
    self.background = background
    energy = axis
  }

  /// Number of causes that move x of several standards.
  var sharedCauses: Int { standards.reduce(0) { max($0, $1.sharedXErrors.count) } }

  /// Ends of the ranges of integers that detectors count in.
  private static let fullScales: Set<Double> = [255, 1023, 4095, 16383, 32767, 65535]

  /// - Throws: `data` where several bins end at one highest number: a calibration without these bins would leave a hole in every
  ///   map.
  private static func checkSaturation(_ spectrum: Spectrum, name: String) throws(VoxelithError) {
    let counts = spectrum.counts
    guard let level = counts.max(), level > 0 else { return }
    let bins = counts.indices.filter { counts[$0] == level }
    let isByChance = level == level.rounded() && level < 1000
    guard let first = bins.first, let last = bins.last, 2 * bins.count < counts.count,
      (bins.count >= 3 && !isByChance) || (bins.count >= 2 && fullScales.contains(level))
    else { return }
    let centers = spectrum.energy.centers
    throw VoxelithError(
      .data,
      "\(bins.count) bins from \(rounded(centers[first])) to \(rounded(centers[last])) keV stop at "
        + "\(rounded(level)): '\(name)' is saturated",
      advice: "measure it at a lower rate or in shorter frames that are added up")
  }
}
