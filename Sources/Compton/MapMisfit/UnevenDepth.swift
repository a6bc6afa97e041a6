import Volumetry

/// Whether parts of the depth differ from one another by more than lithium, and what describes each.
struct UnevenDepth {
  /// A range of slices with a fit of its own.
  struct Part {
    var place: Int
    var joint: UnevenPixels.Joint
    var voxels: Int
  }

  /// All parts that hold voxels, where some differ; empty where none does.
  private(set) var parts: [Part] = []

  /// - Parameters:
  ///   - sums: of the map, with those of its parts.
  ///   - main: the fit of all pixels that are alike.
  ///   - joint: fits one sum by itself.
  init(
    _ sums: CountSums, of map: LithiumMap, main: UnevenPixels.Joint,
    joint: (SummedSpectrum) throws(VoxelithError) -> UnevenPixels.Joint
  ) throws(VoxelithError) {
    let known = sums.parts
    guard known.count > 1, main.fit.spectra.count == 1, let key = map.analyzers.geometry.onlyKey else {
      return
    }
    let reference = PixelMisfit.Reference(main.fit, place: 0)
    var spectra: [(place: Int, spectrum: SummedSpectrum)] = []
    var worst = 0.0
    for (place, group) in known {
      let spectrum = try map.modelled(group, key: key, share: 1)
      spectra.append((place, spectrum))
      guard spectrum.total > PixelUnits.leastCounts,
        let equations = reference.equations(spectrum, relative: true)
      else { continue }
      let dof = Double(max(1, spectrum.usedBins - 2 - spectrum.components.count))
      worst = max(worst, (equations.chiSquared - dof) / (2 * dof).squareRoot())
    }
    guard worst > PixelUnits.limit else { return }
    parts = try spectra.map { (place, spectrum) throws(VoxelithError) in
      Part(place: place, joint: try joint(spectrum), voxels: spectrum.voxels)
    }
  }
}

extension Misfit {
  /// Takes in what was found of parts of the depth that differ.
  ///
  /// - Parameters:
  ///   - parts: what the fit of each says.
  ///   - isUneven: whether parts of the detector differ as well, so that neither describes the map.
  mutating func take(
    _ depth: UnevenDepth, parts: [Misfit], voxels: Int, of slices: DepthParts, isUneven: Bool
  ) {
    guard !depth.parts.isEmpty else { return }
    if isUneven {
      verdict = .notDescribed
      sigma = max(sigma, Self.largestSigma)
      add("slices differ from one another, too; map them in parts")
      return
    }
    takeAll(
      depth.parts.indices.map { index in
        OwnPart(
          misfit: parts[index], voxels: depth.parts[index].voxels, followsLast: index > 0,
          words: { last in
            let from = slices.slices(depth.parts[index].place).lowerBound
            let to = slices.slices(depth.parts[last].place).upperBound - 1
            return from == to ? "slice \(from)" : "slices \(from) to \(to)"
          },
          isMany: { last in
            slices.slices(depth.parts[last].place).upperBound
              - slices.slices(depth.parts[index].place).lowerBound > 1
          })
      }, share: 0, voxels: voxels)
  }
}
