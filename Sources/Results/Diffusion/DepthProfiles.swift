import Transport
import Volumetry

/// Means of maps and model over the layers of the depth, and what is left of the first state's pattern in the plane.
struct DepthProfiles {
  private(set) var layers: [[DiffusivityReport.Layer]] = []
  private(set) var patterns: [DiffusivityReport.Pattern?] = []

  init(_ data: OperandoSeries, _ fit: DiffusivityFit, axis: Axis, separator: SeparatorFace) {
    let shape = data.grid.shape
    let count = shape[axis]
    let spacing = data.grid.spacing(along: axis)
    var places = [Int](repeating: 0, count: shape.count)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let place = Shape(z: z, y: y, x: x)[axis]
          places[shape.index(z: z, y: y, x: x)] = separator == .lower ? place : count - 1 - place
        }
      }
    }
    /// Deviations of a field from its means over the layers, in the voxels that are used.
    func deviations(_ field: [Float], _ used: [Bool]) -> [Double] {
      var sums = [(Double, Double)](repeating: (0, 0), count: count)
      for voxel in field.indices where used[voxel] {
        sums[places[voxel]].0 += Double(field[voxel])
        sums[places[voxel]].1 += 1
      }
      return field.indices.map {
        used[$0] ? Double(field[$0]) - sums[places[$0]].0 / max(1, sums[places[$0]].1) : 0
      }
    }
    for (state, model) in zip(data.states, fit.model) {
      var sums = [SIMD4<Double>](repeating: .zero, count: count)
      let used = state.x.indices.map {
        state.x[$0].isFinite && model[$0].isFinite && state.sigma[$0].isFinite
      }
      for voxel in used.indices where used[voxel] {
        let sigma = Double(state.sigma[voxel])
        sums[places[voxel]] += SIMD4(Double(state.x[voxel]), sigma * sigma, Double(model[voxel]), 1)
      }
      layers.append(
        sums.enumerated().map { index, sum in
          let depth = (Double(index) + 0.5) * spacing
          guard sum.w > 0 else { return .init(depth: depth, x: nil, sigma: nil, model: nil) }
          return .init(
            depth: rounded(depth), x: rounded(sum.x / sum.w),
            sigma: rounded(sum.y.squareRoot() / sum.w, digits: 4),
            model: rounded(sum.z / sum.w))
        })
      let (first, measured, expected) = (
        deviations(fit.model[0], used), deviations(state.x, used), deviations(model, used)
      )
      var (square, along, modelled, noise) = (0.0, 0.0, 0.0, 0.0)
      for voxel in used.indices where used[voxel] {
        square += first[voxel] * first[voxel]
        along += first[voxel] * measured[voxel]
        modelled += first[voxel] * expected[voxel]
        let pull = first[voxel] * Double(state.sigma[voxel])
        noise += pull * pull
      }
      patterns.append(
        square > 0 && square * square > 9 * noise
          ? .init(
            measured: rounded(along / square), sigma: rounded(noise.squareRoot() / square, digits: 4),
            model: rounded(modelled / square)) : nil)
    }
  }
}
