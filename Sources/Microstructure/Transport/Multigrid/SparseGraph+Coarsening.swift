import Volumetry

extension SparseGraph {
  /// Joins the unknowns of each block of cells that hang together through strong edges.
  ///
  /// - Parameters:
  ///   - driven: the axis that fixed faces lie across.
  ///   - strength: edges below this share of the strongest of both ends do not join.
  /// - Returns: the number of the new unknown for each old one, and the matrix of the next level.
  func coarsened(
    on lattice: Lattice, driven: Axis, strength: Float, threads: Int
  ) throws(VoxelithError) -> (aggregate: [Int32], graph: SparseGraph) {
    let order = orderedByBlock(lattice)
    let parent = joined(on: lattice, strength: strength)
    var aggregate = [Int32](repeating: -1, count: count)
    var total: Int32 = 0
    for unknown in order {
      let root = Self.root(parent, Int(unknown))
      if aggregate[root] < 0 {
        aggregate[root] = total
        total += 1
      }
      aggregate[Int(unknown)] = aggregate[root]
    }
    let graph = try summed(over: aggregate, count: Int(total), on: lattice, driven: driven, threads: threads)
    return (aggregate, graph)
  }

  /// The unknowns in the order of the blocks that they fall into.
  private func orderedByBlock(_ lattice: Lattice) -> [Int32] {
    let coarse = lattice.coarser.shape
    let shifts = lattice.shifts
    return Self.order(cells.map { Int32($0.shifted(by: shifts).index(in: coarse)) }, keys: coarse.count)
  }

  /// Positions sorted by key, equal keys in their order.
  private static func order(_ keys: [Int32], keys keyCount: Int) -> [Int32] {
    var next = [Int32](repeating: 0, count: keyCount + 1)
    for key in keys { next[Int(key) + 1] += 1 }
    for key in 0..<keyCount { next[key + 1] += next[key] }
    var order = [Int32](repeating: 0, count: keys.count)
    for index in keys.indices {
      let key = Int(keys[index])
      order[Int(next[key])] = Int32(index)
      next[key] += 1
    }
    return order
  }

  /// Union-find over the strong edges within blocks; a root is its own parent and the lowest number.
  private func joined(on lattice: Lattice, strength: Float) -> [Int32] {
    let shifts = lattice.shifts
    var strongest = [Float](repeating: 0, count: count)
    for row in 0..<count {
      for entry in entries(ofRow: row) { strongest[row] = max(strongest[row], weights[entry]) }
    }
    var parent = (0..<Int32(count)).map { $0 }
    for row in 0..<count {
      let block = cells[row].shifted(by: shifts)
      for entry in entries(ofRow: row) {
        let other = Int(columns[entry])
        guard other < row, cells[other].shifted(by: shifts) == block,
          weights[entry] >= strength * max(strongest[row], strongest[other])
        else { continue }
        let (a, b) = (Self.root(parent, row), Self.root(parent, other))
        if a != b { parent[max(a, b)] = Int32(min(a, b)) }
      }
    }
    return parent
  }

  private static func root(_ parent: [Int32], _ start: Int) -> Int {
    var node = start
    while Int(parent[node]) != node { node = Int(parent[node]) }
    return node
  }

  private func summed(
    over aggregate: [Int32], count total: Int, on lattice: Lattice, driven: Axis, threads: Int
  ) throws(VoxelithError) -> SparseGraph {
    let members = Self.order(aggregate, keys: total)
    var starts = [Int32](repeating: 0, count: total + 1)
    for unknown in aggregate { starts[Int(unknown) + 1] += 1 }
    for index in 0..<total { starts[index + 1] += starts[index] }
    let shifts = lattice.shifts
    let chunk = 4096
    let memberStarts = starts
    return try SparseGraph(
      pieces: (total + chunk - 1) / chunk, driven: driven, threads: threads
    ) { index in
      var piece = Piece()
      for unknown in (index * chunk)..<min((index + 1) * chunk, total) {
        var cell = Cell(z: 0, y: 0, x: 0)
        for member in memberStarts[unknown]..<memberStarts[unknown + 1] {
          let row = Int(members[Int(member)])
          cell = cells[row]
          for entry in entries(ofRow: row) {
            let column = Int(columns[entry])
            let other = Int(aggregate[column])
            if other != unknown {
              piece.add(weights[entry], to: other)
            } else if column > row {
              piece.addInner(weights[entry], across: cell.axis(to: cells[column]) ?? driven)
            }
          }
          piece.addGround(ground(ofRow: row))
        }
        piece.endRow(cell: cell.shifted(by: shifts))
      }
      return piece
    }
  }
}
