import Foundation
import Volumetry

/// All numbers of one pair of quantities.
struct PairAnalysis {
  let analysis: CorrelationAnalysis
  let table: VoxelTable
  let x: VoxelTable.Column
  let y: VoxelTable.Column

  init(
    _ analysis: CorrelationAnalysis, _ table: VoxelTable, _ x: String, _ y: String
  ) throws(VoxelithError) {
    self.analysis = analysis
    self.table = table
    self.x = try table.column(x)
    self.y = try table.column(y)
  }

  private var confidence: Double { analysis.confidence }
  private var surrogates: Int { analysis.surrogates }

  /// The relation without its mutual information.
  ///
  /// - Parameter information: takes what that is asked for with, where there is any.
  func relation(
    _ resources: Resources, information: inout InformationTests.Request?
  ) throws(VoxelithError) -> Relation {
    var relation = Relation(x: x.name, xUnit: x.unit, y: y.name, yUnit: y.unit)
    let pair: FieldPair
    do throws(VoxelithError) {
      pair = try FieldPair(x.values, y.values, shape: table.grid.shape, names: (x.name, y.name))
    } catch  where error.code == .data {
      relation.reason = error.message
      return relation
    }
    if x.period != nil || y.period != nil {
      relation.reason = "a direction has no linear coefficients; see axial"
      do throws(VoxelithError) {
        try addAxial(to: &relation, pair, resources)
      } catch  where error.code == .data {
        relation.reason = error.message
      }
      return relation
    }
    let effective = try pair.effectiveCount(of: pair.x, pair.y)
    if pair.count < FieldPair.fewestForLikeness {
      relation.notes.append(
        "fewer than \(FieldPair.fewestForLikeness) voxels do not show how alike neighbours are: they are taken as independent"
      )
    }
    let errors = try errors(of: pair)
    let shift = errors.shared.map { sharedPart($0, pair) } ?? 0
    let raw = Correlations.pearson(pair.x, pair.y)
    let r = clamp(raw - shift)
    relation.pearson = CorrelationTest(
      r, voxels: pair.count, effective: effective, confidence: confidence)
    try addRanks(to: &relation, pair, raw: raw, r: r, effective)
    let bootstrap = BlockBootstrap(
      shape: pair.shape, voxels: pair.count, effective: effective, replicates: analysis.replicates,
      seed: analysis.seed)
    let replicates = try bootstrap.correlations(of: pair, resources: resources)
    let stretch = BlockBootstrap.stretch(correlations: replicates, effective: effective)
    relation.pearsonBootstrap = BlockBootstrap.correlationInterval(
      value: r, replicates: replicates.map { clamp($0 - shift) }, stretch: stretch, confidence: confidence)
    relation.bootstrapBlock = [bootstrap.block.z, bootstrap.block.y, bootstrap.block.x]
    information = InformationTests.Request(pair: pair, effective: effective)
    if shift != 0 {
      relation.notes.append(
        "errors that both quantities share are taken out of coefficients and slopes; mutual information still contains them"
      )
    }
    relation.line = RegressionLine(pair, r: r, effective: effective, confidence: confidence)
    relation.profile = BinnedProfile(
      equalCount: analysis.bins, of: pair, effective: effective, confidence: confidence)
    try addPartial(to: &relation, pair, errors)
    try addErrors(to: &relation, pair, errors, effective, bootstrap, replicates, resources)
    return relation
  }

  private func addAxial(
    to relation: inout Relation, _ pair: FieldPair, _ resources: Resources
  ) throws(VoxelithError) {
    let chance = AxialRelation.Chance(
      surrogates: surrogates, seed: analysis.seed, confidence: confidence, resources: resources)
    relation.axial = try AxialRelation(pair, periodX: x.period, periodY: y.period, chance: chance)
    guard let fields = try controlFields(of: pair) else {
      relation.notes.append(Self.missingControl)
      return
    }
    let basis = ControlBasis(
      analysis.controls, of: pair, grid: table.grid, depth: analysis.depthAxis, fields: fields)
    guard basis.spent > 0 else { return }
    relation.axialPartial = try? AxialRelation(
      pair, periodX: x.period, periodY: y.period, controls: basis, chance: chance)
    relation.controls = controls(basis)
    if relation.axialPartial == nil {
      relation.notes.append("the controls explain one of both quantities: no partial coefficient")
    }
  }

