package import Volumetry

extension Raster {
  /// The picture in means of `factor` x `factor` pixels.
  package func reduced(by factor: Int) -> Raster {
    guard factor > 1 else { return self }
    var small = Raster(width: (width + factor - 1) / factor, height: (height + factor - 1) / factor)
    for y in 0..<small.height {
      for x in 0..<small.width {
        var sums = [0, 0, 0, 0]
        var count = 0
        for v in (y * factor)..<min(height, (y + 1) * factor) {
          for u in (x * factor)..<min(width, (x + 1) * factor) {
            for part in 0..<4 { sums[part] += Int(pixels[4 * (v * width + u) + part]) }
            count += 1
          }
        }
        for part in 0..<4 {
          small.pixels[4 * (y * small.width + x) + part] = UInt8((sums[part] + count / 2) / count)
        }
      }
    }
    return small
  }
}
