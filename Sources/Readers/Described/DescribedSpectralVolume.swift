import Volumetry

/// Spectra in memory, with where their geometry came from.
struct DescribedSpectralVolume: DescribedSpectra {
  let origins: [GeometryOrigin]
  let scan: ScanReport?
  private let volume: SpectralVolume

  init(_ volume: SpectralVolume, origins: [GeometryOrigin], scan: ScanReport? = nil) {
    self.scan = scan
    self.volume = volume
    self.origins = origins
  }

  var grid: Grid { volume.grid }
  var energy: EnergyAxis { volume.energy }
  var acquisition: Acquisition { volume.acquisition }
  var chunkShape: Shape { volume.chunkShape }
  var name: String { volume.name }

  func readCounts(_ region: Region) throws(VoxelithError) -> [Float] { try volume.readCounts(region) }
}
