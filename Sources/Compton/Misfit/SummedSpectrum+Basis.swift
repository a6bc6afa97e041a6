import Volumetry

extension SummedSpectrum {
  /// What a basis expects of `counts` counts at one x within its own window.
  ///
  /// - Parameter total: the basis whose window the counts are for.
  init(
    _ basis: ProfileBasis, counts: Double, of total: ProfileBasis, x: Double, axis: EnergyAxis,
    geometry: ScatteringGeometry
  ) {
    let exposure = counts / total.fitRange.reduce(0.0) { $0 + total.constant[$1] + x * total.slope[$1] }
    let bins = basis.fitRange
    func cut(_ values: [Double], _ scale: Double) -> [Double] { bins.map { values[$0] * scale } }
    let square = exposure * exposure
    self.init(
      centers: bins.map { axis.centers[$0] }, widths: bins.map { axis.width($0) }, firstBin: bins.lowerBound,
      angle: geometry.angle, incidentEnergy: geometry.incidentEnergy,
      counts: bins.map { max(0, exposure * (basis.constant[$0] + x * basis.slope[$0])) }, voxels: 1,
      constant: cut(basis.constant, exposure), slope: cut(basis.slope, exposure),
      offset: [Double](repeating: 0, count: bins.count),
      constantVariance: cut(basis.constantVariance, square),
      crossCovariance: cut(basis.crossCovariance, square), slopeVariance: cut(basis.slopeVariance, square))
  }

  /// The equations of all effects about none.
  func equations(
    response: DetectorResponse, settings: InstrumentSettings, x: Double
  ) throws(VoxelithError) -> (effects: [InstrumentEffect], equations: GroupEquations) {
    let shapes = try EffectShapes(self, response: response, settings: settings)
    let equations = try GroupEquations(
      self, shapes: shapes, effects: shapes.effects, values: shapes.effects.map { _ in 0 }, amounts: [1, x],
      standards: 1)
    return (shapes.effects, equations)
  }
}
