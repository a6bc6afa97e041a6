import Foundation
import Volumetry

/// One phase of a label volume: 1 inside, 0 elsewhere.
struct PhaseIndicator: VolumeSource {
  let labels: any VolumeSource
  let phase: Int

  var grid: Grid { labels.grid }
  var voxelType: VoxelType { .uint8 }
  var chunkShape: Shape { labels.chunkShape }
  var name: String { "phase \(phase) of \((labels.name as NSString).lastPathComponent)" }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    .uint8(try labels.readLabels(region).map { Int($0) == phase ? 1 : 0 })
  }
}
