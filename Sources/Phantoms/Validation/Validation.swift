import Compton
public import Volumetry

/// Runs a twin many times and compares what the map says with what is true.
///
/// Every repeat measures the standards anew and maps voxels of its own with them, so that the errors of standards
/// are among what is tested. All methods see the same spectra.
public struct Validation: Sendable {
  public let settings: ValidationSettings
  private let materials: ElectrodeMaterials

  /// - Throws: `usage` where the settings make no sense, `data` for a formula that cannot be read.
  public init(_ settings: ValidationSettings) throws(VoxelithError) {
    try settings.validate()
    self.settings = settings
    let standard = try ElectrodeMaterials.standard(
      formula: settings.bench.formula, density: settings.bench.density)
    materials = ElectrodeMaterials(
      active: standard.active, components: settings.phases ?? standard.components)
    guard !settings.kinds.contains(.mixture) || !materials.components.isEmpty else {
      throw VoxelithError(.usage, "a mixture needs other phases")
    }
  }

  /// Runs every case with every method: kinds, then x, then counts, then methods.
  ///
  /// - Throws: errors of the calibration and the map; `cancelled` where the user stops.
  public func run(resources: Resources) throws(VoxelithError) -> [ValidationResult] {
    var results: [ValidationResult] = []
    let total = settings.kinds.count * settings.x.count * settings.counts.count
    var done = 0
    resources.progress.report("validate", done: done, of: total, unit: "cases")
    for kind in settings.kinds {
      for x in settings.x {
        for counts in settings.counts {
          results += try run(kind, x: x, counts: counts, number: done, resources: resources)
          done += 1
          resources.progress.report("validate", done: done, of: total, unit: "cases")
        }
      }
    }
    return results
  }

  private func run(
    _ kind: ValidationSettings.Kind, x: Double, counts: Double, number: Int, resources: Resources
  ) throws(VoxelithError) -> [ValidationResult] {
    let one = try ValidationCase(
      settings, materials: materials, kind: kind, x: x, counts: counts, number: number,
      threads: resources.threads)
    let tallies = try Parallel.map(settings.repeats, threads: resources.threads) {
      (index) throws(VoxelithError) in
      try resources.cancellation.check()
      return try one.tallies(repeat: index)
    }
    return one.methods.enumerated().map { index, method in
      var tally = ValidationTally()
      for repeated in tallies { tally.merge(repeated[index]) }
      return ValidationResult(tally, kind: kind, method: method, counts: counts, x: x)
    }
  }
}

/// One case: everything that its repeats share.
struct ValidationCase: Sendable {
  let settings: ValidationSettings
  let kind: ValidationSettings.Kind
  let x: Double
  let methods: [ValidationMethod]
  private let number: Int
  private let bench: TwinBench
  private let rates: [TwinRates]
  private let central: TwinRates
  private let models: [ErrorBoundModel]
  private var calibrationOptions: CalibrationOptions

  init(
    _ settings: ValidationSettings, materials: ElectrodeMaterials, kind: ValidationSettings.Kind, x: Double,
    counts: Double, number: Int, threads: Int
  ) throws(VoxelithError) {
    self.settings = settings
    self.kind = kind
    self.x = x
    self.number = number
    calibrationOptions = settings.calibration
    methods = settings.methods.filter { $0.applies(to: kind) }
    var own = settings.bench
    own.counts = counts
    own.isMixture = kind == .mixture
    own.standardLiveTime = own.voxelLiveTime * (settings.standardCounts.map { $0 / counts } ?? 400)
    bench = try TwinBench(own, materials: materials)
    let columns = own.angleSpread == 0 ? 1 : settings.columns
    rates = try bench.rates(columns: columns, energies: nil, threads: threads)
    central = own.angleSpread == 0 ? rates[0] : try bench.rates(angle: own.scatteringAngle)
    let bench = bench
    let shared = try Self.window(settings, bench: bench, columns: columns)
    // The bound is that of all bins; the calibration chooses its window itself where pixels are alike.
    if columns > 1 || settings.calibration.fitWindow != nil { calibrationOptions.fitWindow = shared }
    models = try rates.enumerated().map { (column, rates) throws(VoxelithError) in
      let geometry = try ScatteringGeometry(
        incidentEnergy: own.incidentEnergy, angle: bench.angle(column: column, of: columns))
      return ErrorBoundModel(
        rates: rates, liveTime: own.voxelLiveTime, standardTime: own.standardLiveTime,
        standards: own.standards,
        bins: bench.energy.centers.indices.filter { bin in
          let energy = bench.energy.centers[bin]
          return energy > 0 && energy < own.incidentEnergy
            && shared.contains(geometry.momentum(at: energy))
        }, fractionSigma: kind == .mixture ? settings.fractionSigma : 0)
    }
  }

