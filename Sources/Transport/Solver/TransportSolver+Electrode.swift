public import Volumetry

extension TransportSolver {
  /// Electrode tortuosity: ions move between a separator and all of the pore's surface, whose double layer takes them up
  /// while no electron passes (J. Landesfeind et al., J. Electrochem. Soc. 163 (2016) A1373; S. J. Cooper et al., as
  /// TauFactor's `ElectrodeSolver`).
  ///
  /// At low frequency the current into the double layer is the same everywhere on the surface. What is solved is that limit
  /// itself: a unit of current from every face between phase and other voxels, and from the collector's face, to the
  /// separator's. The ionic resistance is what the current dissipates over its square, and the tortuosity factor three
  /// times porosity and cross-section over length times it: 1 for straight pores. No frequency is chosen, and nothing
  /// needs to converge towards it.
  ///
  /// - Parameters:
  ///   - separator: the face that the separator lies on; the collector lies on the opposite one.
  ///   - chargesSides: whether the four sides of the box count as surface where the phase meets them, as in TauFactor.
  /// - Throws: `data` where the iteration limit is reached; `cancelled`.
  public mutating func electrode(
    along axis: Axis, separator: SeparatorFace = .lower, chargesSides: Bool = false
  ) throws(VoxelithError) -> ElectrodeTransport {
    func none(_ reason: String, accessible: Double = 0) -> ElectrodeTransport {
      ElectrodeTransport(
        none: axis, separator: separator, porosity: porosity, accessible: accessible, reason: reason)
    }
    guard grid.extends(along: axis) else { return none("the volume is one voxel thick along \(axis)") }
    let boundary = BoundaryConditions.electrode(axis, separator: separator, sides: options.sides)
    let charge = SurfaceCharge(grid: grid, boundary: boundary, chargesSides: chargesSides)
    guard let field = try solve(boundary, charge: charge) else {
      return none("no conducting voxel touches the separator's face across \(axis)")
    }
    let accessible = Double(field.percolatingCounts.reduce(0, +)) / field.voxelCount
    let sums = try field.chargeSums(charge)
    guard sums.current > 0 else {
      return none("the phase that reaches the separator has no surface", accessible: accessible)
    }
    // Conductances are in units of area over distance across the shortest side; the free box has
    // its layers' conductance over their number.
    let layers = Double(grid.shape[axis])
    let free = layers * layers / (field.flows.exactWeight(axis) * field.voxelCount)
    let relative = sums.power / (sums.current * sums.current) / free
    let s = grid.spacing
    let unit = s.x * s.y * s.z * (SIMD3<Double>.one / (s * s)).max()
    return ElectrodeTransport(
      axis: axis, separator: separator, tortuosityFactor: 3 * meanDiffusivity * relative,
      tortuosityFactorAccessible: 3 * field.percolatingDiffusivity * relative,
      relativeResistance: relative, porosity: porosity, accessiblePorosity: accessible,
      surface: sums.current * unit, residual: field.residual, iterations: field.iterations, reason: nil)
  }
}

extension DiffusionField {
  /// All current, and what it dissipates: the sum of current times potential.
  func chargeSums(_ charge: SurfaceCharge) throws(VoxelithError) -> (current: Double, power: Double) {
    let flows = flows
    let parts = try Parallel.map(grid.shape.z, threads: flows.fine.threads) { z in
      var current = 0.0
      var power = 0.0
      flows.forEachActive(z: z) { voxel, position in
        let source = charge.source(of: voxel, at: position, flows.fine)
        current += source
        power += source * flows.concentration[voxel]
      }
      flows.fine.memory.touched(10 * flows.fine.slice)
      return (current, power)
    }
    return parts.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
  }
}
