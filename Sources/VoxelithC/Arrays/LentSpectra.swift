import Voxelith

/// An array z, y, x, bin of the caller as spectra.
struct LentSpectra: DescribedSpectra {
  let array: LentArray
  let grid: Grid
  let energy: EnergyAxis
  let acquisition: Acquisition
  var chunkShape: Shape { Shape(z: 1, y: 1, x: 1) }
  var name: String { array.name }
  /// An array says nothing of where its numbers came from.
  var origins: [GeometryOrigin] { [] }

  /// - Throws: `data` where the array has other axes or other bins than the energies.
  init(
    _ array: LentArray, energy: EnergyAxis, acquisition: Acquisition, spacing: SIMD3<Double>? = nil
  ) throws(VoxelithError) {
    guard array.shape.count == 4 else {
      throw VoxelithError(
        .data, "the array '\(array.name)' has \(array.shape.count) axes where z, y, x, bin are needed")
    }
    guard array.shape[3] == energy.count else {
      throw VoxelithError(
        .data, "the array '\(array.name)' has \(array.shape[3]) bins for \(energy.count) energies")
    }
    self.array = array
    self.energy = energy
    self.acquisition = acquisition
    var grid = try array.grid()
    if let spacing {
      grid.spacing = spacing
      grid.hasKnownSpacing = true
    }
    self.grid = grid
    if case .perPixel(let height, let width, _) = acquisition.scatteringAngle {
      guard (height, width) == (grid.shape.y, grid.shape.x) else {
        throw VoxelithError(
          .data, "\(height)x\(width) scattering angles do not fit \(grid.shape.y)x\(grid.shape.x) pixels")
      }
    }
  }

  func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(.usage, "the region \(region) lies outside \(grid.shape) voxels", file: name)
    }
    return array.read(region, of: grid.shape, run: energy.count).floats()
  }
}
