import CRegistrationKernels
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

  private let fixed: [Float]
  private let fixedShape: Shape
  private let movingShape: Shape
  private let present: Int
  private let mean: Float
  private let scale: Float
  /// The fixed volume's spectra by the sides of the transforms: these are as short as the least overlap allows.
  private var frames: [Shape: Frame] = [:]

  /// Spectra of the fixed volume, and what is known of the last moving one.
  private final class Frame {
    let fft: RealFFT
    let values: [Float]
    let squares: [Float]
    let mask: [Float]
    /// What depends on which moving voxels there are alone, of the last volume: volumes that lack the same ones follow each other.
    var known: Known?

    init(fixed: [Float], shape: Shape, padded: Shape, mean: Float, scale: Float) throws(VoxelithError) {
      fft = try RealFFT(shape: padded)
      (values, squares) = MaskedCorrelation.spectra(fixed, shape, fft, mean, scale)
      mask = MaskedCorrelation.mask(fixed, shape, fft)
    }

    func sums(_ moving: [Float], _ shape: Shape) -> Known {
      let isThere = moving.map { !$0.isNaN }
      if let known, known.isThere == isThere { return known }
      let own = MaskedCorrelation.mask(moving, shape, fft)
      let found = Known(
        isThere: isThere, overlap: fft.inverse(conjugateProduct(mask, own)),
        sum: fft.inverse(conjugateProduct(values, own)), squares: fft.inverse(conjugateProduct(squares, own)))
      known = found
      return found
    }
  }

  /// Sums over the fixed voxels that overlap at every shift.
  private struct Known {
    let isThere: [Bool]
    let overlap: [Float]
    let sum: [Float]
    let squares: [Float]
  }

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
    self.fixed = fixed
    fixedShape = shape
    self.movingShape = movingShape
    mean = Float(moments.mean)
    scale = Float(1 / moments.standardDeviation)
    present = moments.count
  }

  private func frame(_ shifts: ShiftRange) throws(VoxelithError) -> Frame {
    let padded = shifts.padded(fixedShape, movingShape)
    if let known = frames[padded] { return known }
    let made = try Frame(fixed: fixed, shape: fixedShape, padded: padded, mean: mean, scale: scale)
    frames[padded] = made
    return made
  }

  /// Sides that keep the shifts of two lattices apart.
  static func padded(_ a: Shape, _ b: Shape) -> Shape {
    Shape(
      z: fastFourierSide(a.z + b.z - 1), y: fastFourierSide(a.y + b.y - 1),
      x: fastFourierSide(a.x + b.x - 1))
  }

  /// Spectra of the scaled values and of their squares, zero where missing.
  static func spectra(
    _ voxels: [Float], _ shape: Shape, _ fft: RealFFT, _ mean: Float, _ scale: Float
  ) -> (values: [Float], squares: [Float]) {
    var squares = placed(voxels, shape, fft.shape) { ($0 - mean) * scale }
    let values = fft.forward(squares)
    for i in squares.indices { squares[i] *= squares[i] }
    return (values, fft.forward(squares))
  }

  /// Spectrum of where there are values.
  static func mask(_ voxels: [Float], _ shape: Shape, _ fft: RealFFT) -> [Float] {
    fft.forward(placed(voxels, shape, fft.shape) { _ in 1 })
  }

  @inline(__always)
  private static func placed(
    _ voxels: [Float], _ shape: Shape, _ padded: Shape, _ number: (Float) -> Float
  ) -> [Float] {
    var result = [Float](repeating: 0, count: padded.count)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let row = shape.index(z: z, y: y, x: 0)
        let target = padded.index(z: z, y: y, x: 0)
        for x in 0..<shape.x where !voxels[row + x].isNaN { result[target + x] = number(voxels[row + x]) }
      }
    }
    return result
  }

  /// Correlation and overlap at every shift: the volume of shifts starts at minus the fixed sides plus 1.
  /// NaN where the overlap is below `least` voxels.
  public func correlate(_ moving: [Float], least: Int) throws(VoxelithError) -> (
    correlation: [Float], overlap: [Float], shape: Shape
  ) {
    precondition(moving.count == movingShape.count)
    var moments = Moments()
    for value in moving { moments.add(Double(value)) }
    let spread = moments.count > 1 && moments.variance > 0 ? Float(1 / moments.standardDeviation) : 1
    let wanted = ShiftRange(fixedShape, movingShape, least: max(least, 3))
    let frame = try frame(wanted)
    let fft = frame.fft
    let (g, gg) = Self.spectra(moving, movingShape, fft, Float(moments.mean), spread)
    let known = frame.sums(moving, movingShape)
    let (overlap, sumF, sumFF) = (known.overlap, known.sum, known.squares)
    let sumG = fft.inverse(conjugateProduct(frame.mask, g))
    let sumFG = fft.inverse(conjugateProduct(frame.values, g))
    let sumGG = fft.inverse(conjugateProduct(frame.mask, gg))
    let shifts = Shape(
      z: fixedShape.z + movingShape.z - 1, y: fixedShape.y + movingShape.y - 1,
      x: fixedShape.x + movingShape.x - 1)
    let padded = fft.shape
    var result = [Float](repeating: .nan, count: shifts.count)
    var counts = [Float](repeating: 0, count: shifts.count)
    // Shifts to negative x stand at the end of a row.
    let rows = [
      (from: padded.x + wanted.x.lowerBound, count: max(0, -wanted.x.lowerBound), first: wanted.x.lowerBound),
      (
        from: max(0, wanted.x.lowerBound), count: wanted.x.upperBound - max(0, wanted.x.lowerBound) + 1,
        first: max(0, wanted.x.lowerBound)
      ),
    ]
    for z in wanted.z {
      for y in wanted.y {
        let source = padded.index(z: (z + padded.z) % padded.z, y: (y + padded.y) % padded.y, x: 0)
        let target = shifts.index(z: z + fixedShape.z - 1, y: y + fixedShape.y - 1, x: fixedShape.x - 1)
        for row in rows where row.count > 0 {
          unsafe vrk_correlate(
            overlap, sumF, sumG, sumFG, sumFF, sumGG, source + row.from, row.count, Float(max(least, 3)),
            &result, &counts, target + row.first)
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
  func scores(
    of moving: [Float], minimumOverlap: Double, allowsInversion: Bool
  ) throws(VoxelithError) -> ShiftScores {
    let there = moving.reduce(0) { $0 + ($1.isNaN ? 0 : 1) }
    let least = max(8, Int(minimumOverlap * Double(min(there, present))))
    let (correlation, overlap, shape) = try correlate(moving, least: least)
    return ShiftScores(
      shape: shape,
      lower: SIMD3(1 - fixedShape.x, 1 - fixedShape.y, 1 - fixedShape.z), correlations: correlation,
      overlaps: overlap, allowsInversion: allowsInversion)
  }

  /// The best shift; nil where no overlap is large enough.
  public func bestShift(
    of moving: [Float], minimumOverlap: Double, allowsInversion: Bool
  ) throws(VoxelithError) -> Peak? {
    try scores(of: moving, minimumOverlap: minimumOverlap, allowsInversion: allowsInversion).best
  }
}

/// Interleaved complex product conj(a) b.
func conjugateProduct(_ a: [Float], _ b: [Float]) -> [Float] {
  precondition(a.count == b.count)
  return unsafe [Float](unsafeUninitializedCapacity: a.count) { target, count in
    if let result = target.baseAddress { unsafe vrk_multiply_conjugate(a, b, a.count / 2, result) }
    count = a.count / 2 * 2
  }
}
