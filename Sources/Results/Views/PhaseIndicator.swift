import Foundation
package import Volumetry

/// One phase of a label volume: 1 inside, 0 elsewhere.
package struct PhaseIndicator: VolumeSource {
  package let labels: any VolumeSource
  package let phase: Int

  package init(labels: any VolumeSource, phase: Int) {
    self.labels = labels
    self.phase = phase
  }

  package var grid: Grid { labels.grid }
  package var voxelType: VoxelType { .uint8 }
  package var chunkShape: Shape { labels.chunkShape }
  package var name: String { "phase \(phase) of \(PathName.last(of: labels.name))" }

  package func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    .uint8(try labels.readLabels(region).map { Int($0) == phase ? 1 : 0 })
  }
}
