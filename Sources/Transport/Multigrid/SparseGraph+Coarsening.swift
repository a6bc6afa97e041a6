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
  ) throws(VoxelithError) -> (aggregate: PagedArray<Int32>, graph: SparseGraph) {
    let order = try orderedByBlock(lattice)
    let parent = try joined(on: lattice, strength: strength)
    let aggregate = try PagedArray<Int32>(repeating: -1, count: count, in: memory)
    let total = try number(order, by: parent, in: aggregate)
    let graph = try summed(over: aggregate, count: total, on: lattice, driven: driven, threads: threads)
    return (aggregate, graph)
  }

  /// Numbers the new unknowns in the order of the blocks; returns how many there are.
  private func number(
    _ order: PagedArray<Int32>, by parent: PagedArray<Int32>, in aggregate: PagedArray<Int32>
  ) throws(VoxelithError) -> Int {
    let (order, parent) = (order.span, parent.span)
    var numbers = aggregate.mutableSpan
    var total: Int32 = 0
    try memory.inBlocks(of: order.count, bytes: 16) { (block) throws(VoxelithError) in
      try Cancellation.poll()
      for index in block {
        let unknown = Int(order[index])
        let root = Self.root(parent, unknown)
        if numbers[root] < 0 {
          numbers[root] = total
          total += 1
        }
        numbers[unknown] = numbers[root]
      }
    }
    return Int(total)
  }

  /// The unknowns in the order of the blocks that they fall into.
  private func orderedByBlock(_ lattice: Lattice) throws(VoxelithError) -> PagedArray<Int32> {
    let coarse = lattice.coarser.shape
    let shifts = lattice.shifts
    let keys = try PagedArray<Int32>(repeating: 0, count: count, in: memory)
    var span = keys.mutableSpan
    try memory.inBlocks(of: count, bytes: 10) { (block) throws(VoxelithError) in
      try Cancellation.poll()
      for index in block { span[index] = Int32(cells[index].shifted(by: shifts).index(in: coarse)) }
    }
    return try Self.order(keys, starts: try Self.starts(keys, keys: coarse.count))
  }

  /// Where the positions of each key begin if sorted by key; one more entry at the end.
  private static func starts(_ keys: PagedArray<Int32>, keys keyCount: Int) throws(VoxelithError)
    -> PagedArray<Int32>
  {
    let memory = keys.memory
    let starts = try PagedArray<Int32>(repeating: 0, count: keyCount + 1, in: memory)
    var span = starts.mutableSpan
    try memory.inBlocks(of: keys.count, bytes: 8) { (block) throws(VoxelithError) in
      try Cancellation.poll()
      for index in block { span[Int(keys[index]) + 1] += 1 }
    }
    try memory.inBlocks(of: keyCount, bytes: 4) { (block) throws(VoxelithError) in
      try Cancellation.poll()
      for key in block { span[key + 1] += span[key] }
    }
    return starts
  }

  /// Positions sorted by key, equal keys in their order.
  private static func order(
    _ keys: PagedArray<Int32>, starts: PagedArray<Int32>
  ) throws(VoxelithError) -> PagedArray<Int32> {
    let memory = keys.memory
    let next = try starts.copied()
    let order = try PagedArray<Int32>(repeating: 0, count: keys.count, in: memory)
    var nextSpan = next.mutableSpan
    var orderSpan = order.mutableSpan
    try memory.inBlocks(of: keys.count, bytes: 12) { (block) throws(VoxelithError) in
      try Cancellation.poll()
      for index in block {
        let key = Int(keys[index])
        orderSpan[Int(nextSpan[key])] = Int32(index)
        nextSpan[key] += 1
      }
    }
    return order
  }

  /// Union-find over the strong edges within blocks; a root is its own parent and the lowest number.
  private func joined(on lattice: Lattice, strength: Float) throws(VoxelithError) -> PagedArray<Int32> {
    let shifts = lattice.shifts
    let strongest = try PagedArray<Float>(repeating: 0, count: count, in: memory)
    let parent = try PagedArray<Int32>(repeating: 0, count: count, in: memory)
    var most = strongest.mutableSpan
    var parents = parent.mutableSpan
    try memory.inBlocks(of: count, bytes: 40) { (block) throws(VoxelithError) in
      try Cancellation.poll()
      for row in block {
        parents[row] = Int32(row)
        for entry in entries(ofRow: row) { most[row] = max(most[row], weights[entry]) }
      }
    }
    try memory.inBlocks(of: count, bytes: 80) { (block) throws(VoxelithError) in
      try Cancellation.poll()
      for row in block {
        let cell = cells[row].shifted(by: shifts)
        for entry in entries(ofRow: row) {
          let other = Int(columns[entry])
          guard other < row, cells[other].shifted(by: shifts) == cell,
            weights[entry] >= strength * max(most[row], most[other])
          else { continue }
          let (a, b) = (Self.root(parents.span, row), Self.root(parents.span, other))
          if a != b { parents[max(a, b)] = Int32(min(a, b)) }
        }
      }
    }
    return parent
  }

  private static func root(_ parent: Span<Int32>, _ start: Int) -> Int {
    var node = start
    while Int(parent[node]) != node { node = Int(parent[node]) }
    return node
  }

  private func summed(
    over aggregate: PagedArray<Int32>, count total: Int, on lattice: Lattice, driven: Axis, threads: Int
  ) throws(VoxelithError) -> SparseGraph {
    let memberStarts = try Self.starts(aggregate, keys: total)
    let members = try Self.order(aggregate, starts: memberStarts)
    let shifts = lattice.shifts
    let chunk = 4096
    let memory = memory
    return try SparseGraph(
      pieces: (total + chunk - 1) / chunk, driven: driven, memory: memory, threads: threads
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
      memory.touched(600 * chunk)
      return piece
    }
  }
}