  private static let missingControl =
    "a control is missing where both quantities are known: no partial coefficient"

  /// Fields of the controls; nil where one is missing at a voxel that counts.
  private func controlFields(
    of pair: FieldPair
  ) throws(VoxelithError) -> [(name: String, values: [Double])]? {
    var fields: [(name: String, values: [Double])] = []
    for name in analysis.controls.fields where name != x.name && name != y.name {
      fields.append((name, try table.column(name).values))
    }
    let isComplete = pair.voxels.allSatisfy { voxel in fields.allSatisfy { $0.values[voxel].isFinite } }
    return isComplete ? fields : nil
  }

  private func controls(_ basis: ControlBasis) -> [Relation.Control] {
    basis.parts.map { Relation.Control(name: $0.name, kind: $0.kind, degrees: $0.degrees) }
  }

  /// Ranks lose what errors share in the measure of a bivariate normal: rho_s = 6/pi asin(r/2), tau = 2/pi asin(r)
  /// (Kendall 1970, chapter 9).
  private func addRanks(
    to relation: inout Relation, _ pair: FieldPair, raw: Double, r: Double, _ effective: Double
  ) throws(VoxelithError) {
    let rankX = Correlations.ranks(pair.x)
    let rankY = Correlations.ranks(pair.y)
    let count = try pair.effectiveCount(of: rankX, rankY)
    let spearman = Correlations.pearson(rankX, rankY) + 6 / .pi * (asin(0.5 * r) - asin(0.5 * raw))
    relation.spearman = CorrelationTest(
      clamp(spearman), voxels: pair.count, effective: count, confidence: confidence, kind: .spearman,
      exact: pair.count <= ExactRanks.most
        ? ExactRanks.tail(rankX, rankY, coefficient: clamp(spearman)) : nil)
    let tau = KendallTau(pair.x, pair.y)
    let kendall = r == raw ? tau.value : clamp(tau.value + 2 / .pi * (asin(r) - asin(raw)))
    relation.kendall = CorrelationTest(
      kendall, voxels: pair.count, effective: count, confidence: confidence, kind: .kendall, tau: tau,
      exact: r == raw && pair.count <= ExactRanks.most && tau.hasTies
        ? ExactRanks.tail(pair.x, pair.y, score: tau.score) : nil)
  }

  private func addPartial(
    to relation: inout Relation, _ pair: FieldPair, _ errors: Errors
  ) throws(VoxelithError) {
    guard let fields = try controlFields(of: pair) else {
      relation.notes.append(Self.missingControl)
      return
    }
    var depthAlone = analysis.controls
    depthAlone.lateral = .none
    for (settings, used) in [(analysis.controls, fields), (depthAlone, [])] {
      let basis = ControlBasis(
        settings, of: pair, grid: table.grid, depth: analysis.depthAxis, fields: used)
      guard basis.spent > 0 else { continue }
      let restX = basis.residuals(pair.x)
      let restY = basis.residuals(pair.y)
      // Rounding is all that is left of a side that the controls explain.
      guard deviation(restX) > 1e-5 * deviation(pair.x), deviation(restY) > 1e-5 * deviation(pair.y) else {
        relation.notes.append("the controls explain one of both quantities: no partial coefficient")
        continue
      }
      let shift = errors.shared.map { sharedPart($0, pair.replacing(x: restX, y: restY)) } ?? 0
      let left = Double(pair.count - basis.spent) / Double(pair.count)
      let test = CorrelationTest(
        clamp(Correlations.pearson(restX, restY) - left * shift), voxels: pair.count,
        effective: try pair.effectiveCount(of: restX, restY, spent: basis.spent),
        spent: basis.spent, confidence: confidence)
      if settings == analysis.controls {
        relation.partial = test
        relation.controls = controls(basis)
        if settings == depthAlone, used.isEmpty { break }
      } else {
        relation.partialDepth = test
      }
    }
  }