  /// The part of the fit's window that the energy axis covers at the angle of every column.
  private static func window(
    _ settings: ValidationSettings, bench: TwinBench, columns: Int
  ) throws(VoxelithError) -> ClosedRange<Double> {
    let wanted =
      settings.calibration.fitWindow ?? -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
    guard columns > 1 else { return wanted }
    var low = wanted.lowerBound
    var high = wanted.upperBound
    for column in [0, columns - 1] {
      let geometry = try ScatteringGeometry(
        incidentEnergy: bench.settings.incidentEnergy, angle: bench.angle(column: column, of: columns))
      let energies = bench.energy.centers.filter { $0 > 0 && $0 < bench.settings.incidentEnergy }
      low = max(low, energies.first.map { geometry.momentum(at: $0) } ?? low)
      high = min(high, energies.last.map { geometry.momentum(at: $0) } ?? high)
    }
    guard low < high else {
      throw VoxelithError(.usage, "the energy axis does not cover the Compton peak at every angle")
    }
    return low...high
  }

  /// Voxels of a repeat: rows of detector columns where angles differ, else one row.
  private func shape(of index: Int) -> Shape {
    let share =
      settings.voxels / settings.repeats + (index < settings.voxels % settings.repeats ? 1 : 0)
    guard rates.count > 1 else { return Shape(z: 1, y: 1, x: share) }
    return Shape(z: 1, y: max(1, (share + rates.count / 2) / rates.count), x: rates.count)
  }

  /// Measures standards and voxels and maps these with every method.
  func tallies(repeat index: Int) throws(VoxelithError) -> [ValidationTally] {
    var seeds = SeededGenerator(seed: settings.seed, stream: UInt64(number) << 32 + UInt64(index))
    let seed = seeds.next()
    let calibration = try Calibration(
      bench.standards(
        rate: central, hasComponents: kind == .mixture, seed: seed, xSigma: settings.standardSigma
      ).set, options: calibrationOptions)
    let shape = shape(of: index)
    let voxels = try ValidationVoxels(
      settings, kind: kind, bench: bench, rates: rates, models: models, x: x, shape: shape, seed: seed)
    return try methods.map { method throws(VoxelithError) in
      try tally(method, voxels: voxels, calibration: calibration, shape: shape)
    }
  }

  private func tally(
    _ method: ValidationMethod, voxels: ValidationVoxels, calibration: Calibration, shape: Shape
  ) throws(VoxelithError) -> ValidationTally {
    var options = MapOptions(method: method.map)
    let known = kind == .mixture && method.usesFractions
    if known { options.fractionSigma = settings.fractionSigma }
    if method == .profileFree { options.components = .free }
    let bounds = method == .profileFree ? voxels.freeBounds : voxels.bounds
    let map = try LithiumMap(
      source: voxels.spectra, calibration: calibration, options: options,
      fractions: known ? voxels.fractions : [])
    let result = try map.map(Region(whole: shape))
    var tally = ValidationTally()
    for voxel in 0..<shape.count {
      let place = shape.x > 1 ? Double(voxel % shape.x) / Double(shape.x - 1) - 0.5 : 0
      tally.add(
        x: Double(result.x[voxel]), sigma: Double(result.sigma[voxel]), truth: x, bound: bounds[voxel],
        place: rates.count > 1 ? place : 0)
    }
    for row in result.rows { tally.sharedSigmas.merge(row.sharedSigma) }
    return tally
  }
}
