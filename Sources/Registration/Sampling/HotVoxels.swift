import Volumetry

/// Single voxels that differ from all of their neighbours by far more than voxels do: hot or dead pixels of a detector.
struct HotVoxels: Sendable {
  /// Indices, rising, and the median of the six neighbours of each.
  let places: [Int]
  private let medians: [Float]
  private let count: Int

  /// Most that is read to learn how voxels differ from their neighbours.
  private static let samples = 50_000

  init(_ voxels: [Float], shape: Shape, threads: Int) {
    count = voxels.count
    let steps = [Axis.z, .y, .x].filter { shape[$0] > 1 }.map { axis in
      (axis, axis == .z ? shape.y * shape.x : axis == .y ? shape.x : 1)
    }
    /// The median of the neighbours that are there; NaN where there is none.
    @Sendable func median(_ index: Int, _ place: Shape) -> Float {
      var near = [Float]()
      near.reserveCapacity(6)
      for (axis, step) in steps {
        if place[axis] > 0 { near.append(voxels[index - step]) }
        if place[axis] + 1 < shape[axis] { near.append(voxels[index + step]) }
      }
      near.removeAll { $0.isNaN }
      guard !near.isEmpty else { return .nan }
      near.sort()
      return 0.5 * (near[(near.count - 1) / 2] + near[near.count / 2])
    }
    func place(_ index: Int) -> Shape {
      Shape(z: index / (shape.y * shape.x), y: (index / shape.x) % shape.y, x: index % shape.x)
    }
    var rests: [Float] = []
    // A step that shares no factor with the rows reaches all columns alike.
    var step = max(1, voxels.count / Self.samples)
    while step > 1, [shape.x, shape.y].contains(where: { $0 % step == 0 || step % $0 == 0 }) { step += 1 }
    var squares = 0.0
    for index in stride(from: 0, to: voxels.count, by: step) {
      let rest = abs(voxels[index] - median(index, place(index)))
      if rest.isNaN { continue }
      rests.append(rest)
      squares += Double(rest) * Double(rest)
    }
    rests.sort()
    guard rests.count >= 1000 else {
      (places, medians) = ([], [])
      return
    }
    // Eight standard deviations by the median, and in volumes of few values a part of what voxels differ by at all.
    let spread = Float((squares / Double(rests.count)).squareRoot())
    let limit = max(8 * 1.4826 * rests[rests.count / 2], 0.5 * spread)
    let found =
      (try? Parallel.map(shape.z, threads: threads) { (z) throws(VoxelithError) -> [(Int, Float)] in
        var found: [(Int, Float)] = []
        for y in 0..<shape.y {
          for x in 0..<shape.x {
            let index = shape.index(z: z, y: y, x: x)
            let middle = median(index, Shape(z: z, y: y, x: x))
            if abs(voxels[index] - middle) > limit { found.append((index, middle)) }
          }
        }
        return found
      }) ?? []
    places = found.flatMap { $0.map(\.0) }
    medians = found.flatMap { $0.map(\.1) }
  }

  /// Number of places at which both volumes have one, where that is far beyond chance; else nil.
  func shared(with other: HotVoxels) -> Int? {
    guard count == other.count, !places.isEmpty else { return nil }
    let common = Set(places).intersection(other.places).count
    let chance = Double(places.count) * Double(other.places.count) / Double(count)
    return common >= 10 && Double(common) > 10 * chance ? common : nil
  }

  /// The volume with the medians of neighbours in their places.
  func removed(from voxels: [Float]) -> [Float] {
    var result = voxels
    for (place, median) in zip(places, medians) { result[place] = median }
    return result
  }
}
