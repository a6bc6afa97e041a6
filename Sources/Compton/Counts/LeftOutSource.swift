import Volumetry

/// Spectra with zeros in bins that are left out of every fit, whatever the file holds there.
struct LeftOutSource: SpectralSource {
  private let base: any SpectralSource
  private let left: [Int]

  init(_ base: any SpectralSource, bins: Set<Int>) {
    self.base = base
    left = bins.sorted()
  }

  var grid: Grid { base.grid }
  var energy: EnergyAxis { base.energy }
  var acquisition: Acquisition { base.acquisition }
  var chunkShape: Shape { base.chunkShape }
  var name: String { base.name }

  func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    var counts: [Float] = []
    try readCounts(region, into: &counts)
    return counts
  }

  func readCounts(_ region: Region, into counts: inout [Float]) throws(VoxelithError) {
    try base.readCounts(region, into: &counts)
    let bins = energy.count
    for start in stride(from: 0, to: counts.count, by: bins) where !ScreenedSource.isMark(counts[start]) {
      for bin in left { counts[start + bin] = 0 }
    }
  }
}
