import Volumetry

/// What of an array no file holds, because a file that it is put together from is missing, short or of another kind. The
/// library reads such parts as the fill value without a word.
struct HDF5Gaps: Sendable {
  /// The first thing that is wrong.
  var problem: VoxelithError
  /// Boxes that sources hold; all of the array where nil.
  var covered: [BoxMask.Part]?
  /// Elements that lie in none of them.
  var uncovered = 0
  /// Boxes whose sources are missing.
  var missing: [BoxMask.Part] = []
  /// Chunks that were never written.
  var unwritten: UnwrittenChunks?
  /// First element, in the order of the array, that lies behind the end of a raw file.
  var tail: Int?
  /// Whether the parts are known that well that the rest can be used.
  var isBounded = true

  /// Whether each element of a box is missing, in the order of the box; nil where none is.
  func mask(start: [Int], count: [Int], shape: [Int]) -> [Bool]? {
    let total = count.reduce(1, *)
    var mask = [Bool](repeating: covered != nil, count: total)
    for box in covered ?? [] { BoxMask.set(&mask, to: false, box, start, count) }
    for box in missing { BoxMask.set(&mask, to: true, box, start, count) }
    for box in unwritten?.boxes(start: start, count: count) ?? [] {
      BoxMask.set(&mask, to: true, box, start, count)
    }
    if let tail {
      for index in 0..<total where Self.place(index, start, count, shape) >= tail { mask[index] = true }
    }
    return mask.contains(true) ? mask : nil
  }

  /// Number of an element of a box in the whole array.
  private static func place(_ index: Int, _ start: [Int], _ count: [Int], _ shape: [Int]) -> Int {
    var (rest, place, stride) = (index, 0, 1)
    for axis in shape.indices.reversed() {
      place += (start[axis] + rest % count[axis]) * stride
      rest /= count[axis]
      stride *= shape[axis]
    }
    return place
  }
}

extension HDF5Dataset {
  /// Checks that files hold all of the array.
  ///
  /// - Parameter allowsMissing: whether parts that no file holds may be missing, where it is known which they are.
  /// - Throws: what is wrong with the first source, or that chunks were never written of a closed file whose maker did not
  ///   choose what is read there.
  func checkWhole(allowsMissing: Bool) throws(VoxelithError) {
    // A file that is being written may be nearly empty.
    let chunks = isLeftOpen ? nil : unwrittenCount
    try ClaimedSize.check(
      shape, stored: chunks.map { $0.total - $0.missing } ?? 0, of: chunks?.total ?? 0, file: file.path,
      place: path)
    guard let gaps = sourceGaps else {
      guard let found = try unwrittenGaps() else { return }
      if allowsMissing && found.isBounded {
        marked.withLock { $0 = found }
      } else if !isLeftOpen && !hasOwnFill {
        throw VoxelithError(
          .data, found.problem.message, file: file.path, place: path,
          advice: found.isBounded ? "read what is there with --allow-missing" : nil)
      }
      return
    }
    if allowsMissing && gaps.isBounded { return }
    let problem = gaps.problem
    guard gaps.isBounded else { throw problem }
    throw VoxelithError(
      problem.code, problem.message, file: problem.file, place: problem.place,
      advice: (problem.advice.map { $0 + ", or " } ?? "") + "read what is there with --allow-missing",
      cause: problem.cause)
  }

  /// A box in single precision, NaN where no file holds it.
  func readFloats(start: [Int], count: [Int]) throws(VoxelithError) -> [Float] {
    try readHeld(start: start, count: count, missing: .nan) { $0.floats() }
  }

  /// A box with another value where no file holds it. The library is not asked for what lies behind the end of raw files:
  /// it refuses a box that reaches into one that is not there.
  func readHeld<Value>(
    start: [Int], count: [Int], missing: Value, _ convert: (VoxelBuffer) -> [Value]
  ) throws(VoxelithError) -> [Value] {
    guard let gaps, let mask = gaps.mask(start: start, count: count, shape: shape) else {
      return convert(try read(start: start, count: count))
    }
    guard mask.contains(false) else { return [Value](repeating: missing, count: mask.count) }
    if gaps.tail != nil, let axis = count.firstIndex(where: { $0 > 1 }) {
      var values: [Value] = []
      values.reserveCapacity(mask.count)
      for index in 0..<count[axis] {
        var (first, sides) = (start, count)
        first[axis] += index
        sides[axis] = 1
        values += try readHeld(start: first, count: sides, missing: missing, convert)
      }
      return values
    }
    var values = convert(try read(start: start, count: count))
    for index in values.indices where mask[index] { values[index] = missing }
    return values
  }

  /// Elements that no file holds.
  var missingCount: Int {
    guard let gaps else { return 0 }
    let boxes = gaps.missing.reduce(0) { $0 + $1.count.reduce(1, *) }
    return boxes + gaps.uncovered + (gaps.unwritten?.elements ?? 0)
      + (gaps.tail.map { (count ?? $0) - $0 } ?? 0)
  }
}
