public import Volumetry

/// A volume as a filter shows it: boxes are read with the halo that the filter needs and computed
/// on request, so that a chain of filters streams like a file.
public struct FilteredView: VolumeSource {
  /// How noise is taken away.
  public enum Filter: Sendable, Hashable {
    /// Median of the 3 x 3 x 3 neighbourhood (beyond the border the nearest voxel is repeated).
    case median
    /// Non-local means (A. Buades, B. Coll, J.-M. Morel, CVPR 2005): the mean of the 5 x 5 x 5
    /// neighbourhood, each voxel weighted by how alike the 3 x 3 x 3 patches around both are.
    /// `strength` multiplies `noise`, the standard deviation of the noise in grey values.
    case nonLocalMeans(noise: Double, strength: Double)
  }

  public let source: any VolumeSource
  public let filter: Filter

  public init(_ source: any VolumeSource, _ filter: Filter) {
    self.source = source
    self.filter = filter
  }

  public var grid: Grid { source.grid }
  public var voxelType: VoxelType { .float32 }
  public var chunkShape: Shape { source.chunkShape }
  public var name: String { source.name }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    let halo = filter == .median ? 1 : NonLocalMeans.halo
    let reach = region.grown(by: Shape(z: halo, y: halo, x: halo), within: grid.shape)
    let values = PaddedBox(
      values: try source.readFloats(reach), region: reach, core: region, halo: halo)
    switch filter {
    case .median: return .float32(MedianFilter.apply(values))
    case .nonLocalMeans(let noise, let strength):
      return .float32(NonLocalMeans(noise: noise, strength: strength).apply(values))
    }
  }
}

/// A box with a full halo on every side: where the volume ends, its border is repeated.
struct PaddedBox {
  let shape: Shape
  let core: Shape
  let halo: Int
  let values: [Float]

  init(values: [Float], region: Region, core: Region, halo: Int) {
    self.core = core.shape
    self.halo = halo
    shape = Shape(
      z: core.shape.z + 2 * halo, y: core.shape.y + 2 * halo, x: core.shape.x + 2 * halo)
    if region.shape == shape {
      self.values = values
      return
    }
    func sources(_ core: Range<Int>, _ region: Range<Int>) -> [Int] {
      ((core.lowerBound - halo)..<(core.upperBound + halo)).map {
        min(max($0, region.lowerBound), region.upperBound - 1) - region.lowerBound
      }
    }
    let columns = sources(core.x, region.x)
    var result: [Float] = []
    result.reserveCapacity(shape.count)
    for z in sources(core.z, region.z) {
      for y in sources(core.y, region.y) {
        let line = region.shape.index(z: z, y: y, x: 0)
        for x in columns { result.append(values[line + x]) }
      }
    }
    self.values = result
  }
}

/// Median of the 27 values around each voxel; a neighbourhood with missing values keeps its voxel.
enum MedianFilter {
  static func apply(_ box: PaddedBox) -> [Float] {
    var result = [Float](repeating: 0, count: box.core.count)
    let offsets = (0..<27).map { k in
      box.shape.index(z: k / 9, y: k / 3 % 3, x: k % 3)
    }
    var window = [Float](repeating: 0, count: 27)
    var out = 0
    for z in 0..<box.core.z {
      for y in 0..<box.core.y {
        let line = box.shape.index(z: z, y: y, x: 0)
        for x in 0..<box.core.x {
          var missing = false
          for k in 0..<27 {
            let value = box.values[line + x + offsets[k]]
            missing = missing || value.isNaN
            window[k] = value
          }
          result[out] = missing ? box.values[line + x + offsets[13]] : median(&window)
          out += 1
        }
      }
    }
    return result
  }

  /// Hoare's selection; the order of equal values does not matter for the result.
  private static func median(_ values: inout [Float]) -> Float {
    var low = 0
    var high = values.count - 1
    let wanted = values.count / 2
    while low < high {
      let pivot = values[(low + high) / 2]
      var i = low
      var j = high
      while i <= j {
        while values[i] < pivot { i += 1 }
        while pivot < values[j] { j -= 1 }
        if i <= j {
          values.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if wanted <= j { high = j } else if wanted >= i { low = i } else { break }
    }
    return values[wanted]
  }
}
