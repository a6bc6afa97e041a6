public import Volumetry

/// Standard deviation of the noise of a volume.
public enum NoiseEstimate {
  /// Estimate from residuals of each voxel against the mean of its six neighbours, which keeps
  /// sqrt(7/6) of the noise and none of a linear course; the median of their sizes, so that edges do
  /// not count (T. Gasser et al., Biometrika 73 (1986) 625). At most 17 slices in equal steps are
  /// read.
  ///
  /// - Returns: zero for volumes that are thinner than three voxels along every axis.
  public static func standardDeviation(of source: any VolumeSource) throws(VoxelithError) -> Double {
    let shape = source.grid.shape
    let step = max(1, shape.z / 17)
    var residuals: [Float] = []
    for z in Swift.stride(from: step / 2, to: shape.z, by: step) {
      let slices = Region(slices: max(0, z - 1)..<min(shape.z, z + 2), of: shape)
      let box = PaddedBox(
        values: try source.readFloats(slices.grown(by: Shape(z: 0, y: 1, x: 1), within: shape)),
        region: slices, core: Region(slices: z..<(z + 1), of: shape), halo: 1)
      residuals += sizes(box, stepBetween: max(1, shape.y * shape.x / 65536))
    }
    guard !residuals.isEmpty else { return 0 }
    // The median size of a normal deviate is 0.67449 of its standard deviation.
    return Double(median(residuals)) / 0.6744897501960817 * (6.0 / 7).squareRoot()
  }

  /// The upper median of numbers that are finite and not negative, which are in the order of their bits.
  private static func median(_ sizes: [Float]) -> Float {
    let digits = 1 << 16
    var rank = sizes.count / 2
    // The digit that the number of this rank has, and its rank among those that have it.
    func digit(_ of: (UInt32) -> Int?) -> UInt32 {
      var counts = [Int](repeating: 0, count: digits)
      for size in sizes { if let own = of(size.bitPattern) { counts[own] += 1 } }
      var found = 0
      while rank >= counts[found] {
        rank -= counts[found]
        found += 1
      }
      return UInt32(found)
    }
    let upper = digit { Int($0 >> 16) }
    let lower = digit { $0 >> 16 == upper ? Int($0 & 0xFFFF) : nil }
    return Float(bitPattern: upper << 16 | lower)
  }

  private static func sizes(_ box: PaddedBox, stepBetween: Int) -> [Float] {
    let area = box.core.y * box.core.x
    return Swift.stride(from: 0, to: area, by: stepBetween).compactMap { i in
      let at = box.shape.index(z: 1, y: i / box.core.x + 1, x: i % box.core.x + 1)
      let v = box.values
      let row = box.shape.x
      let slice = box.shape.y * row
      let around = v[at - 1] + v[at + 1] + v[at - row] + v[at + row] + v[at - slice] + v[at + slice]
      let size = abs(v[at] - around / 6)
      return size.isFinite ? size : nil
    }
  }
}
