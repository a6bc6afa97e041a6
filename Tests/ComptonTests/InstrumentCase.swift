import Compton
import TestSupport
import Volumetry

/// Standards by one instrument and a map by another.
struct InstrumentCase {
  var standards = InstrumentTwin()
  var sample = InstrumentTwin()
  var axis = EnergyAxis(first: 80.1, width: 0.2, count: 140)
  /// Counts of a voxel and of a standard, both at x = 0.5.
  var counts = 1e6
  var standardCounts = 1e8
  var values = [0.0, 0.25, 0.5, 0.75, 1]
  var shape = Shape(z: 8, y: 6, x: 6)
  var range = 0.1...0.9
  var seed: UInt64 = 1
  /// The instrument of a pixel, where pixels differ.
  var pixel: ((_ y: Int, _ x: Int) -> InstrumentTwin)?
  /// What happens to the counts of a voxel of a pixel row after they were measured.
  var damage: ((_ y: Int, _ counts: inout ArraySlice<Float>) -> Void)?

  var mean: Double { 0.5 * (range.lowerBound + range.upperBound) }

  func calibration(options: CalibrationOptions = CalibrationOptions()) throws -> Calibration {
    var random = SeededGenerator(seed: seed)
    let unit = standardCounts / standards.expected(0.5, on: axis).reduce(0, +)
    let measured = try values.map { x in
      Standard(
        name: "\(x)", x: x,
        spectrum: try Spectrum(
          energy: axis,
          counts: standards.expected(x, on: axis).map { Double(random.poisson(unit * $0)) }, liveTime: 60_000)
      )
    }
    return try Calibration(
      try StandardSet(
        geometry: try ScatteringGeometry(incidentEnergy: 115.6, angle: 90),
        response: try DetectorResponse(resolution: standards.fwhm),
        formula: try ChemicalFormula("LixNi0.8Mn0.1Co0.1O2"), standards: measured), options: options)
  }

  /// x runs along z in equal steps.
  func source() throws -> SpectralVolume {
    var random = SeededGenerator(seed: seed &+ 1_000_003)
    var spectra: [[[Double]]] = []
    for y in 0..<(pixel == nil ? 1 : shape.y) {
      for x in 0..<(pixel == nil ? 1 : shape.x) {
        let twin = pixel?(y, x) ?? sample
        let unit = counts / twin.expected(0.5, on: axis).reduce(0, +)
        let ends = [0.0, 1].map { twin.expected($0, on: axis).map { $0 * unit } }
        spectra.append(ends)
      }
    }
    var all: [Float] = []
    for z in 0..<shape.z {
      let x =
        shape.z > 1
        ? range.lowerBound + (range.upperBound - range.lowerBound) * Double(z) / Double(shape.z - 1) : mean
      for y in 0..<shape.y {
        for column in 0..<shape.x {
          let ends = spectra[pixel == nil ? 0 : y * shape.x + column]
          for bin in 0..<axis.count {
            all.append(Float(random.poisson((1 - x) * ends[0][bin] + x * ends[1][bin])))
          }
          damage?(y, &all[(all.count - axis.count)...])
        }
      }
    }
    return try SpectralVolume(
      grid: Grid(unscaled: shape), energy: axis,
      acquisition: Acquisition(
        incidentEnergy: 115.6, liveTime: 60_000 * counts / standardCounts), counts: all)
  }

  /// What a map says: its mean before and after corrections, the error, the verdict, and x by voxel.
  struct Outcome {
    var mean: Double
    var plain: Double
    var error: MeanError
    var misfit: Misfit
    var x: [Float]
    var sigma: [Float]
  }

  func outcome(calibration: Calibration? = nil, options: MapOptions = MapOptions()) throws -> Outcome {
    let calibration = try calibration ?? self.calibration()
    let source = try source()
    let map = try LithiumMap(source: source, calibration: calibration, options: options)
    var sums = map.emptySums
    var x = [Float](repeating: .nan, count: shape.count)
    var (sigma, intensity) = (x, x)
    var mask = [UInt8](repeating: 0, count: shape.count)
    let summary = try map.run(resources: Resources(), sums: &sums) { (block, result) throws(VoxelithError) in
      var own = 0
      for z in block.core.z {
        for y in block.core.y {
          for column in block.core.x {
            let voxel = shape.index(z: z, y: y, x: column)
            (x[voxel], sigma[voxel], intensity[voxel]) = (
              result.x[own], result.sigma[own], result.intensity[own]
            )
            mask[voxel] = result.mask[own]
            own += 1
          }
        }
      }
    }
    guard let judged = try map.judge(sums, meanIntensity: summary.intensity.mean),
      let error = MeanError(
        summary, calibration: calibration, method: options.method, misfit: judged.misfit)
    else { throw VoxelithError(.data, "nothing was mapped") }
    if let correction = judged.correction {
      x =
        correction.corrected(x: x, sigma: sigma, intensity: intensity, mask: mask, in: Region(whole: shape)).x
    }
    let mean = x.reduce(0.0) { $0 + Double($1) } / Double(x.count)
    return Outcome(
      mean: mean, plain: summary.x.mean, error: error, misfit: judged.misfit, x: x, sigma: sigma)
  }
}
