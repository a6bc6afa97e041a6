public import Volumetry

extension DiffusionField {
  /// What a map of the flux shows.
  public enum FluxMap: Sendable, Hashable {
    /// Length of the flux vector.
    case magnitude
    /// One component of it, along an axis.
    case component(Axis)
  }

  /// Flux density of a voxel (x, y, z) relative to that through an empty box, so that the mean of the
  /// driven component over the whole box is the effective diffusivity.
  ///
  /// Half the sum of the flows through the two faces across each axis; zero where nothing flows.
  public func flux(z: Int, y: Int, x: Int) -> SIMD3<Double> {
    let voxel = grid.shape.index(z: z, y: y, x: x)
    guard flows.fine.isActive(voxel) else { return .zero }
    return flux(voxel, at: Shape(z: z, y: y, x: x))
  }

  func flux(_ voxel: Int, at position: Shape) -> SIMD3<Double> {
    func mean(_ axis: Axis) -> Double {
      let lower = flows.face(of: voxel, at: position, across: axis, upper: false).flow
      let upper = flows.face(of: voxel, at: position, across: axis, upper: true).flow
      return 0.5 * (lower + upper)
    }
    return SIMD3(mean(.x), mean(.y), mean(.z)) * fluxScale
  }

  /// From flows to relative flux densities: an empty box has the flow `weight / layers` through each face.
  private var fluxScale: SIMD3<Double> {
    let driven = grid.spacing(along: axis)
    let unit = Double(grid.shape[axis]) / (flows.exactWeight(axis) * driven)
    return grid.spacing * unit
  }

  /// Writes a map of the flux as float32, some slices at a time, and completes the sink.
  ///
  /// - Throws: what the sink throws; `cancelled`.
  public func write(
    _ map: FluxMap, into sink: some VolumeSink, resources: Resources = Resources()
  ) throws(VoxelithError) {
    let plan = try BlockPlan(
      shape: grid.shape, bytesPerVoxel: 8, memory: max(resources.memory / 8, 16 << 20),
      inFlight: resources.threads + 1, minimumBlocks: 4 * resources.threads)
    let field = self
    try BlockStream.run(plan, stage: "flux map", resources: resources, into: sink) {
      (block) throws(VoxelithError) in
      var values: [Float] = []
      values.reserveCapacity(block.core.count)
      for z in block.core.z {
        for y in block.core.y {
          for x in block.core.x { values.append(Float(map.value(field.flux(z: z, y: y, x: x)))) }
        }
      }
      field.flows.fine.memory.touched(14 * block.core.count)
      return .float32(values)
    }
  }
}

extension DiffusionField.FluxMap {
  func value(_ flux: SIMD3<Double>) -> Double {
    switch self {
    case .magnitude: (flux * flux).sum().squareRoot()
    case .component(.x): flux.x
    case .component(.y): flux.y
    case .component(.z): flux.z
    }
  }
}
