/// Another volume seen in another way, voxel by voxel: it lies where that lies, is cut as that is and bears its name. Its values are
/// of single precision unless the view says otherwise.
package protocol VolumeView: VolumeSource {
  /// What is looked at.
  var base: any VolumeSource { get }
}

extension VolumeView {
  package var grid: Grid { base.grid }
  package var voxelType: VoxelType { .float32 }
  package var chunkShape: Shape { base.chunkShape }
  package var name: String { base.name }
}
