package import Volumetry

extension Raster {
  /// The picture in means of `factor` x `factor` pixels.
  package func reduced(by factor: Int) -> Raster {
    guard factor > 1 else { return self }
    var small = Raster(width: (width + factor - 1) / factor, height: (height + factor - 1) / factor)
    let (rows, columns) = (small.height, small.width)
    let source = pixels.span
    var target = small.pixels.mutableSpan
    for y in 0..<rows {
      for x in 0..<columns {
        var sums = SIMD4<UInt32>.zero
        let (lines, places) = (
          (y * factor)..<min(height, (y + 1) * factor), (x * factor)..<min(width, (x + 1) * factor)
        )
        for v in lines {
          for u in places {
            let at = 4 * (v * width + u)
            sums &+= SIMD4(
              UInt32(source[at]), UInt32(source[at + 1]), UInt32(source[at + 2]), UInt32(source[at + 3]))
          }
        }
        let count = UInt32(lines.count * places.count)
        for part in 0..<4 {
          target[4 * (y * columns + x) + part] = UInt8((sums[part] + count / 2) / count)
        }
      }
    }
    return small
  }
}
