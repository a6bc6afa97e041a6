import Volumetry

/// Mutual information of pairs with p values and intervals that know that voxels are neighbours.
///
/// Surrogates of y tell what there is by chance (`NullScatter`). All pairs of one shape see the same noise, and those with
/// the same y on the same voxels the same surrogates, so that both are made once.
struct InformationTests {
  struct Request {
    let pair: FieldPair
    /// Number of independent voxels, for the cells.
    let effective: Double
  }

  /// How many fields without relation are looked at.
  let surrogates: Int
  let seed: UInt64
  let confidence: Double

  /// Values in cells: of x by voxel, of y in rising order.
  private struct Cells: Sendable {
    let bins: Int
    let x: [Int]
    let sortedY: [Int]
    let own: Double
  }

  /// Pairs whose y is the same.
  private struct Group: Sendable {
    let surrogates: SpatialSurrogates
    var members: [Int]
  }

  /// - Parameter requests: pairs on one grid.
  func results(
    of requests: [Request], _ resources: Resources
  ) throws(VoxelithError) -> [MutualInformation] {
    guard let first = requests.first else { return [] }
    let cells = requests.map { request in
      let bins = MutualInformation.bins(request.effective)
      let x = MutualInformation.cells(request.pair.x, bins)
      let y = MutualInformation.cells(request.pair.y, bins)
      return Cells(
        bins: bins, x: x, sortedY: y.sorted(), own: JointCells(x, y, bins: bins).information)
    }
    let noise = SurrogateNoise(shape: first.pair.shape, seed: seed)
    let groups = try groups(requests, noise)
    let reached = try Parallel.map(surrogates, threads: resources.threads) {
      (number) throws(VoxelithError) -> [Double] in
      let white = try noise.spectrum(number)
      var informations = [Double](repeating: 0, count: cells.count)
      for group in groups {
        let order = Self.order(try group.surrogates.columns(noise: white)[0])
        for member in group.members {
          let pair = cells[member]
          informations[member] =
            JointCells(pair.x, inOrder: order, pair.sortedY, bins: pair.bins).information
        }
      }
      return informations
    }
    return requests.indices.map { index in
      let own = cells[index].own
      let others = reached.map { $0[index] }
      let scatter = NullScatter(others, least: 0.5 / max(1, requests[index].effective))
      let found = scatter.interval(of: own, confidence: confidence)
      var result = MutualInformation(uncorrected: own, nats: found.value, bins: cells[index].bins)
      result.interval = found
      result.pValue = Double(others.count { $0 >= own } + 1) / Double(surrogates + 1)
      result.surrogates = surrogates
      return result
    }
  }

  private func groups(
    _ requests: [Request], _ noise: SurrogateNoise
  ) throws(VoxelithError) -> [Group] {
    var groups: [Group] = []
    for (index, request) in requests.enumerated() {
      let pair = request.pair
      let known = groups.firstIndex {
        let other = requests[$0.members[0]].pair
        return other.voxels == pair.voxels && other.y == pair.y
      }
      if let known {
        groups[known].members.append(index)
        continue
      }
      let n = Double(pair.count)
      let scores = Correlations.ranks(pair.y).map { Distributions.normalQuantile(($0 - 0.5) / n) }
      groups.append(
        Group(surrogates: try SpatialSurrogates(of: [scores], on: pair, noise: noise), members: [index]))
    }
    return groups
  }

  /// Places of values from the least to the largest, equal ones as they stand.
  private static func order(_ values: [Float]) -> [Int] {
    var keys = values.indices.map { place -> UInt64 in
      // The bits of a number that is not negative are in its order, those of others in the opposite one; both zeros are one.
      let bits = (values[place] + 0).bitPattern
      let key = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
      return UInt64(key) << 32 | UInt64(place)
    }
    sort(&keys)
    return keys.map { Int($0 & 0xFFFF_FFFF) }
  }

  /// Sorts by the upper 32 bits, equal ones as they stand: eleven bits after eleven bits, which takes a quarter of a comparing
  /// sort's time for some thousand keys.
  private static func sort(_ keys: inout [UInt64]) {
    var sorted = keys
    distribute(keys.span, by: 32, into: &sorted)
    distribute(sorted.span, by: 43, into: &keys)
    distribute(keys.span, by: 54, into: &sorted)
    keys = sorted
  }

  /// Sorts by eleven bits.
  private static func distribute(_ source: Span<UInt64>, by shift: UInt64, into sorted: inout [UInt64]) {
    let size = 1 << 11
    var starts = [Int](repeating: 0, count: size)
    var places = starts.mutableSpan
    for i in source.indices { places[Int(source[i] >> shift) & (size - 1)] += 1 }
    var sum = 0
    for digit in 0..<size {
      let count = places[digit]
      places[digit] = sum
      sum += count
    }
    var target = sorted.mutableSpan
    for i in source.indices {
      let digit = Int(source[i] >> shift) & (size - 1)
      target[places[digit]] = source[i]
      places[digit] += 1
    }
  }
}
