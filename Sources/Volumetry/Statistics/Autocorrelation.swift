/// Autocorrelation of a field on a grid with gaps, and what it does to the number of independent voxels.
public struct Autocorrelation: Sendable {
  /// Lags per axis that are kept: -reach ... reach along each.
  public let reach: Shape
  /// Correlation at each lag, in z, y, x order over the box of lags; zero where no pair exists.
  public let values: [Double]
  /// Pairs of voxels at each lag.
  public let pairs: [Double]

  /// - Parameters:
  ///   - field: values in z, y, x order, NaN where missing.
  ///   - reach: largest lag per axis; nil takes half of each side.
  /// - Throws: `data` where all values are missing or equal.
  public init(_ field: [Double], shape: Shape, reach: Shape? = nil) throws(VoxelithError) {
    precondition(field.count == shape.count)
    let wanted = reach ?? Shape(z: shape.z / 2, y: shape.y / 2, x: shape.x / 2)
    let lags = Shape(
      z: min(wanted.z, shape.z - 1), y: min(wanted.y, shape.y - 1), x: min(wanted.x, shape.x - 1))
    var moments = Moments()
    for value in field { moments.add(value) }
    guard moments.count > 1, moments.variance > 0 else {
      throw VoxelithError(.data, "a field without variation has no autocorrelation")
    }
    let padded = Shape(
      z: fastFourierSide(shape.z + lags.z), y: fastFourierSide(shape.y + lags.y),
      x: fastFourierSide(shape.x + lags.x))
    let fft = try RealFFT(shape: padded)
    var values = [Float](repeating: 0, count: padded.count)
    var mask = values
    let scale = 1 / moments.standardDeviation
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let value = field[shape.index(z: z, y: y, x: x)]
          if value.isNaN { continue }
          let at = padded.index(z: z, y: y, x: x)
          values[at] = Float((value - moments.mean) * scale)
          mask[at] = 1
        }
      }
    }
    let products = fft.inverse(power(fft.forward(values)))
    let counts = fft.inverse(power(fft.forward(mask)))
    let variance = Double(products[0]) / Double(moments.count)
    var correlation: [Double] = []
    var pairs: [Double] = []
    for z in -lags.z...lags.z {
      for y in -lags.y...lags.y {
        for x in -lags.x...lags.x {
          let at = padded.index(
            z: (z + padded.z) % padded.z, y: (y + padded.y) % padded.y, x: (x + padded.x) % padded.x)
          let count = Double(counts[at]).rounded()
          pairs.append(count)
          correlation.append(count >= 1 ? Double(products[at]) / count / variance : 0)
        }
      }
    }
    self.reach = lags
    self.values = correlation
    self.pairs = pairs
  }

  /// Correlation at a lag; zero beyond the reach.
  public subscript(z: Int, y: Int, x: Int) -> Double {
    guard abs(z) <= reach.z, abs(y) <= reach.y, abs(x) <= reach.x else { return 0 }
    return values[
      ((z + reach.z) * (2 * reach.y + 1) + y + reach.y) * (2 * reach.x + 1) + x + reach.x]
  }
}

/// The next length with no prime factor above 7, which Fourier transforms like.
public func fastFourierSide(_ least: Int) -> Int {
  var side = max(1, least)
  while true {
    var rest = side
    for prime in [2, 3, 5, 7] { while rest % prime == 0 { rest /= prime } }
    if rest == 1 { return side }
    side += 1
  }
}

private func power(_ spectrum: [Float]) -> [Float] {
  var result = spectrum
  for i in stride(from: 0, to: spectrum.count, by: 2) {
    result[i] = spectrum[i] * spectrum[i] + spectrum[i + 1] * spectrum[i + 1]
    result[i + 1] = 0
  }
  return result
}
