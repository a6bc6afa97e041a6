import CRegistrationKernels
import Volumetry

/// Sums of values between cells and their slopes over the points of a rule, for a row of voxels at once, by kernels in C.
struct SampleRow {
  private let sampler: GradientSampler
  private let offsets: [Double]
  private let weights: [Float]
  private let capacity: Int
  /// Voxels of the row that are wanted, and their coordinates among the image's cells: all x, then y, then z.
  private var wanted: [Int] = []
  private var places: [Double]
  private var sums: [Float]

  /// - Parameters:
  ///   - offsets: of the points, in the image's cells.
  ///   - most: voxels of a row at most.
  init(_ sampler: GradientSampler, offsets: [SIMD3<Double>], weights: [Float], most: Int) {
    self.sampler = sampler
    self.offsets = offsets.flatMap { [$0.x, $0.y, $0.z] }
    self.weights = weights
    capacity = most
    places = [Double](repeating: 0, count: 3 * (most + Int(vrk_spare)))
    sums = [Float](repeating: 0, count: 4 * most)
  }

  /// Writes four numbers per voxel of a row: value and slopes per um, the value NaN where it is not known or not wanted.
  ///
  /// - Parameters:
  ///   - active: by voxel of the lattice; nil for all.
  ///   - first: the row's first voxel in the lattice.
  ///   - slab: numbers of the voxels of the row's slice, of `count` a row.
  ///   - place: coordinates of a voxel of the row.
  mutating func sample(
    _ voxels: [Float], _ active: [Bool]?, first: Int, count: Int, _ perMicrometre: SIMD3<Float>,
    to slab: inout MutableSpan<Float>, _ place: (Int) -> SIMD3<Double>
  ) {
    precondition(count <= capacity && voxels.count == sampler.shape.count)
    wanted.removeAll(keepingCapacity: true)
    let start = first % (slab.count / 4)
    for x in 0..<count {
      if let active, !active[first + x] { slab[4 * (start + x)] = .nan } else { wanted.append(x) }
    }
    let (used, block) = (wanted.count, wanted.count + Int(vrk_spare))
    for (i, x) in wanted.enumerated() {
      let at = place(x)
      places[i] = at.x
      places[block + i] = at.y
      places[2 * block + i] = at.z
    }
    let (shape, low, high) = (sampler.shape, sampler.low, sampler.high)
    unsafe voxels.withUnsafeBufferPointer { voxels in
      guard let base = voxels.baseAddress else { return }
      var image = unsafe vrk_image(
        voxels: base, shape: (Int32(shape.x), Int32(shape.y), Int32(shape.z)), low: (low.x, low.y, low.z),
        high: (high.x, high.y, high.z))
      if sampler.isCubic {
        unsafe vrk_sample_cubic(&image, used, places, weights.count, offsets, weights, &sums)
      } else {
        unsafe vrk_sample(&image, used, places, weights.count, offsets, weights, &sums)
      }
    }
    for (i, x) in wanted.enumerated() {
      let at = 4 * (start + x)
      slab[at] = sums[4 * i]
      slab[at + 1] = sums[4 * i + 1] * perMicrometre.x
      slab[at + 2] = sums[4 * i + 2] * perMicrometre.y
      slab[at + 3] = sums[4 * i + 3] * perMicrometre.z
    }
  }
}
