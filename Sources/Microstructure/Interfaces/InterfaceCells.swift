import Volumetry

/// The phases that interfaces are measured between, and their places in the lists of sums.
struct InterfaceCells: Sendable {
  let phases: [UInt32]
  let outside: UInt32?

  /// Place of each label; -1 outside the sample and for labels that were not asked for.
  func classes(of labels: [UInt32]) -> [Int8] {
    var last = Labels.missing
    var place: Int8 = -1
    return labels.map { label in
      if label == last { return place }
      last = label
      place =
        label == Labels.missing || label == outside
        ? -1 : phases.firstIndex(of: label).map { Int8($0) } ?? -1
      return place
    }
  }

  /// The places that occur among these, in their order.
  func present(in classes: [Int8]) -> [Int8] {
    var isPresent = [Bool](repeating: false, count: phases.count)
    for place in classes where place >= 0 { isPresent[Int(place)] = true }
    return phases.indices.filter { isPresent[$0] }.map { Int8($0) }
  }

  var pairs: [(Int, Int)] {
    phases.indices.flatMap { a in ((a + 1)..<max(a + 1, phases.count)).map { (a, $0) } }
  }

  func pair(_ a: Int, _ b: Int) -> Int {
    let (low, high) = (min(a, b), max(a, b))
    return low * (2 * phases.count - low - 1) / 2 + high - low - 1
  }

  var triples: [(Int, Int, Int)] {
    pairs.flatMap { a, b in ((b + 1)..<max(b + 1, phases.count)).map { (a, b, $0) } }
  }
}
