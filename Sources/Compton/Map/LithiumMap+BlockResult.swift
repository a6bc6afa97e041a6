extension LithiumMap {
  /// Results of a block's voxels in z, y, x order. Missing values are NaN.
  public struct BlockResult: Sendable {
    public var x: [Float] = []
    public var sigma: [Float] = []
    public var intensity: [Float] = []
    public var ratio: [Float] = []
    public var deviance: [Float] = []
    public var expectedDeviance: [Float] = []
    public var mask: [UInt8] = []
    /// Parts of sigma by the standards and by the fractions, and what the counts are expected to tell of x; empty
    /// unless ``MapOptions/wantsInformation``.
    public var sharedSigma: [Float] = []
    public var fractionSigma: [Float] = []
    public var information: [Float] = []
    /// For each component the change of x by one standard deviation of its fraction; empty unless
    /// ``MapOptions/wantsFractionPulls`` and the fractions have an error.
    public var fractionPulls: [[Float]] = []
    /// One summary per row of x, so that the total does not depend on how rows fall into blocks.
    public var rows: [MapSummary] = []
  }
}

extension LithiumMap.BlockResult {
  init(voxels: Int, rows: Int, hasInformation: Bool, fractionPulls: Int = 0) {
    let missing = [Float](repeating: .nan, count: voxels)
    x = missing
    sigma = missing
    intensity = missing
    ratio = missing
    deviance = missing
    expectedDeviance = missing
    mask = [UInt8](repeating: 0, count: voxels)
    if hasInformation {
      sharedSigma = missing
      fractionSigma = missing
      information = missing
    }
    self.fractionPulls = [[Float]](repeating: missing, count: fractionPulls)
    self.rows = [MapSummary](repeating: MapSummary(), count: rows)
  }

  mutating func set(_ result: borrowing VoxelResult, voxel: Int, row: Int) {
    x[voxel] = Float(result.fit.x)
    sigma[voxel] = Float(result.fit.sigma)
    intensity[voxel] = Float(result.intensity)
    ratio[voxel] = Float(result.ratio)
    deviance[voxel] = Float(result.fit.deviance)
    expectedDeviance[voxel] = Float(result.fit.expectedDeviance)
    mask[voxel] = result.fit.status.rawValue
    if !information.isEmpty {
      sharedSigma[voxel] = Float(result.fit.sharedSigma)
      fractionSigma[voxel] = Float(result.fit.fractionSigma)
      information[voxel] = Float(result.information)
    }
    for component in fractionPulls.indices where component < result.fit.fractionPulls.count {
      fractionPulls[component][voxel] = result.fit.fractionPulls[component]
    }
    rows[row].add(result)
  }
}
