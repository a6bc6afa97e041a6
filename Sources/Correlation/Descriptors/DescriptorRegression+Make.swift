import Foundation
import Volumetry

extension DescriptorRegression {
  /// Descriptors at most: shares are means over all orders in which they can enter.
  static let most = 10
  static let folds = 5

  /// - Parameters:
  ///   - pair: the quantity as y.
  ///   - errors: variance of the errors of the quantity, voxel by voxel; empty for none.
  /// - Throws: `data` where descriptors depend on each other or errors are all of one.
  init(
    quantity: String, _ pair: FieldPair, errors: [Double], descriptors: [DescriptorColumns],
    effective: Double, replicates: Int, seed: UInt64, confidence: Double
  ) throws(VoxelithError) {
    let bootstrap = BlockBootstrap(shape: pair.shape, voxels: pair.count, effective: effective)
    let blocks = Self.sums(pair, errors: errors, descriptors, block: bootstrap.block)
    var groups: [[Int]] = []
    for descriptor in descriptors {
      let first = groups.reduce(0) { $0 + $1.count }
      groups.append(Array(first..<(first + descriptor.columns.count)))
    }
    let columns = groups.reduce(0) { $0 + $1.count }
    let total = blocks.reduce(GramSums(columns: columns), +)
    let all = Array(0..<columns)
    guard let model = total.model(all) else {
      throw VoxelithError(.data, "the descriptors depend on each other, or are all error")
    }
    let point = Self.numbers(total, groups: groups, model: model)
    let scatter = try ModelScatter(pair, descriptors, total)
    var samples: [[Double]] = []
    var plain: [[Double]] = []
    var random = SeededGenerator(seed: seed, stream: 0xDE5C)
    for _ in 0..<replicates {
      var sum = GramSums(columns: columns)
      for _ in blocks.indices {
        sum = sum + blocks[min(blocks.count - 1, Int(random.uniform() * Double(blocks.count)))]
      }
      if let model = sum.model(all) {
        let numbers = Self.numbers(sum, groups: groups, model: model)
        if numbers.allSatisfy(\.isFinite) { samples.append(numbers) }
        if let slopes = sum.withoutErrors.model(all) { plain.append(Array(slopes.dropFirst())) }
      }
    }
    guard samples.count >= 10 else {
      throw VoxelithError(.data, "too few voxels for a model of \(descriptors.count) descriptors")
    }
    // Few blocks are too alike, see ``BlockBootstrap/stretch(correlations:effective:)``.
    let count = Double(max(2, blocks.count))
    let stretches = scatter.stretches(of: plain, confidence: confidence).map {
      max($0, (count / (count - 1)).squareRoot())
    }
    let widest = stretches.max() ?? 1
    func estimate(_ index: Int, _ stretch: Double) -> Estimate {
      BlockBootstrap.interval(
        value: point[index], replicates: samples.map { $0[index] }, stretch: stretch, confidence: confidence)
    }
    /// Shares cannot be negative, so that resampled ones lie above what there is by chance.
    func share(_ index: Int, columns: Int) -> Estimate {
      let resampled = estimate(index, widest)
      let chance = scatter.ofShare(columns: columns, explained: point[0]).interval(
        of: point[index], most: 1, confidence: confidence)
      return Estimate(
        value: resampled.value, low: max(0, min(resampled.low, chance.low)),
        high: min(1, max(resampled.high, chance.high)))
    }
    self.quantity = quantity
    voxels = pair.count
    effectiveVoxels = min(effective, scatter.effective)
    explained = share(0, columns: columns)
    let parts = min(Self.folds, blocks.count)
    folds = parts
    block = [bootstrap.block.z, bootstrap.block.y, bootstrap.block.x]
    let unseen = Self.predicted(blocks, total, parts, all)
    predicted = unseen.isFinite ? unseen : nil
    let correlations = Self.correlations(total)
    var found: [Share] = []
    for (index, descriptor) in descriptors.enumerated() {
      let group = groups[index]
      let others = all.filter { !group.contains($0) }
      let alone = group.count == 1
      let loss = unseen - Self.predicted(blocks, total, parts, others)
      let r = alone ? total.explainedColumn(group[0], by: others) : .nan
      found.append(
        Share(
          name: descriptor.name,
          slope: alone ? estimate(1 + groups.count + group[0], stretches[group[0]]) : nil,
          standardisedSlope: alone
            ? estimate(1 + groups.count + columns + group[0], stretches[group[0]]) : nil,
          share: share(1 + index, columns: group.count),
          predictiveLoss: loss.isFinite ? loss : nil,
          varianceInflation: alone ? 1 / max(1e-12, 1 - r) : 1,
          reliability: descriptor.errors.isEmpty ? nil : total.reliability(group[0])))
    }
    self.descriptors = found
    let condition = Self.condition(correlations)
    conditionNumber = condition.isFinite ? condition : nil
    var notes: [String] = []
    for share in found where share.varianceInflation > 10 {
      notes.append(
        "\(share.name) is known from the other descriptors (variance inflation \(Int(share.varianceInflation.rounded()))): their slopes cannot be separated"
      )
    }
    if unseen <= 0 { notes.append("the model predicts unseen blocks no better than the mean does") }
    self.notes = notes
  }

