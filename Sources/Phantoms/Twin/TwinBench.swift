public import Compton
import Volumetry

/// A standard, component or background spectrum of a twin, with the name of its file.
public struct TwinStandards: Sendable {
  public let set: StandardSet
  /// What the spectra would be without noise, in the order of `set.standards`.
  public let expected: [[Double]]
}

/// The instrument of a twin: axis, geometry, response, and the rates of filled voxels.
struct TwinBench: Sendable {
  let settings: TwinSettings
  let materials: ElectrodeMaterials
  let energy: EnergyAxis
  let response: DetectorResponse
  let scale: Double
  let background: [Double]

  init(_ settings: TwinSettings, materials: ElectrodeMaterials) throws(VoxelithError) {
    self.settings = settings
    self.materials = materials
    if let centers = settings.energyCenters {
      energy = try EnergyAxis(centers: centers)
    } else {
      energy = EnergyAxis(first: settings.firstEnergy, width: settings.binWidth, count: settings.bins)
    }
    if let own = settings.response {
      response = own
    } else {
      response = try DetectorResponse(resolution: settings.energyResolution)
    }
    let bins = energy.count
    let total = settings.backgroundFraction * settings.counts / settings.voxelLiveTime
    background = (0..<bins).map { bin in
      total / Double(bins) * (1.3 - 0.6 * (Double(bin) + 0.5) / Double(bins))
    }
    let model = SpectrumModel(
      energy: energy,
      geometry: try ScatteringGeometry(
        incidentEnergy: settings.incidentEnergy, angle: settings.scatteringAngle), response: response)
    let unit = try TwinRates(
      materials: materials, model: model, scale: 1, background: background)
    let counts = zip(unit.constant, unit.slope).reduce(0) { $0 + $1.0 + 0.5 * $1.1 }
    guard counts > 0 else {
      throw VoxelithError(.usage, "the energy axis of the twin misses the Compton peak")
    }
    scale = settings.counts / settings.voxelLiveTime / counts
  }

  /// Angle of a detector column in degrees.
  func angle(column: Int, of columns: Int) -> Double {
    guard columns > 1 else { return settings.scatteringAngle }
    let place = 2 * Double(column) / Double(columns - 1) - 1
    return settings.scatteringAngle + place * settings.angleSpread
  }

  func acquisition(_ grid: Grid) -> Acquisition {
    let width = grid.shape.x
    let angle: ScatteringAngle =
      settings.angleSpread == 0
      ? .uniform(settings.scatteringAngle)
      : .perPixel(
        height: grid.shape.y, width: width,
        values: (0..<(grid.shape.y * width)).map { self.angle(column: $0 % width, of: width) })
    return Acquisition(
      incidentEnergy: settings.incidentEnergy, scatteringAngle: angle,
      energyResolution: settings.energyResolution, liveTime: settings.voxelLiveTime)
  }

  /// Rates at an angle, on a pixel's own energies if it has some.
  func rates(angle: Double, axis: EnergyAxis? = nil) throws(VoxelithError) -> TwinRates {
    let geometry = try ScatteringGeometry(incidentEnergy: settings.incidentEnergy, angle: angle)
    return try TwinRates(
      materials: materials,
      model: SpectrumModel(energy: axis ?? energy, geometry: geometry, response: response),
      scale: scale, background: background)
  }

  /// Gain and offset of every pixel, alike down a column; nil where pixels are alike.
  func energies(_ grid: Grid) throws(VoxelithError) -> PixelEnergies? {
    guard settings.gainSpread > 0 || settings.offsetSpread > 0 else { return nil }
    var random = SeededGenerator(seed: settings.seed, stream: 0x6A1_0000)
    let columns = (0..<grid.shape.x).map { _ in
      (1 + settings.gainSpread * random.normal(), settings.offsetSpread * random.normal())
    }
    let all = (0..<grid.shape.y).flatMap { _ in columns }
    return try PixelEnergies(
      height: grid.shape.y, width: grid.shape.x, gain: all.map(\.0), offset: all.map(\.1))
  }

  /// One set of rates, or one per column where the angle varies.
  func rates(columns: Int, energies: PixelEnergies?, threads: Int) throws(VoxelithError) -> [TwinRates] {
    guard settings.angleSpread != 0 || energies != nil else {
      return [try rates(angle: settings.scatteringAngle)]
    }
    return try Parallel.map(columns, threads: threads) { (column) throws(VoxelithError) in
      let axis = try energies.map { (pixels) throws(VoxelithError) in
        try EnergyAxis(centers: energy.centers.map { pixels.gain[column] * $0 + pixels.offset[column] })
      }
      return try rates(angle: angle(column: column, of: columns), axis: axis)
    }
  }

  /// Standards, components and background, each with its own Poisson noise.
  func standards(hasComponents: Bool) throws(VoxelithError) -> TwinStandards {
    try standards(
      rate: try rates(angle: settings.scatteringAngle), hasComponents: hasComponents, seed: settings.seed)
  }

  /// The same for rates that are known already.
  ///
  /// - Parameters:
  ///   - xSigma: standard deviation with which the standards' x is known: each spectrum is then of an x that
  ///     differs from the stated one by a normal deviate.
  func standards(
    rate: TwinRates, hasComponents: Bool, seed: UInt64, xSigma: Double = 0
  ) throws(VoxelithError) -> TwinStandards {
    let time = settings.standardLiveTime
    func measured(_ expected: [Double], stream: UInt64) throws(VoxelithError) -> Spectrum {
      var random = SeededGenerator(seed: seed, stream: 0x5EED_0000_0000 + stream)
      return try Spectrum(
        energy: energy, counts: expected.map { Double(random.poisson(max(0, $0))) }, liveTime: time)
    }
    let background = rate.background
    var offsets = SeededGenerator(seed: seed, stream: 0x5EED_0001_0000)
    let truth = settings.standards.map { xSigma > 0 ? $0 + xSigma * offsets.normal() : $0 }
    let expected = truth.map { x in
      background.indices.map { time * (rate.constant[$0] + x * rate.slope[$0] + background[$0]) }
    }
    var standards: [Standard] = []
    for (index, x) in settings.standards.enumerated() {
      standards.append(
        Standard(
          name: "s\(index).csv", x: x, xSigma: xSigma,
          spectrum: try measured(expected[index], stream: UInt64(index))))
    }
    var components: [ComponentStandard] = []
    if hasComponents {
      for (index, phase) in materials.components.enumerated() {
        let counts = background.indices.map { time * (rate.components[index][$0] + background[$0]) }
        components.append(
          ComponentStandard(
            name: phase.name, spectrum: try measured(counts, stream: 100 + UInt64(index))))
      }
    }
    let hasBackground = settings.backgroundFraction > 0
    let set = try StandardSet(
      geometry: try ScatteringGeometry(
        incidentEnergy: settings.incidentEnergy, angle: settings.scatteringAngle), response: response,
      formula: materials.active.formula, standards: standards, components: components,
      background: hasBackground ? try measured(background.map { $0 * time }, stream: 200) : nil)
    return TwinStandards(set: set, expected: expected)
  }
}
