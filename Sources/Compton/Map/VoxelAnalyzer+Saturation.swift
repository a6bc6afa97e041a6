import Volumetry

extension VoxelAnalyzer {
  /// Takes bins at or above `level` out of the counts and spectra in `scratch`: they become padding.
  ///
  /// - Parameters:
  ///   - isComposed: whether the voxel's own spectra are in `scratch`; else those of the pixel are put there, if needed.
  /// - Returns: the counts that were taken out.
  func leaveOut(_ level: Float, isComposed: Bool, _ scratch: inout Scratch) -> Double {
    scratch.hasSaturation = false
    let limit = SIMD8<Float>(repeating: level * (1 - 1e-6))
    guard scratch.packed.contains(where: { any($0 .>= limit) }) else { return 0 }
    scratch.hasSaturation = true
    if !isComposed { scratch.spectra = spectra }
    var lost = 0.0
    for group in scratch.packed.indices {
      let isOver = scratch.packed[group] .>= limit
      guard any(isOver) else { continue }
      for lane in 0..<8 where isOver[lane] {
        lost += Double(scratch.packed[group][lane])
        scratch.packed[group][lane] = 1
        scratch.spectra.leaveOut(group: group, lane: lane)
      }
    }
    return lost
  }
}

extension PreparedSpectra {
  /// Makes a bin what padding is: nothing is expected but a known 1.
  fileprivate mutating func leaveOut(group: Int, lane: Int) {
    firstSum -= Double(self[.first, group][lane])
    offsetTotal -= Double(self[.offset, group][lane])
    self[.first, group][lane] = 0
    self[.second, group][lane] = 0
    self[.firstVariance, group][lane] = 0
    self[.crossCovariance, group][lane] = 0
    self[.secondVariance, group][lane] = 0
    self[.offset, group][lane] = 1
    self[.offsetVariance, group][lane] = 0
    self[.firstWeight, group][lane] = 0
    self[.secondWeight, group][lane] = 0
    for component in uncertain.indices { uncertain[component][group][lane] = 0 }
  }
}
