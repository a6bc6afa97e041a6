public import Volumetry

/// Projections of a sample's spectra, each reduced to two amplitudes; the source's z are the angles.
public struct AmplitudeRows: Sendable {
  /// In the order row, angle, column: the amplitude (with ``mixing`` of the second number), and amplitude times `x - middle`. NaN
  /// where counts are no numbers or negative, and at dead pixels.
  public var first: [Float]
  public var second: [Float]
  /// For each pixel (row, column): covariance of both numbers as [00, 01, 11] for each unit of the first, by the background, and the
  /// first number of one count.
  public var noise: [(perFirst: SIMD3<Double>, constant: SIMD3<Double>, oneCount: Double)]
  /// x at which both numbers' errors have nothing in common.
  public var middle: Double
  /// The first number is amplitude times `1 + mixing (x - middle)`.
  public var mixing: Double
  /// Counts in the window of the fit at an amplitude of 1.
  public var countsPerUnit: Double
  /// Rays whose counts are no numbers or negative.
  public var bad = 0

  /// x of a voxel and its derivative, from second over first number.
  public func lithium(ratio u: Double) -> (x: Double, slope: Double) {
    let share = 1 - mixing * u
    return (middle + u / share, 1 / (share * share))
  }
}

extension LithiumMap {
  /// Reduces the spectra of every ray, row by row.
  ///
  /// - Parameter exits: for a row, mean paths in cm on the way out of the photons of every ray (angle, column, phase): the
  ///   spectra are then taken to have the shape that absorption gives them, with their mean transmission left out.
  /// - Throws: `data` where the method is not the profile fit or the spectra cannot be told apart; errors of the source.
  public func amplitudeRows(
    exits: (@Sendable (_ row: Int) throws(VoxelithError) -> [Float])? = nil, resources: Resources
  ) throws(VoxelithError) -> AmplitudeRows {
    guard options.method == .profile, options.components == .known, fractions == nil else {
      throw VoxelithError(.usage, "projections are reduced with the profile fit of one material alone")
    }
    let shape = source.grid.shape
    let middle = 0.5 * (calibration.range[0] + calibration.range[1])
    guard let typical = AmplitudeReduction(try analyzers.typical().pixel, middle: middle) else {
      throw VoxelithError(
        .data, "the standards' spectra do not change shape with x beyond their counting noise",
        advice: "measure the standards longer, or choose standards that lie further apart in x")
    }
    let mixing = typical.mixing
    let rows = try Parallel.map(shape.y, threads: resources.threads) { (y) throws(VoxelithError) in
      try resources.cancellation.check()
      return try row(y, middle: middle, mixing: mixing, exits: try exits?(y) ?? [])
    }
    return AmplitudeRows(
      first: rows.flatMap(\.first), second: rows.flatMap(\.second), noise: rows.flatMap(\.noise),
      middle: middle, mixing: mixing, countsPerUnit: typical.countsPerUnit,
      bad: rows.reduce(0) { $0 + $1.bad })
  }

  private func row(
    _ y: Int, middle: Double, mixing: Double, exits: [Float]
  ) throws(VoxelithError) -> AmplitudeRows {
    let shape = source.grid.shape
    let bins = source.energy.count
    let missing = [Float](repeating: .nan, count: shape.z * shape.x)
    var result = AmplitudeRows(
      first: missing, second: missing, noise: [], middle: middle, mixing: mixing, countsPerUnit: 0)
    var pixels: [RayPixel?] = []
    for x in 0..<shape.x {
      guard let analyzer = try analyzers.analyzer(y: y, x: x),
        let reduction = AmplitudeReduction(analyzer.pixel, middle: middle, mixing: mixing)
      else {
        pixels.append(nil)
        result.noise.append((SIMD3(1, 0, 1), .zero, 1))
        continue
      }
      pixels.append(RayPixel(reduction: reduction, bins: analyzer.fitBins, analyzer: analyzer))
      result.noise.append((reduction.perFirst, reduction.constant, reduction.oneCount))
    }
    var counts: [Float] = []
    // So many angles at once that a piece stays below some megabytes.
    let piece = max(1, (1 << 21) / max(1, shape.x * bins))
    for start in stride(from: 0, to: shape.z, by: piece) {
      let end = min(start + piece, shape.z)
      try source.readCounts(
        Region(
          lower: Shape(z: start, y: y, x: 0), shape: Shape(z: end - start, y: 1, x: shape.x)),
        into: &counts)
      Self.reduce(
        counts.span, angles: start..<end, columns: shape.x, bins: bins, pixels, exits: exits,
        into: &result)
    }
    return result
  }

  /// What reduces the spectra of a pixel.
  private struct RayPixel {
    let reduction: AmplitudeReduction
    let bins: Range<Int>
    let analyzer: VoxelAnalyzer

    /// The reduction of a ray whose photons cross absorbing phases: (in, out) paths in cm.
    func absorbed(_ paths: [Float], middle: Double, mixing: Double) -> AmplitudeReduction {
      guard let attenuation = analyzer.attenuation else { return reduction }
      var shape: [SIMD8<Float>] = []
      attenuation.transmission(paths.span, into: &shape)
      let mean = Float(analyzer.pixel.meanTransmission(shape))
      guard mean > 0 else { return reduction }
      for group in shape.indices { shape[group] /= mean }
      return AmplitudeReduction(analyzer.pixel, middle: middle, mixing: mixing, transmission: shape)
        ?? reduction
    }
  }

  private static func reduce(
    _ counts: Span<Float>, angles: Range<Int>, columns: Int, bins: Int,
    _ pixels: [RayPixel?], exits: [Float], into result: inout AmplitudeRows
  ) {
    let phases = exits.isEmpty ? 0 : exits.count / result.first.count
    var paths = [Float](repeating: 0, count: 2 * phases)
    for angle in angles {
      for x in 0..<columns {
        guard let pixel = pixels[x] else { continue }
        let start = ((angle - angles.lowerBound) * columns + x) * bins + pixel.bins.lowerBound
        var least = Float.infinity
        var isNumber = true
        for bin in 0..<pixel.bins.count {
          let count = counts[start + bin]
          if !count.isFinite { isNumber = false }
          least = min(least, count)
        }
        guard isNumber, least >= 0 else {
          result.bad += 1
          continue
        }
        var reduction = pixel.reduction
        if !exits.isEmpty {
          for phase in 0..<phases { paths[phases + phase] = exits[(angle * columns + x) * phases + phase] }
          reduction = pixel.absorbed(paths, middle: result.middle, mixing: result.mixing)
        }
        let numbers = reduction.numbers(counts, at: start, bins: pixel.bins.count)
        result.first[angle * columns + x] = Float(numbers.x)
        result.second[angle * columns + x] = Float(numbers.y)
      }
    }
  }
}
