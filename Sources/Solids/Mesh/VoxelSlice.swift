import Volumetry

/// One slice of voxels with the answer, a bit each, which of them are inside of an isosurface.
struct VoxelSlice {
  /// Rows of voxels; empty beyond the volume.
  let values: [Float]
  /// Rows of ``words`` numbers, one row and one bit of nothing around the slice.
  let bits: [UInt64]

  /// Numbers in a row of bits.
  static func words(_ width: Int) -> Int { (width + 2 + 63) / 64 }

  /// What lies beyond a volume.
  init(outside shape: Shape) {
    values = []
    bits = [UInt64](repeating: 0, count: (shape.y + 2) * Self.words(shape.x))
  }

  /// - Parameters:
  ///   - values: voxels of one or more slices.
  ///   - slice: number of the one that is taken.
  init(_ values: [Float], slice: Int, shape: Shape, level: Float) {
    let count = shape.y * shape.x
    let isWhole = values.count == count
    let own = isWhole ? values : Array(values[(slice * count)..<((slice + 1) * count)])
    let words = Self.words(shape.x)
    var bits = [UInt64](repeating: 0, count: (shape.y + 2) * words)
    pack(own.span, shape: shape, level: level, words: words, into: &bits)
    self.values = own
    self.bits = bits
  }
}

private func pack(
  _ values: Span<Float>, shape: Shape, level: Float, words: Int, into bits: inout [UInt64]
) {
  var target = bits.mutableSpan
  for y in 0..<shape.y {
    let row = values.extracting((y * shape.x)..<((y + 1) * shape.x))
    let start = (y + 1) * words
    var x = 0
    for word in 0..<words {
      let end = min(64 * word + 63, shape.x)
      var number: UInt64 = 0
      var mask: UInt64 = word == 0 ? 2 : 1
      while x < end {
        // Missing voxels are outside.
        number |= row[x] >= level ? mask : 0
        mask &<<= 1
        x += 1
      }
      target[start + word] = number
    }
  }
}
