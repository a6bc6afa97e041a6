import Compton
import Readers
import Volumetry

/// Standards that were measured as cubes on the detector of the sample: a spectrum for each ring of pixels of one angle.
struct StandardCubes {
  /// Pixels (y, x) whose scattering angles lie within the width of a ring, and the mean of them in degrees.
  struct Ring {
    var angle: Double
    var pixels: [Int]
  }

  let rings: [Ring]
  let height: Int
  let width: Int
  let energy: EnergyAxis
  /// Whether each voxel (z, y, x) takes part; nil for all.
  private let selection: (shape: Shape, isIn: [Bool])?

  /// Width of a ring in degrees: 0.1 degrees smear a line of 1 keV by 10^-4 of its width.
  static let ringWidth = 0.1

  /// Whether a file is one of spectra by voxels; texts hold one spectrum.
  static func isCube(_ path: String) -> Bool {
    let name = path.lowercased()
    return [".nxs", ".nx", ".h5", ".hdf5", ".hdf", ".hxt"].contains { name.hasSuffix($0) }
  }

  /// - Parameters:
  ///   - voxels: a volume on the cubes' grid whose values of at least one half take part.
  /// - Throws: `data` where no pixel has an angle, or `voxels` has another shape or no such voxel.
  init(
    _ source: any SpectralSource, fallback: Double, ringWidth: Double, voxels: (any VolumeSource)? = nil
  ) throws(VoxelithError) {
    let shape = source.grid.shape
    selection = try voxels.map { (volume) throws(VoxelithError) in
      guard volume.grid.shape == shape else {
        throw VoxelithError(
          .data, "has \(volume.grid.shape) voxels, the standards have \(shape)", file: volume.name,
          advice: "give voxels on the grid of the spectra")
      }
      let isIn = try volume.readFloats(Region(slices: 0..<shape.z, of: shape)).map { $0 >= 0.5 }
      guard isIn.contains(true) else {
        throw VoxelithError(.data, "no voxel has a value of one half or more", file: volume.name)
      }
      return (shape, isIn)
    }
    height = shape.y
    width = shape.x
    energy = source.energy
    guard ringWidth > 0, ringWidth.isFinite else {
      throw VoxelithError(.data, "ring_width_deg \(ringWidth) is not positive")
    }
    var found: [Int: [(pixel: Int, angle: Double)]] = [:]
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let angle = source.acquisition.scatteringAngle?.degrees(y: y, x: x) ?? fallback
        guard angle.isFinite, angle > 0, angle <= 180 else { continue }
        found[Int((angle / ringWidth).rounded()), default: []].append((y * shape.x + x, angle))
      }
    }
    guard !found.isEmpty else {
      throw VoxelithError(.data, "no pixel has a scattering angle", file: source.name)
    }
    rings = found.sorted { $0.key < $1.key }.map { _, pixels in
      Ring(
        angle: pixels.reduce(0) { $0 + $1.angle } / Double(pixels.count), pixels: pixels.map(\.pixel))
    }
  }

  /// The ring whose angle is nearest.
  func nearest(_ angle: Double) -> Int {
    rings.indices.min { abs(rings[$0].angle - angle) < abs(rings[$1].angle - angle) } ?? 0
  }

  /// Counts of each ring: voxels of its pixels added up over z. The live time is that of all of them together.
  ///
  /// - Throws: `data` where the pixels or bins are not those of the first cube, or a count is negative or missing.
  func spectra(_ source: any SpectralSource, liveTime: Double?) throws(VoxelithError) -> [Spectrum] {
    let shape = source.grid.shape
    guard shape.y == height, shape.x == width else {
      throw VoxelithError(
        .data, "has \(shape.y) x \(shape.x) pixels (y, x), the first standard \(height) x \(width)",
        file: source.name, advice: "measure all standards on the same detector")
    }
    guard source.energy.matches(energy) else {
      throw VoxelithError(.data, "its energy bins differ from those of the first standard", file: source.name)
    }
    let bins = energy.count
    var ringOfPixel = [Int](repeating: -1, count: height * width)
    for (index, ring) in rings.enumerated() { for pixel in ring.pixels { ringOfPixel[pixel] = index } }
    if let selection, selection.shape != shape {
      throw VoxelithError(
        .data, "has \(shape) voxels, the volume that selects them \(selection.shape)", file: source.name)
    }
    var voxels = [Int](repeating: 0, count: rings.count)
    var sums = [[Double]](repeating: [Double](repeating: 0, count: bins), count: rings.count)
    for z in 0..<shape.z {
      try Cancellation.poll()
      for y in 0..<shape.y {
        let counts = try source.readCounts(
          Region(lower: Shape(z: z, y: y, x: 0), shape: Shape(z: 1, y: 1, x: shape.x)))
        for x in 0..<shape.x {
          let ring = ringOfPixel[y * width + x]
          guard ring >= 0, selection?.isIn[(z * height + y) * width + x] ?? true else { continue }
          voxels[ring] += 1
          for bin in 0..<bins { sums[ring][bin] += Double(counts[x * bins + bin]) }
        }
      }
    }
    let time = liveTime ?? source.acquisition.liveTime
    var result: [Spectrum] = []
    for (index, sum) in sums.enumerated() {
      result.append(
        try Spectrum(
          energy: energy, counts: sum,
          liveTime: time.map { $0 * Double(max(1, voxels[index])) }, file: source.name))
    }
    return result
  }
}
