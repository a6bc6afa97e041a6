public import Volumetry

/// Normalised cross-correlation of two volumes with missing voxels at every shift, by Fourier transforms
/// (Padfield, IEEE Trans. Image Process. 21 (2012) 2706): the mean and variance of each side are those
/// over the voxels that overlap at the shift, so that neither borders nor gaps pull at the peak.
public final class MaskedCorrelation {
  /// One shift, in voxels, by which the moving lattice is ahead of the fixed one: `f(x) ~ g(x + shift)`.
  public struct Peak: Sendable, Equatable {
    public let shift: SIMD3<Int>
    /// Correlation coefficient over the overlap.
    public let correlation: Double
    /// Voxels of the overlap.
    public let overlap: Int
    /// Fisher's z of the correlation times the root of the overlap: what peaks are ranked by.
    public let score: Double
  }

  private let fixedShape: Shape
  private let movingShape: Shape
  private let fft: RealFFT
  private let values: [Float]
  private let squares: [Float]
  private let mask: [Float]
  private let present: Int
  private let mean: Float
  private let scale: Float

  /// - Parameters:
  ///   - fixed: values in z, y, x order, NaN where missing.
  ///   - movingShape: sides of the volumes that will be compared.
  /// - Throws: `data` where all values are missing or equal.
  public init(fixed: [Float], shape: Shape, movingShape: Shape) throws(VoxelithError) {
    precondition(fixed.count == shape.count)
    var moments = Moments()
    for value in fixed { moments.add(Double(value)) }
    guard moments.count > 1, moments.variance > 0 else {
      throw VoxelithError(.data, "a constant volume cannot be aligned")
    }
    fft = try RealFFT(shape: Self.padded(shape, movingShape))
    fixedShape = shape
    self.movingShape = movingShape
    mean = Float(moments.mean)
    scale = Float(1 / moments.standardDeviation)
    present = moments.count
    (values, squares, mask) = Self.spectra(fixed, shape, fft, mean, scale)
  }

  /// Sides that keep the shifts of two lattices apart.
  static func padded(_ a: Shape, _ b: Shape) -> Shape {
    Shape(
      z: fastFourierSide(a.z + b.z - 1), y: fastFourierSide(a.y + b.y - 1),
      x: fastFourierSide(a.x + b.x - 1))
  }

  static func spectra(
    _ voxels: [Float], _ shape: Shape, _ fft: RealFFT, _ mean: Float, _ scale: Float
  ) -> ([Float], [Float], [Float]) {
    let padded = fft.shape
    var values = [Float](repeating: 0, count: padded.count)
    var squares = values
    var mask = values
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let value = voxels[shape.index(z: z, y: y, x: x)]
          if value.isNaN { continue }
          let at = padded.index(z: z, y: y, x: x)
          let scaled = (value - mean) * scale
          values[at] = scaled
          squares[at] = scaled * scaled
          mask[at] = 1
        }
      }
    }
    return (fft.forward(values), fft.forward(squares), fft.forward(mask))
  }

  /// Correlation and overlap at every shift: the volume of shifts starts at minus the fixed sides plus 1.
  /// NaN where the overlap is below `least` voxels.
  public func correlate(_ moving: [Float], least: Int) -> (
    correlation: [Float], overlap: [Float], shape: Shape
  ) {
    precondition(moving.count == movingShape.count)
    var moments = Moments()
    for value in moving { moments.add(Double(value)) }
    let spread = moments.count > 1 && moments.variance > 0 ? Float(1 / moments.standardDeviation) : 1
    let (g, gg, gm) = Self.spectra(moving, movingShape, fft, Float(moments.mean), spread)
    let overlap = fft.inverse(conjugateProduct(mask, gm))
    let sumF = fft.inverse(conjugateProduct(values, gm))
    let sumG = fft.inverse(conjugateProduct(mask, g))
    let sumFG = fft.inverse(conjugateProduct(values, g))
    let sumFF = fft.inverse(conjugateProduct(squares, gm))
    let sumGG = fft.inverse(conjugateProduct(mask, gg))
    let shifts = Shape(
      z: fixedShape.z + movingShape.z - 1, y: fixedShape.y + movingShape.y - 1,
      x: fixedShape.x + movingShape.x - 1)
    let padded = fft.shape
    var result = [Float](repeating: .nan, count: shifts.count)
    var counts = [Float](repeating: 0, count: shifts.count)
    for z in 0..<shifts.z {
      let pz = (z - fixedShape.z + 1 + padded.z) % padded.z
      for y in 0..<shifts.y {
        let py = (y - fixedShape.y + 1 + padded.y) % padded.y
        for x in 0..<shifts.x {
          let px = (x - fixedShape.x + 1 + padded.x) % padded.x
          let at = padded.index(z: pz, y: py, x: px)
          let n = overlap[at].rounded()
          guard n >= Float(max(least, 3)) else { continue }
          let vf = sumFF[at] - sumF[at] * sumF[at] / n
          let vg = sumGG[at] - sumG[at] * sumG[at] / n
          // A side that is constant over the overlap has a variance of rounding errors only.
          guard vf > 1e-3 * n, vg > 1e-3 * n else { continue }
          let r = (sumFG[at] - sumF[at] * sumG[at] / n) / (vf * vg).squareRoot()
          let out = shifts.index(z: z, y: y, x: x)
          result[out] = min(1, max(-1, r))
          counts[out] = n
        }
      }
    }
    return (result, counts, shifts)
  }

  /// Scores of all shifts.
  ///
  /// - Parameters:
  ///   - minimumOverlap: part of the smaller side's voxels that must overlap.
  ///   - allowsInversion: whether a strong negative correlation counts as well.
  func scores(of moving: [Float], minimumOverlap: Double, allowsInversion: Bool) -> ShiftScores {
    let there = moving.reduce(0) { $0 + ($1.isNaN ? 0 : 1) }
    let least = max(8, Int(minimumOverlap * Double(min(there, present))))
    let (correlation, overlap, shape) = correlate(moving, least: least)
    return ShiftScores(
      shape: shape,
      lower: SIMD3(1 - fixedShape.x, 1 - fixedShape.y, 1 - fixedShape.z), correlations: correlation,
      overlaps: overlap, allowsInversion: allowsInversion)
  }

  /// The best shift; nil where no overlap is large enough.
  public func bestShift(of moving: [Float], minimumOverlap: Double, allowsInversion: Bool) -> Peak? {
    scores(of: moving, minimumOverlap: minimumOverlap, allowsInversion: allowsInversion).best
  }
}

/// Interleaved complex product conj(a) b.
func conjugateProduct(_ a: [Float], _ b: [Float]) -> [Float] {
  var result = [Float](repeating: 0, count: a.count)
  multiplyConjugate(a.span, b.span, into: &result)
  return result
}

private func multiplyConjugate(_ a: Span<Float>, _ b: Span<Float>, into result: inout [Float]) {
  var i = 0
  while i + 1 < a.count {
    result[i] = a[i] * b[i] + a[i + 1] * b[i + 1]
    result[i + 1] = a[i] * b[i + 1] - a[i + 1] * b[i]
    i += 2
  }
}
