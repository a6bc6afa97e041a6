import Volumetry

/// How well two lattices agree at every shift.
struct ShiftScores {
  /// Numbers of shifts along the axes, and the least ones (x, y, z).
  let shape: Shape
  let lower: SIMD3<Int>
  /// Correlation, NaN where too little overlaps, and voxels of the overlap.
  let correlations: [Float]
  let overlaps: [Float]
  /// Whether a strong negative correlation counts as well.
  let allowsInversion: Bool

  /// The best shift; nil where no overlap is large enough.
  var best: MaskedCorrelation.Peak? {
    var best: (index: Int, score: Double)?
    for i in correlations.indices where !correlations[i].isNaN {
      let score = score(i)
      if score > best?.score ?? -.infinity { best = (i, score) }
    }
    return best.map { peak($0.index) }
  }

  /// Shifts better than all their neighbours, more than `apart` steps from a given one, in falling order of their
  /// correlation.
  func others(than own: SIMD3<Int>, apart: Int, keep: Int) -> [MaskedCorrelation.Peak] {
    var found: [(index: Int, strength: Float)] = []
    var i = 0
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          defer { i += 1 }
          let strength = strength(i)
          guard strength > 0 else { continue }
          let off = SIMD3(x, y, z) &+ lower &- own
          if max(abs(off.x), abs(off.y), abs(off.z)) <= apart { continue }
          if isPeak(x, y, z, strength) { found.append((i, strength)) }
        }
      }
    }
    found.sort { ($1.strength, $0.index) < ($0.strength, $1.index) }
    return found.prefix(keep).map { peak($0.index) }
  }

  /// The strongest correlation within a step of a shift; nil where it is not known.
  func strength(near shift: SIMD3<Int>) -> Float? {
    var best: Float?
    let at = shift &- lower
    for z in max(0, at.z - 1)...max(0, min(shape.z - 1, at.z + 1)) {
      for y in max(0, at.y - 1)...max(0, min(shape.y - 1, at.y + 1)) {
        for x in max(0, at.x - 1)...max(0, min(shape.x - 1, at.x + 1)) {
          let value = strength(shape.index(z: z, y: y, x: x))
          if value > best ?? -.infinity { best = value }
        }
      }
    }
    return best
  }

  private func isPeak(_ x: Int, _ y: Int, _ z: Int, _ own: Float) -> Bool {
    for k in max(0, z - 1)...min(shape.z - 1, z + 1) {
      for j in max(0, y - 1)...min(shape.y - 1, y + 1) {
        for i in max(0, x - 1)...min(shape.x - 1, x + 1) where strength(shape.index(z: k, y: j, x: i)) > own {
          return false
        }
      }
    }
    return true
  }

  /// NaN where too little overlaps.
  private func strength(_ index: Int) -> Float {
    allowsInversion ? abs(correlations[index]) : correlations[index]
  }

  private func score(_ index: Int) -> Double {
    fisher(min(Double(strength(index)), 0.9999)) * Double(overlaps[index]).squareRoot()
  }

  private func peak(_ index: Int) -> MaskedCorrelation.Peak {
    let x = index % shape.x
    let y = (index / shape.x) % shape.y
    let z = index / (shape.x * shape.y)
    return MaskedCorrelation.Peak(
      shift: SIMD3(x, y, z) &+ lower, correlation: Double(correlations[index]),
      overlap: Int(overlaps[index]), score: score(index))
  }
}