  /// Part of a coefficient that errors of both sides share.
  private func sharedPart(_ covariance: [Double], _ pair: FieldPair) -> Double {
    mean(covariance) / (deviation(pair.x) * deviation(pair.y))
  }

  private func clamp(_ r: Double) -> Double { min(1, max(-1, r)) }

  private struct Errors {
    var x: [Double]?
    var y: [Double]?
    var shared: [Double]?
    /// Whether the errors that both sides share were larger than their own errors allow.
    var isLimited = false
  }

  /// Part by which a mean covariance may exceed that of errors that are one and the same, by the digits of files.
  private static let slack = 1.02

  private func errors(of pair: FieldPair) throws(VoxelithError) -> Errors {
    func pick(_ column: String) throws(VoxelithError) -> [Double] {
      let values = try table.column(column).values
      return pair.voxels.map { values[$0] }
    }
    func sigma(_ name: String) throws(VoxelithError) -> [Double]? {
      guard let column = analysis.sigmas[name] else { return nil }
      let values = try pick(column)
      guard values.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw VoxelithError(
          .data, "an error of \(x.name) or \(y.name) is missing or negative where the value is there")
      }
      return values
    }
    let shared = analysis.sharedErrors.first {
      ($0.x, $0.y) == (x.name, y.name) || ($0.y, $0.x) == (x.name, y.name)
    }
    var errors = Errors(
      x: try sigma(x.name), y: try sigma(y.name),
      shared: try shared.map { (entry) throws(VoxelithError) in
        try pick(entry.column).map { $0.isFinite ? $0 : 0 }
      })
    if let own = errors.x, let other = errors.y, let shared = errors.shared {
      // Two errors have no more in common than both are (Cauchy and Schwarz).
      let most = zip(own, other).map { $0 * $1 }
      errors.isLimited = mean(shared.map { abs($0) }) > Self.slack * mean(most)
      errors.shared = zip(shared, most).map { min($1, max(-$1, $0)) }
    }
    return errors
  }

  private func addErrors(
    to relation: inout Relation, _ pair: FieldPair, _ errors: Errors, _ effective: Double,
    _ bootstrap: BlockBootstrap, _ replicates: [Double], _ resources: Resources
  ) throws(VoxelithError) {
    guard errors.x != nil || errors.y != nil else { return }
    if errors.isLimited {
      relation.notes.append(
        "the errors that both quantities share are larger than their own errors allow and were taken for as large as these: one of them is not known well, and coefficient, slope and intervals may be wrong"
      )
    }
    relation.errorsInVariables = try ErrorsInVariables(
      pair, sigmaX: errors.x, sigmaY: errors.y, covariance: errors.shared, effective: effective,
      bootstrap: bootstrap, correlations: replicates, confidence: confidence, resources: resources)
    let (scaleX, scaleY) = (deviation(pair.x), deviation(pair.y))
    let weights = pair.x.indices.map { i in
      let a = errors.x.map { $0[i] / scaleX } ?? 0
      let b = errors.y.map { $0[i] / scaleY } ?? 0
      return 1 / max(1e-12, a * a + b * b)
    }
    var weighted = Correlations.pearson(pair.x, pair.y, weights: weights)
    let sum = weights.reduce(0, +)
    if let shared = errors.shared {
      let own = zip(shared, weights).reduce(0) { $0 + $1.0 * $1.1 } / sum
      weighted -= own / (scaleX * scaleY)
    }
    // Unequal weights make the voxels count for fewer (Kish 1965).
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    let kish = sum * sum / squares / Double(pair.count)
    relation.weighted = CorrelationTest(
      clamp(weighted), voxels: pair.count, effective: max(3, effective * kish), confidence: confidence)
  }
}
