import Foundation
import Volumetry

/// Fields that are as alike over distances as given ones and know nothing of any other: the given field and its mirror
/// images, of which white noise changes size and phase at every frequency.
///
/// The mirror images make the field periodic without a jump at its borders, so that its likeness is kept along every
/// axis, however long; windows that fade far lags out lose the long ones. Several columns (cosine and sine of a
/// direction) are changed by the same noise and keep what they know of each other (Prichard and Theiler, Phys. Rev.
/// Lett. 73 (1994) 951).
struct SpatialSurrogates: Sendable {
  private let noise: SurrogateNoise
  /// Spectrum of every column, complex values after each other.
  private let spectra: [[Float]]
  /// Places of the pair's voxels in the mirrored field.
  private let places: [Int]

  /// - Parameters:
  ///   - columns: in the order of the pair's voxels.
  ///   - noise: of the pair's shape.
  init(of columns: [[Double]], on pair: FieldPair, noise: SurrogateNoise) throws(VoxelithError) {
    self.noise = noise
    let shape = pair.shape
    let mirrored = noise.shape
    places = pair.voxels.map { voxel in
      let at = shape.indices(of: voxel)
      return mirrored.index(z: at.z, y: at.y, x: at.x)
    }
    let scale = 1 / Float(mirrored.count).squareRoot()
    func place(_ i: Int, _ n: Int) -> Int { i < n ? i : 2 * n - 1 - i }
    spectra = try noise.withTransform { fft in
      columns.map { column in
        let middle = mean(column)
        let field = Self.filled(pair.onGrid(column.map { $0 - middle }), shape)
        var periodic = [Float](repeating: 0, count: mirrored.count)
        var i = 0
        for z in 0..<mirrored.z {
          for y in 0..<mirrored.y {
            let row = shape.index(z: place(z, shape.z), y: place(y, shape.y), x: 0)
            for x in 0..<mirrored.x {
              periodic[i] = Float(field[row + place(x, shape.x)])
              i += 1
            }
          }
        }
        return fft.forward(periodic).map { $0 * scale }
      }
    }
  }

  /// One set of such columns in the order of the pair's voxels.
  func columns(_ number: Int) throws(VoxelithError) -> [[Float]] {
    try columns(noise: try noise.spectrum(number))
  }

  /// The same from the spectrum of the noise, which several fields may share.
  func columns(noise white: [Float]) throws(VoxelithError) -> [[Float]] {
    try noise.withTransform { fft in
      spectra.map { spectrum in
        let all = fft.inverse(products(spectrum, white))
        return places.map { all[$0] }
      }
    }
  }

  /// Gaps take the mean of their neighbours with values, layer by layer inwards.
  private static func filled(_ values: [Double], _ shape: Shape) -> [Double] {
    var field = values
    var missing = field.indices.filter { field[$0].isNaN }
    while !missing.isEmpty {
      var news: [(Int, Double)] = []
      for i in missing {
        let at = shape.indices(of: i)
        var sum = 0.0
        var count = 0.0
        for axis in Axis.allCases {
          let step = axis == .x ? 1 : axis == .y ? shape.x : shape.x * shape.y
          if at[axis] > 0, !field[i - step].isNaN {
            sum += field[i - step]
            count += 1
          }
          if at[axis] + 1 < shape[axis], !field[i + step].isNaN {
            sum += field[i + step]
            count += 1
          }
        }
        if count > 0 { news.append((i, sum / count)) }
      }
      for (i, value) in news { field[i] = value }
      missing = missing.filter { field[$0].isNaN }
    }
    return field
  }
}

/// Products of complex values, real and imaginary parts after each other.
private func products(_ a: [Float], _ b: [Float]) -> [Float] {
  var result = a
  let left = a.span
  let right = b.span
  var target = result.mutableSpan
  for k in stride(from: 0, to: left.count - 1, by: 2) {
    target[k] = left[k] * right[k] - left[k + 1] * right[k + 1]
    target[k + 1] = left[k] * right[k + 1] + left[k + 1] * right[k]
  }
  return result
}
