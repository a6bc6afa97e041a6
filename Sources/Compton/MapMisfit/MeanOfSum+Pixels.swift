import Volumetry

extension MeanOfSum {
  init(_ uneven: UnevenPixels, _ depth: UnevenDepth) {
    let parts =
      depth.parts.isEmpty || uneven.isUneven
      ? (uneven.isAllApart ? [] : [uneven.main]) + uneven.apart.map(\.joint) : depth.parts.map(\.joint)
    let voxels = parts.map { Double($0.spectra.reduce(0) { $0 + $1.voxels }) }
    let all = max(1, voxels.reduce(0, +))
    value = zip(parts, voxels).reduce(0.0) { $0 + $1.0.fit.mean * $1.1 } / all
    // Most of it is the standards', which all parts share.
    sigma = zip(parts, voxels).reduce(0.0) { $0 + max(0, $1.0.fit.fixedVariance).squareRoot() * $1.1 } / all
  }
}
