import Volumetry

extension CorrelationAnalysis {
  /// Degrees of freedom of the depth as a descriptor.
  private static let depthDegrees = 3

  /// The model of all descriptors together.
  ///
  /// - Throws: `usage` for unknown names, `data` where a descriptor is constant or too few voxels have all.
  func regression(_ table: VoxelTable) throws(VoxelithError) -> DescriptorRegression? {
    guard let name = explained else { return nil }
    let target = try table.column(name)
    let shape = table.grid.shape
    let depth = table.depth(along: depthAxis)
    let isDeep = shape[depthAxis] > 1
    let candidates =
      descriptors
      ?? table.columns.map(\.name).filter { !errorColumns.contains($0) && !notDescriptors.contains($0) }
    var used: [VoxelTable.Column] = []
    for candidate in candidates where candidate != name && candidate != "depth" {
      let column = try table.column(candidate)
      // A quantity without variation explains nothing; one that was asked for by name is an error.
      if descriptors == nil,
        (try? FieldPair(column.values, target.values, shape: shape, names: (candidate, name))) == nil
      {
        continue
      }
      used.append(column)
    }
    if descriptors == nil { used = try withoutShares(used, table) }
    guard !used.isEmpty else { throw VoxelithError(.data, "there is no descriptor that varies") }
    guard used.count + (isDeep ? 1 : 0) <= DescriptorRegression.most else {
      throw VoxelithError(
        .data, "\(used.count) descriptors are more than \(DescriptorRegression.most - 1)",
        advice: "name the ones that matter")
    }
    var known = target.values
    for column in used { for i in known.indices where column.values[i].isNaN { known[i] = .nan } }
    let order = known.indices.map { Double($0) }
    let pair = try FieldPair(
      order, known, shape: shape, minimum: 10 * (used.count + 2), names: ("all descriptors", name))
    func pick(_ values: [Double]) -> [Double] { pair.voxels.map { values[$0] } }
    func centred(_ values: [Double]) -> [Double] {
      let middle = mean(values)
      return values.map { $0 - middle }
    }
    func squares(_ quantity: String) throws(VoxelithError) -> [Double] {
      guard let column = sigmas[quantity] else { return [] }
      return pick(try table.column(column).values).map { $0.isFinite ? $0 * $0 : 0 }
    }
    var columns: [DescriptorColumns] = []
    var effective = Double(pair.count)
    for column in used {
      let values = pick(column.values)
      if let period = column.period {
        let parts = axialComponents(values, period: period)
        columns.append(
          DescriptorColumns(name: column.name, columns: [centred(parts.cos), centred(parts.sin)]))
        continue
      }
      var entry = DescriptorColumns(name: column.name, columns: [centred(values)])
      entry.errors = try squares(column.name)
      if let shared = sharedErrors.first(where: {
        ($0.x, $0.y) == (column.name, name) || ($0.y, $0.x) == (column.name, name)
      }) {
        entry.sharedErrors = pick(try table.column(shared.column).values).map { $0.isFinite ? $0 : 0 }
      }
      columns.append(entry)
      effective = min(effective, try pair.effectiveCount(of: values, pair.y))
    }
    if isDeep {
      columns.append(
        DescriptorColumns(
          name: "depth",
          columns: SplineBasis.columns(
            pick(depth), dof: min(Self.depthDegrees, shape[depthAxis] - 1)
          ).map(centred)))
    }
    return try DescriptorRegression(
      quantity: name, pair.replacing(x: pair.x, y: centred(pair.y)), errors: try squares(name),
      descriptors: columns, effective: effective, replicates: min(replicates, 500), seed: seed,
      confidence: confidence)
  }

  /// Leaves out fractions that follow from the others: phases that add up to one everywhere.
  private func withoutShares(
    _ columns: [VoxelTable.Column], _ table: VoxelTable
  ) throws(VoxelithError) -> [VoxelTable.Column] {
    var kept: [VoxelTable.Column] = []
    for column in columns {
      guard column.period == nil else {
        kept.append(column)
        continue
      }
      let linear = kept.filter { $0.period == nil }
      let voxels = column.values.indices.filter { i in
        column.values[i].isFinite && linear.allSatisfy { $0.values[i].isFinite }
      }
      guard voxels.count > linear.count + 2 else { continue }
      var sums = GramSums(columns: linear.count)
      let middles = linear.map { column in mean(voxels.map { column.values[$0] }) }
      let middle = mean(voxels.map { column.values[$0] })
      for i in voxels {
        let vector =
          [1] + linear.indices.map { linear[$0].values[i] - middles[$0] } + [column.values[i] - middle]
        for a in vector.indices {
          for b in vector.indices { sums.products[a, b] += vector[a] * vector[b] }
        }
        sums.count += 1
      }
      let share = sums.explained(Array(linear.indices), covariances: sums.covariances)
      if share.isNaN || share < 0.999 { kept.append(column) }
    }
    return kept
  }
}
