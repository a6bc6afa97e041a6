package import Volumetry

extension Raster {
  /// The picture in means of `factor` x `factor` pixels.
  package func reduced(by factor: Int) -> Raster {
    guard factor > 1 else { return self }
    var small = Raster(width: (width + factor - 1) / factor, height: (height + factor - 1) / factor)
    let (rows, columns) = (small.height, small.width)
    var target = small.pixels.mutableSpan
    var sums = [UInt32](repeating: 0, count: 4 * columns)
    for y in 0..<rows {
      let lines = (y * factor)..<min(height, (y + 1) * factor)
      for i in sums.indices { sums[i] = 0 }
      for v in lines {
        add(pixels.span.extracting((4 * v * width)..<(4 * (v + 1) * width)), by: factor, to: &sums)
      }
      for x in 0..<columns {
        let count = UInt32(lines.count * (min(width, (x + 1) * factor) - x * factor))
        for part in 0..<4 {
          target[4 * (y * columns + x) + part] = UInt8((sums[4 * x + part] + count / 2) / count)
        }
      }
    }
    return small
  }
}

/// Adds the pixels of a line, `factor` after each other to one sum of each part.
private func add(_ line: Span<UInt8>, by factor: Int, to sums: inout [UInt32]) {
  var target = sums.mutableSpan
  var first = 0
  for x in 0..<(target.count / 4) {
    let end = min(line.count, first + 4 * factor)
    var (red, green, blue, alpha): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    for at in stride(from: first, to: end, by: 4) {
      red &+= UInt32(line[at])
      green &+= UInt32(line[at + 1])
      blue &+= UInt32(line[at + 2])
      alpha &+= UInt32(line[at + 3])
    }
    target[4 * x] &+= red
    target[4 * x + 1] &+= green
    target[4 * x + 2] &+= blue
    target[4 * x + 3] &+= alpha
    first = end
  }
}
