public import Volumetry

/// Version of the folders that are written.
public enum ZarrFormat: Sendable, Hashable {
  /// OME-Zarr 0.4 on Zarr version 2: a file for each chunk.
  case ome04
  /// OME-Zarr 0.5 on Zarr version 3, with files of several chunks where `shard` names their sides (multiples of a chunk's).
  case ome05(shard: Shape? = nil)

  var shard: Shape? { if case .ome05(let shard) = self { shard } else { nil } }
}
