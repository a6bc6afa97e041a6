public import Volumetry

/// Everything that is asked about the relations of a table's quantities.
public struct CorrelationAnalysis: Sendable {
  /// Level of the intervals.
  public var confidence = 0.95
  /// Quantities removed from both sides for the partial coefficients; depth is always among them.
  public var controls: [String] = []
  public var depthAxis = Axis.z
  /// Standard errors of a quantity: the column that holds them, by the name of the quantity.
  public var sigmas: [String: String] = [:]
  public var bins = 10
  public var replicates = 1000
  public var seed: UInt64 = 1

  public init() {}

  /// Numbers for each pair of quantities, with false discoveries controlled over all of them.
  ///
  /// - Parameter pairs: names of x and y; nil takes all pairs of columns that are not errors of others.
  /// - Throws: `usage` for unknown names, `data` where a pair has too few voxels or a constant side.
  public func run(
    _ table: VoxelTable, pairs: [(x: String, y: String)]? = nil, resources: Resources = Resources()
  ) throws(VoxelithError) -> CorrelationReport {
    let errors = Set(sigmas.values)
    let names = table.columns.map(\.name).filter { !errors.contains($0) }
    var wanted = pairs ?? []
    if pairs == nil {
      for i in names.indices { for j in names.indices where j > i { wanted.append((names[i], names[j])) } }
    }
    guard !wanted.isEmpty || pairs == nil else {
      throw VoxelithError(.usage, "there is no pair of quantities to compare")
    }
    var relations: [Relation] = []
    for (done, pair) in wanted.enumerated() {
      resources.progress.report("correlate", done: done, of: wanted.count, unit: "pairs")
      try resources.cancellation.check()
      relations.append(try relate(pair.x, pair.y, table, resources))
    }
    let p = relations.map { $0.pearson.pValue }
    let hochberg = FalseDiscovery.adjust(p, method: .benjaminiHochberg)
    let yekutieli = FalseDiscovery.adjust(p, method: .benjaminiYekutieli)
    for i in relations.indices {
      relations[i].qBenjaminiHochberg = hochberg[i]
      relations[i].qBenjaminiYekutieli = yekutieli[i]
    }
    var profiles: [CorrelationReport.DepthProfile] = []
    let depth = table.depth(along: depthAxis)
    for name in names {
      let column = try table.column(name)
      guard
        let pair = try? FieldPair(depth, column.values, shape: table.grid.shape, names: ("depth", name))
      else { continue }
      let effective = try effectiveCountOfMean(pair.onGrid(pair.y), shape: table.grid.shape)
      let step = table.grid.spacing(along: depthAxis)
      let edges = (0...table.grid.shape[depthAxis]).map { Double($0) * step }
      profiles.append(
        CorrelationReport.DepthProfile(
          quantity: name, unit: column.unit, axis: depthAxis.rawValue,
          profile: BinnedProfile(edges: edges, of: pair, effective: effective, confidence: confidence)))
    }
    resources.progress.report("correlate", done: wanted.count, of: wanted.count, unit: "pairs")
    let spacing = table.grid.spacing
    return CorrelationReport(
      confidence: confidence, seed: seed, replicates: replicates,
      voxelSizeUm: [spacing.z, spacing.y, spacing.x], controls: ["depth"] + controls, relations: relations,
      depthProfiles: profiles)
  }

