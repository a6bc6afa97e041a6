public import Volumetry

/// Everything that is asked about the relations of a table's quantities.
public struct CorrelationAnalysis: Sendable {
  /// Covariance of the errors of two quantities: the column that holds it.
  public struct SharedErrors: Sendable, Hashable {
    public var x: String
    public var y: String
    public var column: String

    public init(x: String, y: String, column: String) {
      self.x = x
      self.y = y
      self.column = column
    }
  }

  /// Level of the intervals.
  public var confidence = 0.95
  /// What is removed from both sides for the partial coefficients.
  public var controls = ControlSettings()
  public var depthAxis = Axis.z
  /// Standard errors of a quantity: the column that holds them, by the name of the quantity.
  public var sigmas: [String: String] = [:]
  /// What the errors of two quantities have in common; it is taken out of coefficients and slopes.
  public var sharedErrors: [SharedErrors] = []
  /// The quantity that all others together are to explain (``DescriptorRegression``); nil for none.
  public var explained: String?
  /// The descriptors of it; nil takes all that are neither errors nor shares of others.
  public var descriptors: [String]?
  /// Quantities that are no descriptors unless `descriptors` names them: another measurement of what is to be explained.
  public var notDescriptors: Set<String> = []
  public var bins = 10
  public var replicates = 1000
  public var seed: UInt64 = 1

  /// Fields without relation that tell what there is by chance.
  var surrogates: Int { min(max(10, replicates), 499) }

  /// Voxels of pairs that wait for their mutual information, from which they are told it.
  private static let mostWaiting = 1 << 18

  public init() {}

  /// Columns that are errors and no quantities.
  public var errorColumns: Set<String> { Set(sigmas.values).union(sharedErrors.map(\.column)) }

  /// Numbers for each pair of quantities, with false discoveries controlled over all of their p values.
  ///
  /// A pair with too few voxels or a constant side is told with its reason and without numbers.
  ///
  /// - Parameter pairs: names of x and y; nil takes all pairs of columns that are not errors of others.
  /// - Throws: `usage` for unknown names, `data` where errors are missing or negative.
  public func run(
    _ table: VoxelTable, pairs: [(x: String, y: String)]? = nil, resources: Resources = Resources()
  ) throws(VoxelithError) -> CorrelationReport {
    try controls.validate()
    let (table, outliers) = table.screened(apart: errorColumns)
    for name in controls.fields { _ = try table.column(name) }
    let names = table.columns.map(\.name).filter { !errorColumns.contains($0) }
    var wanted = pairs ?? []
    if pairs == nil {
      for i in names.indices { for j in names.indices where j > i { wanted.append((names[i], names[j])) } }
    }
    guard !wanted.isEmpty || pairs == nil else {
      throw VoxelithError(.usage, "there is no pair of quantities to compare")
    }
    var relations: [Relation] = []
    var requests: [(relation: Int, request: InformationTests.Request)] = []
    let informations = InformationTests(surrogates: surrogates, seed: seed, confidence: confidence)
    for (done, pair) in wanted.enumerated() {
      resources.progress.report("correlate", done: done, of: wanted.count, unit: "pairs")
      try resources.cancellation.check()
      var request: InformationTests.Request?
      relations.append(
        try PairAnalysis(self, table, pair.x, pair.y).relation(resources, information: &request))
      if let request { requests.append((done, request)) }
      // Pairs are asked together, as many as memory holds with ease.
      if done + 1 == wanted.count
        || requests.reduce(0, { $0 + $1.request.pair.count }) > Self.mostWaiting
      {
        let found = try informations.results(of: requests.map(\.request), resources)
        for (entry, information) in zip(requests, found) {
          relations[entry.relation].mutualInformation = information
        }
        requests = []
      }
    }
    let p = relations.map(\.pValues)
    let all = p.flatMap { $0 }
    let hochberg = FalseDiscovery.adjust(all, method: .benjaminiHochberg)
    let yekutieli = FalseDiscovery.adjust(all, method: .benjaminiYekutieli)
    let width = p.first?.count ?? 0
    for i in relations.indices {
      let range = (i * width)..<((i + 1) * width)
      relations[i].setAdjusted(hochberg: hochberg[range], yekutieli: yekutieli[range])
    }
    resources.progress.report("correlate", done: wanted.count, of: wanted.count, unit: "pairs")
    var model: DescriptorRegression?
    var reason: String?
    if explained != nil {
      do throws(VoxelithError) {
        model = try regression(table)
      } catch  where error.code == .data {
        reason = error.message
      }
    }
    let spacing = table.grid.spacing
    return CorrelationReport(
      confidence: confidence, seed: seed, replicates: replicates,
      voxelSizeUm: [spacing.z, spacing.y, spacing.x], controls: controls,
      tests: all.count { !$0.isNaN }, relations: relations, descriptors: model, descriptorsReason: reason,
      directions: table.columns.compactMap { column in
        column.values.allSatisfy(\.isNaN)
          ? nil
          : column.period.map {
            AxialSummary(quantity: column.name, degrees: column.values, period: $0)
          }
      }, depthProfiles: try profiles(table, names), outliers: outliers.isEmpty ? nil : outliers)
  }

  private func profiles(
    _ table: VoxelTable, _ names: [String]
  ) throws(VoxelithError) -> [CorrelationReport.DepthProfile] {
    var profiles: [CorrelationReport.DepthProfile] = []
    let depth = table.depth(along: depthAxis)
    let step = table.grid.spacing(along: depthAxis)
    let edges = (0...table.grid.shape[depthAxis]).map { Double($0) * step }
    for name in names {
      let column = try table.column(name)
      guard column.period == nil,
        let pair = try? FieldPair(depth, column.values, shape: table.grid.shape, names: ("depth", name))
      else { continue }
      let effective = try effectiveCountOfMean(pair.onGrid(pair.y), shape: table.grid.shape)
      profiles.append(
        CorrelationReport.DepthProfile(
          quantity: name, unit: column.unit, axis: depthAxis.rawValue,
          profile: BinnedProfile(edges: edges, of: pair, effective: effective, confidence: confidence)))
    }
    return profiles
  }
}
