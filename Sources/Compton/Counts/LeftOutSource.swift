import Volumetry

/// Spectra with zeros in bins that are left out of every fit, whatever the file holds there.
struct LeftOutSource: WrappedSource {
  let base: any SpectralSource
  private let left: [Int]

  init(_ base: any SpectralSource, bins: Set<Int>) {
    self.base = base
    left = bins.sorted()
  }

  func pass(_ counts: inout [Float], of region: Region) {
    let bins = energy.count
    for start in stride(from: 0, to: counts.count, by: bins) where !ScreenedSource.isMark(counts[start]) {
      for bin in left { counts[start + bin] = 0 }
    }
  }
}