  /// [explained, share of each group, slope of each column, standardised slope of each column].
  private static func numbers(_ sums: GramSums, groups: [[Int]], model: [Double]) -> [Double] {
    let p = model.count - 1
    let c = sums.covariances
    let subsets = (0..<(1 << groups.count)).map { mask in
      sums.explained(groups.indices.filter { mask & (1 << $0) != 0 }.flatMap { groups[$0] }, covariances: c)
    }
    let g = groups.count
    var weights = [Double](repeating: 0, count: g)
    for size in 0..<g {
      // Share of the orders in which a given set of this size comes before.
      weights[size] = exp(lgamma(Double(size) + 1) + lgamma(Double(g - size)) - lgamma(Double(g) + 1))
    }
    let shares = groups.indices.map { index -> Double in
      var sum = 0.0
      for mask in subsets.indices where mask & (1 << index) == 0 {
        sum += weights[mask.nonzeroBitCount] * (subsets[mask | (1 << index)] - subsets[mask])
      }
      return sum
    }
    let slopes = Array(model.dropFirst())
    let standardised = (0..<p).map { slopes[$0] * max(0, c[$0, $0] / max(c[p, p], 1e-300)).squareRoot() }
    return [subsets[subsets.count - 1]] + shares + slopes + standardised
  }

  /// Sums of every block that has voxels.
  private static func sums(
    _ pair: FieldPair, errors: [Double], _ descriptors: [DescriptorColumns], block: Shape
  ) -> [GramSums] {
    let columns = descriptors.flatMap(\.columns)
    let p = columns.count
    let across = Shape(
      z: (pair.shape.z + block.z - 1) / block.z, y: (pair.shape.y + block.y - 1) / block.y,
      x: (pair.shape.x + block.x - 1) / block.x)
    var result = [GramSums](repeating: GramSums(columns: p), count: across.count)
    var vector = [Double](repeating: 1, count: p + 2)
    for (i, voxel) in pair.voxels.enumerated() {
      let at = pair.shape.indices(of: voxel)
      let index = across.index(z: at.z / block.z, y: at.y / block.y, x: at.x / block.x)
      for column in 0..<p { vector[column + 1] = columns[column][i] }
      vector[p + 1] = pair.y[i]
      for a in 0...(p + 1) {
        for b in 0...(p + 1) { result[index].products[a, b] += vector[a] * vector[b] }
      }
      if !errors.isEmpty { result[index].errors[p + 1, p + 1] += errors[i] }
      var column = 1
      for descriptor in descriptors {
        if !descriptor.errors.isEmpty { result[index].errors[column, column] += descriptor.errors[i] }
        if !descriptor.sharedErrors.isEmpty {
          result[index].errors[column, p + 1] += descriptor.sharedErrors[i]
          result[index].errors[p + 1, column] += descriptor.sharedErrors[i]
        }
        column += descriptor.columns.count
      }
      result[index].count += 1
    }
    return result.filter { $0.count > 0 }
  }

  /// Part of the variance of left-out blocks that models of the others predict.
  private static func predicted(_ blocks: [GramSums], _ total: GramSums, _ parts: Int, _ chosen: [Int])
    -> Double
  {
    guard parts > 1 else { return .nan }
    var left = 0.0
    var whole = 0.0
    for part in 0..<parts {
      var test = GramSums(columns: total.products.rows - 2)
      for (index, block) in blocks.enumerated() where index % parts == part { test = test + block }
      let training = total - test
      guard let model = training.model(chosen), let constant = training.model([]) else { return .nan }
      left += test.rest(model)
      whole += test.rest(constant)
    }
    return whole > 0 ? 1 - left / whole : .nan
  }

  private static func correlations(_ sums: GramSums) -> Matrix {
    let c = sums.covariances
    let p = c.rows - 1
    var result = Matrix(identity: p)
    for i in 0..<p {
      for j in 0..<p where i != j {
        result[i, j] = c[i, j] / max(1e-300, c[i, i] * c[j, j]).squareRoot()
      }
    }
    return result
  }

  /// Root of the greatest over the least eigenvalue, by power iteration on the matrix and its inverse.
  private static func condition(_ matrix: Matrix) -> Double {
    func largest(_ m: Matrix) -> Double {
      var v = (0..<m.rows).map { 1 + 0.1 * Double($0) }
      var size = 0.0
      for _ in 0..<500 {
        v = m * v
        size = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard size > 0 else { return 0 }
        v = v.map { $0 / size }
      }
      return size
    }
    guard let inverse = matrix.inverse else { return .infinity }
    return (largest(matrix) * largest(inverse)).squareRoot()
  }
}

extension GramSums {
  /// Part of the variance of a column that other columns explain.
  func explainedColumn(_ column: Int, by others: [Int]) -> Double {
    guard !others.isEmpty else { return 0 }
    let c = covariances
    let inner = Matrix(others.map { i in others.map { c[i, $0] } })
    guard let factor = Cholesky(inner, tolerance: 1e-10), c[column, column] > 0 else { return 1 }
    let right = others.map { c[$0, column] }
    return zip(factor.solve(right), right).reduce(0) { $0 + $1.0 * $1.1 } / c[column, column]
  }

  /// Part of the variance of a column that is not error.
  func reliability(_ column: Int) -> Double {
    let c = covariances[column, column]
    let error = errors[column + 1, column + 1] / count
    return c + error > 0 ? max(0, c / (c + error)) : 0
  }
}
