import Volumetry

/// Pairs of voxels of one detector pixel, spread over a volume: what the statistics of its numbers are judged from.
struct CountSample: Sendable {
  /// Spectra of two neighbouring voxels, next to one another: `bins` numbers each.
  private(set) var pairs: [[Float]] = []
  let bins: Int
  /// Centres of the bins in keV.
  let centers: [Double]

  private static let places = 16
  private static let longestRow = 24

  /// Neighbours along z, which share their detector pixel; where there is one slice, along x.
  ///
  /// - Parameters:
  ///   - acrossPixels: whether neighbours along x may be compared: not where every pixel has energies of its own.
  /// - Throws: errors of the source.
  init(_ source: any SpectralSource, acrossPixels: Bool) throws(VoxelithError) {
    let shape = source.grid.shape
    bins = source.energy.count
    centers = source.energy.centers
    let isDeep = shape.z > 1
    guard isDeep || (acrossPixels && shape.x > 1) else { return }
    let rows = min(Self.places, isDeep ? shape.y * (shape.z - 1) : shape.y)
    let length = min(Self.longestRow, shape.x)
    for place in 0..<rows {
      let part = Double(place) + 0.5
      let y = Int(part * Double(shape.y) / Double(rows)) % shape.y
      // Steps of the golden ratio spread z and x whatever the number of rows.
      let z = isDeep ? Int((part * 0.618_034).truncatingRemainder(dividingBy: 1) * Double(shape.z - 1)) : 0
      let spare = shape.x - length
      let x = Int((part * 0.414_214).truncatingRemainder(dividingBy: 1) * Double(spare + 1))
      let region = Region(
        lower: Shape(z: z, y: y, x: min(x, spare)), shape: Shape(z: isDeep ? 2 : 1, y: 1, x: length))
      let numbers = try source.readCounts(region)
      guard numbers.count == region.count * bins else { continue }
      func spectrum(_ voxel: Int) -> ArraySlice<Float> { numbers[(voxel * bins)..<((voxel + 1) * bins)] }
      if isDeep {
        for voxel in 0..<length { pairs.append(Array(spectrum(voxel) + spectrum(voxel + length))) }
      } else {
        for voxel in stride(from: 0, to: length - 1, by: 2) {
          pairs.append(Array(spectrum(voxel) + spectrum(voxel + 1)))
        }
      }
    }
  }

  /// The same without some of the bins.
  func without(_ left: Set<Int>) -> CountSample {
    guard !left.isEmpty else { return self }
    var result = CountSample(
      bins: bins - left.count, centers: centers.indices.filter { !left.contains($0) }.map { centers[$0] })
    result.pairs = pairs.map { pair in
      pair.indices.filter { !left.contains($0 % bins) }.map { pair[$0] }
    }
    return result
  }

  private init(bins: Int, centers: [Double]) {
    self.bins = bins
    self.centers = centers
  }
}
