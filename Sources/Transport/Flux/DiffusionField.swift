public import Volumetry

/// A solved diffusion problem: the concentration in every percolating voxel and what follows from it.
public struct DiffusionField: Sendable {
  /// The grid of the volume.
  public let grid: Grid
  let conductivity: Conductivity
  let counts: [Int]
  let percolatingCounts: [Int]
  let iterations: Int
  let residual: Double
  let flows: FaceFlows

  /// Axis along which the concentration falls by 1 over the box.
  public var axis: Axis { flows.fine.boundary.driven }

  /// Concentration of a voxel, 1 on the lower face of the box and 0 on the upper one; NaN where
  /// nothing flows.
  public func concentration(z: Int, y: Int, x: Int) -> Double {
    let voxel = grid.shape.index(z: z, y: y, x: x)
    return flows.fine.isActive(voxel) ? flows.concentration[voxel] : .nan
  }

  var voxelCount: Double { Double(grid.shape.count) }

  /// Effective diffusivity and tortuosity factor along the driven axis.
  ///
  /// The diffusivity follows from the dissipation, the sum over all faces of conductance times drop
  /// squared: with the concentration in error by e it is in error by e squared, where the flow through
  /// one layer would be in error by e.
  public func transport() throws(VoxelithError) -> AxisTransport {
    let (effective, layers) = try sums()
    let porosity = Double(counts.dropFirst().reduce(0, +)) / voxelCount
    let percolating = Double(percolatingCounts.dropFirst().reduce(0, +)) / voxelCount
    let mean = meanDiffusivity(counts)
    let average = layers.reduce(0, +) / Double(layers.count)
    let inlet = layers[0]
    let outlet = layers[layers.count - 1]
    let spread = (layers.max() ?? 0) - (layers.min() ?? 0)
    return AxisTransport(
      axis: axis, tortuosityFactor: mean / effective,
      tortuosityFactorPercolating: meanDiffusivity(percolatingCounts) / effective,
      effectiveDiffusivity: effective, porosity: porosity, percolatingPorosity: percolating,
      meanDiffusivity: mean, residual: residual,
      fluxImbalance: abs(inlet - outlet) / (0.5 * abs(inlet + outlet)),
      fluxSpread: spread / average, iterations: iterations, reason: nil)
  }

  /// Mean relative diffusivity of the voxels that carry the flux.
  var percolatingDiffusivity: Double { meanDiffusivity(percolatingCounts) }

  private func meanDiffusivity(_ counts: [Int]) -> Double {
    zip(counts, [0] + conductivity.values).reduce(0) { $0 + Double($1.0) * $1.1 } / voxelCount
  }

  /// Relative effective diffusivity along the driven axis from the dissipation, and the flow through
  /// the planes between the layers across it, from the inlet to the outlet (or once around the
  /// period): one more plane than layers.
  func sums() throws(VoxelithError) -> (effectiveDiffusivity: Double, layerFlows: [Double]) {
    let flows = flows
    let axis = axis
    let layerCount = grid.shape[axis]
    let parts = try Parallel.map(grid.shape.z, threads: flows.fine.threads) { z in
      var power = 0.0
      var layers = [Double](repeating: 0, count: layerCount + 1)
      flows.forEachActive(z: z) { voxel, position in
        let layer = position[axis]
        power += flows.countedPower(voxel, at: position)
        if layer == 0 { layers[0] += flows.face(of: voxel, at: position, across: axis, upper: false).flow }
        layers[layer + 1] += flows.face(of: voxel, at: position, across: axis, upper: true).flow
      }
      flows.fine.memory.touched(10 * flows.fine.slice)
      return (power, layers)
    }
    var power = 0.0
    var layers = [Double](repeating: 0, count: layerCount + 1)
    for part in parts {
      power += part.0
      for layer in layers.indices { layers[layer] += part.1[layer] }
    }
    let length = Double(layerCount)
    return (power * length * length / (flows.exactWeight(axis) * voxelCount), layers)
  }
}
