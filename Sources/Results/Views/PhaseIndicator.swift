import Foundation
package import Volumetry

/// One phase of a label volume: 1 inside, 0 elsewhere.
package struct PhaseIndicator: VolumeView {
  /// The labels.
  package let base: any VolumeSource
  package let phase: Int

  package init(labels: any VolumeSource, phase: Int) {
    base = labels
    self.phase = phase
  }

  package var voxelType: VoxelType { .uint8 }
  package var name: String { "phase \(phase) of \(PathName.last(of: base.name))" }

  package func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    .uint8(try base.readLabels(region).map { Int($0) == phase ? 1 : 0 })
  }
}