  private func relate(_ xName: String, _ yName: String, _ table: VoxelTable, _ resources: Resources)
    throws(VoxelithError) -> Relation
  {
    let columnX = try table.column(xName)
    let columnY = try table.column(yName)
    let shape = table.grid.shape
    let pair = try FieldPair(
      columnX.values, columnY.values, shape: shape, minimum: 4 + controls.count, names: (xName, yName))
    let effective = try pair.effectiveCount(of: pair.x, pair.y)
    let r = Correlations.pearson(pair.x, pair.y)
    let rankX = Correlations.ranks(pair.x)
    let rankY = Correlations.ranks(pair.y)
    let rankEffective = try pair.effectiveCount(of: rankX, rankY)
    func test(_ value: Double, _ n: Double, _ kind: CorrelationTest.Kind = .pearson, controls: Int = 0)
      -> CorrelationTest
    {
      CorrelationTest(
        value, voxels: pair.count, effective: n, controls: controls, confidence: confidence, kind: kind)
    }
    let bootstrap = BlockBootstrap(
      shape: shape, voxels: pair.count, effective: effective, replicates: replicates, seed: seed)
    let replicates = try bootstrap.values(of: pair, resources: resources) { chosen in
      Correlations.pearson(chosen.map { pair.x[$0] }, chosen.map { pair.y[$0] })
    }
    var relation = Relation(
      x: xName, xUnit: columnX.unit, y: yName, yUnit: columnY.unit, pearson: test(r, effective),
      pearsonBootstrap: BlockBootstrap.correlationInterval(
        value: r, replicates: replicates,
        stretch: BlockBootstrap.stretch(correlations: replicates, effective: effective),
        confidence: confidence),
      bootstrapBlock: [bootstrap.block.z, bootstrap.block.y, bootstrap.block.x],
      spearman: test(Correlations.spearman(pair.x, pair.y), rankEffective, .spearman),
      kendall: test(Correlations.kendall(pair.x, pair.y), rankEffective, .kendall),
      mutualInformation: MutualInformation(pair.x, pair.y, effectiveCount: effective),
      profile: BinnedProfile(equalCount: bins, of: pair, effective: effective, confidence: confidence))

    let depth = table.depth(along: depthAxis)
    var removed = shape[depthAxis] > 1 ? [pair.voxels.map { depth[$0] }] : []
    for name in controls where name != xName && name != yName {
      let values = try table.column(name).values
      removed.append(pair.voxels.map { values[$0] })
    }
    if !removed.isEmpty, removed.allSatisfy({ $0.allSatisfy(\.isFinite) }) {
      let restX = try Correlations.residuals(pair.x, controls: removed)
      let restY = try Correlations.residuals(pair.y, controls: removed)
      let partial = Correlations.pearson(restX, restY)
      if !partial.isNaN {
        relation.partial = test(
          partial, try pair.effectiveCount(of: restX, restY), controls: removed.count)
      }
    }
    try addErrors(to: &relation, pair, table, effective, bootstrap, resources)
    return relation
  }

  private func addErrors(
    to relation: inout Relation, _ pair: FieldPair, _ table: VoxelTable, _ effective: Double,
    _ bootstrap: BlockBootstrap, _ resources: Resources
  ) throws(VoxelithError) {
    func sigma(_ name: String) throws(VoxelithError) -> [Double]? {
      guard let column = sigmas[name] else { return nil }
      let values = try table.column(column).values
      return pair.voxels.map { values[$0] }
    }
    let sigmaX = try sigma(relation.x)
    let sigmaY = try sigma(relation.y)
    guard sigmaX != nil || sigmaY != nil else { return }
    let both = [sigmaX, sigmaY].compactMap { $0 }
    guard both.allSatisfy({ $0.allSatisfy { $0 >= 0 && $0.isFinite } }) else {
      throw VoxelithError(
        .data, "an error of \(relation.x) or \(relation.y) is missing or negative where the value is there")
    }
    relation.errorsInVariables = try ErrorsInVariables(
      pair, sigmaX: sigmaX, sigmaY: sigmaY, effective: effective, bootstrap: bootstrap,
      confidence: confidence, resources: resources)
    let weights = pair.x.indices.map { i in
      let x = sigmaX.map { $0[i] / spread(pair.x) } ?? 0
      let y = sigmaY.map { $0[i] / spread(pair.y) } ?? 0
      return 1 / max(1e-12, x * x + y * y)
    }
    let weighted = Correlations.pearson(pair.x, pair.y, weights: weights)
    // Unequal weights make the voxels count for fewer (Kish 1965).
    let sum = weights.reduce(0, +)
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    let kish = sum * sum / squares / Double(pair.count)
    relation.weighted = CorrelationTest(
      weighted, voxels: pair.count, effective: max(3, effective * kish), confidence: confidence)
  }
}

private func spread(_ values: [Double]) -> Double {
  var moments = Moments()
  for value in values { moments.add(value) }
  return moments.standardDeviation
}
