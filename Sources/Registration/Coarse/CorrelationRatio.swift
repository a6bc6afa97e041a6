import Volumetry

/// The correlation ratio of two volumes at every shift, by Fourier transforms: the part of the moving values'
/// variance that the class of the fixed voxel explains (Roche, Malandain, Pennec and Ayache, MICCAI 1998).
///
/// The fixed values are cut into classes of equal numbers; the order of the classes does not matter, so that any
/// relation of the grey values is found, be it falling or with a turn.
final class CorrelationRatio {
  /// Over the overlap at every shift: voxels, sum of the moving values, that of every class squared over its number, and
  /// sum of squares.
  fileprivate struct Sums {
    var count: [Float]
    var total: [Float]
    var between: [Float]
    var squares: [Float]

    init(count: Int) {
      self.count = [Float](repeating: 0, count: count)
      (total, between, squares) = (self.count, self.count, self.count)
    }
  }

  private let fixedShape: Shape
  private let movingShape: Shape
  private let fft: RealFFT
  private let masks: [[Float]]
  private let present: Int

  /// Nil where the values do not fall into at least two classes.
  init?(fixed: [Float], shape: Shape, movingShape: Shape, classes: Int = 5) throws(VoxelithError) {
    let sorted = fixed.filter { !$0.isNaN }.sorted()
    var edges: [Float] = []
    for k in 1..<classes where !sorted.isEmpty {
      let edge = sorted[k * sorted.count / classes]
      if edge > (edges.last ?? sorted[0]) { edges.append(edge) }
    }
    guard !edges.isEmpty else { return nil }
    fft = try RealFFT(shape: MaskedCorrelation.padded(shape, movingShape))
    fixedShape = shape
    self.movingShape = movingShape
    present = sorted.count
    var masks: [[Float]] = []
    for k in 0...edges.count {
      var mask = [Float](repeating: 0, count: fft.shape.count)
      for z in 0..<shape.z {
        for y in 0..<shape.y {
          for x in 0..<shape.x {
            let value = fixed[shape.index(z: z, y: y, x: x)]
            if value.isNaN || (k > 0 && value < edges[k - 1]) || (k < edges.count && value >= edges[k]) {
              continue
            }
            mask[fft.shape.index(z: z, y: y, x: x)] = 1
          }
        }
      }
      masks.append(fft.forward(mask))
    }
    self.masks = masks
  }

  /// The best shift; nil where no overlap is large enough.
  func bestShift(of moving: [Float], minimumOverlap: Double) -> MaskedCorrelation.Peak? {
    scores(of: moving, minimumOverlap: minimumOverlap)?.best
  }

  /// Scores of all shifts, by the root of the ratio; nil where the moving side is constant.
  func scores(of moving: [Float], minimumOverlap: Double) -> ShiftScores? {
    var moments = Moments()
    for value in moving { moments.add(Double(value)) }
    guard moments.count > 1, moments.variance > 0 else { return nil }
    let least = Float(max(8, Int(minimumOverlap * Double(min(moments.count, present)))))
    let (g, gg) = MaskedCorrelation.spectra(
      moving, movingShape, fft, Float(moments.mean), Float(1 / moments.standardDeviation))
    let gm = MaskedCorrelation.mask(moving, movingShape, fft)
    var sums = Sums(count: fft.shape.count)
    for mask in masks {
      add(
        fft.inverse(conjugateProduct(mask, gm)).span, fft.inverse(conjugateProduct(mask, g)).span,
        fft.inverse(conjugateProduct(mask, gg)).span, &sums)
    }
    let padded = fft.shape
    let shape = Shape(
      z: fixedShape.z + movingShape.z - 1, y: fixedShape.y + movingShape.y - 1,
      x: fixedShape.x + movingShape.x - 1)
    var ratios = [Float](repeating: .nan, count: shape.count)
    var overlaps = [Float](repeating: 0, count: shape.count)
    var out = 0
    for z in (1 - fixedShape.z)..<movingShape.z {
      for y in (1 - fixedShape.y)..<movingShape.y {
        for x in (1 - fixedShape.x)..<movingShape.x {
          defer { out += 1 }
          let at = padded.index(
            z: (z + padded.z) % padded.z, y: (y + padded.y) % padded.y, x: (x + padded.x) % padded.x)
          let n = sums.count[at].rounded()
          guard n >= least else { continue }
          let mean = sums.total[at] * sums.total[at] / n
          let variance = sums.squares[at] - mean
          guard variance > 1e-3 * n else { continue }
          // What classes explain by chance is taken off.
          let chance = Float(masks.count - 1) / n
          let ratio = min(0.9999, max(0, ((sums.between[at] - mean) / variance - chance) / (1 - chance)))
          ratios[out] = ratio.squareRoot()
          overlaps[out] = n
        }
      }
    }
    return ShiftScores(
      shape: shape, lower: SIMD3(1 - fixedShape.x, 1 - fixedShape.y, 1 - fixedShape.z), correlations: ratios,
      overlaps: overlaps, allowsInversion: false)
  }
}

/// Adds one class to the sums of all.
private func add(
  _ number: Span<Float>, _ sum: Span<Float>, _ square: Span<Float>, _ sums: inout CorrelationRatio.Sums
) {
  add(number, to: &sums.count)
  add(sum, to: &sums.total)
  add(square, to: &sums.squares)
  var between = sums.between.mutableSpan
  for i in number.indices where number[i] > 0.5 { between[i] += sum[i] * sum[i] / number[i] }
}

private func add(_ values: Span<Float>, to array: inout [Float]) {
  var target = array.mutableSpan
  for i in values.indices { target[i] += values[i] }
}
