import Volumetry

/// What stays with the grid of both volumes whatever the object does, beside rings and what all slices share: planes of one
/// brightness, hot voxels, a slow change of brightness, the edge of what was reconstructed.
struct GridFaults {
  enum Kind: Hashable { case planes, hotVoxels, shading, edge }

  /// The pair without them.
  let fixed: FixedSamples
  let moving: WorkingImage
  let kinds: [Kind]
  /// Whether a part of it stands at the same voxels of both, which speaks for an alignment that moves nothing.
  let isShared: Bool

  init(_ fixed: FixedSamples, _ moving: WorkingImage, threads: Int) {
    let shapes = (fixed.lattice.shape, moving.grid.shape)
    var (a, b) = (fixed.values, moving.voxels)
    var kinds: [Kind] = []
    var isShared = false
    if shapes.0 == shapes.1 {
      let hot = (
        HotVoxels(a, shape: shapes.0, threads: threads), HotVoxels(b, shape: shapes.1, threads: threads)
      )
      if hot.0.shared(with: hot.1) != nil {
        (a, b) = (hot.0.removed(from: a), hot.1.removed(from: b))
        kinds.append(.hotVoxels)
        isShared = true
      }
      if let first = FieldOfView(a, shape: shapes.0),
        let second = FieldOfView(b, shape: shapes.1), first.agrees(with: second)
      {
        (a, b) = (first.cut(a), second.cut(b))
        kinds.append(.edge)
        isShared = true
      }
    }
    let planes = (PlanePattern(a, shape: shapes.0), PlanePattern(b, shape: shapes.1))
    let common = planes.0.shared(with: planes.1)
    let flickering = planes.0.flickering.union(planes.1.flickering)
    if !common.union(flickering).isEmpty {
      a = planes.0.removed(from: a, axes: common.union(planes.0.flickering))
      b = planes.1.removed(from: b, axes: common.union(planes.1.flickering))
      kinds.append(.planes)
      isShared = isShared || !common.isEmpty
    }
    if Shading.isShared(a, shapes.0, b, shapes.1) {
      a = Shading.removed(from: a, shape: shapes.0, threads: threads)
      b = Shading.removed(from: b, shape: shapes.1, threads: threads)
      kinds.append(.shading)
    }
    self.kinds = kinds
    self.isShared = isShared
    self.fixed =
      kinds.isEmpty
      ? fixed : FixedSamples(lattice: fixed.lattice, box: fixed.box, values: a, weights: fixed.weights)
    self.moving = kinds.isEmpty ? moving : WorkingImage(grid: moving.grid, voxels: b, sigma: moving.sigma)
  }

  /// What a warning says of them.
  static func words(_ kinds: [Kind]) -> String {
    let parts = kinds.map { kind in
      switch kind {
      case .planes: "whole slices, rows or columns that are brighter or darker than their neighbours"
      case .hotVoxels: "hot or dead voxels at the same places"
      case .shading: "the same slow change of brightness"
      case .edge:
        "one value outside a circle or a box (name it by --fixed-mask and --moving-mask if that is not the edge of what was reconstructed)"
      }
    }
    return "both volumes have \(parts.joined(separator: ", and ")): taken off for the fit"
  }
}
