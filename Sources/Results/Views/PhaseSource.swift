import Synchronization
import Volumetry

/// A view of labels that is 1 where they are of one phase and 0 elsewhere.
struct PhaseSource: VolumeView {
  let base: any VolumeSource
  private let phase: Int
  private let found = Found()

  private final class Found: Sendable {
    let isTrue = Atomic<Bool>(false)
  }

  init(_ labels: any VolumeSource, phase: Int) {
    base = labels
    self.phase = phase
  }

  var voxelType: VoxelType { .uint8 }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    let buffer = try base.read(region)
    let label = Double(phase)
    let isPhase: [UInt8]
    if case .uint8(let values) = buffer {
      guard let label = UInt8(exactly: phase) else {
        return .uint8([UInt8](repeating: 0, count: values.count))
      }
      isPhase = values.map { $0 == label ? 1 : 0 }
    } else {
      isPhase = buffer.doubles().map { $0 == label ? 1 : 0 }
    }
    if !found.isTrue.load(ordering: .relaxed), isPhase.contains(1) {
      found.isTrue.store(true, ordering: .relaxed)
    }
    return .uint8(isPhase)
  }

  /// Tells, once everything has been read, whether the phase was there.
  ///
  /// - Throws: `data` where no voxel that was read is of the phase.
  func check() throws(VoxelithError) {
    guard found.isTrue.load(ordering: .relaxed) else {
      throw VoxelithError(.data, "holds no voxel of phase \(phase)", file: name)
    }
  }
}
