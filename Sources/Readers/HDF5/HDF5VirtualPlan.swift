import CHDF5
import Volumetry

/// Where the numbers of a virtual dataset lie: which places of it are which places of its sources, axis by axis.
///
/// The library reads sources by filters that take any length of a chunk for the right one, and only where its plugins are
/// installed; by this plan sources are read like arrays of their own.
struct HDF5VirtualPlan: Sendable {
  /// Places along an axis, rising, in pieces without a gap.
  struct Places: Sendable, Equatable {
    let runs: [Range<Int>]
    /// Number of places before each piece.
    let before: [Int]
    let count: Int

    init(_ runs: [Range<Int>]) {
      var joined: [Range<Int>] = []
      for run in runs where !run.isEmpty {
        if let last = joined.last, last.upperBound == run.lowerBound {
          joined[joined.count - 1] = last.lowerBound..<run.upperBound
        } else {
          joined.append(run)
        }
      }
      var before: [Int] = []
      var total = 0
      for run in joined {
        before.append(total)
        total += run.count
      }
      (self.runs, self.before, count) = (joined, before, total)
    }

    /// The pieces of a stretch of the axis: where each begins, its number among all places, and its length.
    func within(_ stretch: Range<Int>) -> [(place: Int, number: Int, count: Int)] {
      var found: [(Int, Int, Int)] = []
      var index = Self.first(runs.count) { runs[$0].upperBound > stretch.lowerBound }
      while index < runs.count, runs[index].lowerBound < stretch.upperBound {
        let part = runs[index].clamped(to: stretch)
        found.append((part.lowerBound, before[index] + part.lowerBound - runs[index].lowerBound, part.count))
        index += 1
      }
      return found
    }

    /// The places of some numbers, as pieces.
    func places(of numbers: Range<Int>) -> [Range<Int>] {
      var found: [Range<Int>] = []
      var index = max(0, Self.first(runs.count) { before[$0] > numbers.lowerBound } - 1)
      while index < runs.count, before[index] < numbers.upperBound {
        let shift = runs[index].lowerBound - before[index]
        let part = (before[index]..<(before[index] + runs[index].count)).clamped(to: numbers)
        if !part.isEmpty { found.append((part.lowerBound + shift)..<(part.upperBound + shift)) }
        index += 1
      }
      return found
    }

    /// The first of some numbers that a rising condition holds for.
    private static func first(_ count: Int, _ holds: (Int) -> Bool) -> Int {
      var (low, high) = (0, count)
      while low < high {
        let middle = (low + high) / 2
        if holds(middle) { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }

  /// What one mapping fills, and what it takes for it.
  struct Part: Sendable {
    var file: String
    var path: String
    var target: [Places]
    /// Nil where it takes all of its source.
    var source: [Places]?
    /// Whether it goes as far as its source does, which may be less than the virtual dataset has.
    var isUnlimited: Bool
  }

  private(set) var parts: [Part] = []
  /// Mappings of other forms than boxes and even steps: their sources as file and path.
  private(set) var others: [(file: String, path: String)] = []
  /// Bytes of an element that no source holds.
  let fill: [UInt8]

  private static let most = 1 << 20

  /// - Parameters:
  ///   - creation: properties of the virtual dataset; the caller holds the library's lock.
  ///   - exists: whether there is a file of a name, for sources with a number in theirs.
  init(creation: hid_t, shape: [Int], type: VoxelType, exists: (String) -> Bool) {
    fill = HDF5Storage.fillValue(creation, type)
    var count = 0
    guard unsafe H5Pget_virtual_count(creation, &count) >= 0 else { return }
    for index in 0..<count {
      guard
        let file = unsafe HDF5VirtualSources.text({ unsafe H5Pget_virtual_filename(creation, index, $0, $1) }
        ),
        let path = unsafe HDF5VirtualSources.text({ unsafe H5Pget_virtual_dsetname(creation, index, $0, $1) })
      else { continue }
      let target = H5Pget_virtual_vspace(creation, index)
      let source = H5Pget_virtual_srcspace(creation, index)
      defer {
        if target >= 0 { H5Sclose(target) }
        if source >= 0 { H5Sclose(source) }
        _ = HDF5Library.takeMessage()
      }
      let name = file + path
      if name.contains("%") {
        guard name.replacing("%b", with: "").contains("%") == false,
          addNumbered(file, path, target, source, shape: shape, exists: exists)
        else {
          others.append((file, path))
          continue
        }
        continue
      }
      guard target >= 0, source >= 0, let filled = Self.places(of: target, shape: shape) else {
        others.append((file, path))
        continue
      }
      let taken = H5Sget_select_type(source) == H5S_SEL_ALL ? nil : Self.places(of: source, shape: nil)
      if taken == nil, H5Sget_select_type(source) != H5S_SEL_ALL {
        others.append((file, path))
      } else {
        let isUnlimited = Steps(target)?.isUnlimited == true
        parts.append(Part(file: file, path: path, target: filled, source: taken, isUnlimited: isUnlimited))
      }
    }
  }

  /// Sources whose files have a number in their name: each fills the next block of the virtual dataset.
  private mutating func addNumbered(
    _ file: String, _ path: String, _ target: hid_t, _ source: hid_t, shape: [Int], exists: (String) -> Bool
  ) -> Bool {
    guard target >= 0, source >= 0, let steps = Steps(target), steps.start.count == shape.count,
      let axis = steps.count.firstIndex(of: nil), steps.count.count(where: { $0 == nil }) == 1
    else { return false }
    let isAll = H5Sget_select_type(source) == H5S_SEL_ALL
    let taken = isAll ? nil : Self.places(of: source, shape: nil)
    guard isAll || taken != nil else { return false }
    var number = 0
    while steps.start[axis] + number * steps.stride[axis] < shape[axis], number < Self.most {
      let name = file.replacing("%b", with: "\(number)")
      if file.contains("%b"), !exists(name) { break }
      var one = steps
      one.start[axis] += number * steps.stride[axis]
      one.count[axis] = 1
      guard let filled = one.places(within: shape) else { return false }
      parts.append(
        Part(
          file: name, path: path.replacing("%b", with: "\(number)"), target: filled, source: taken,
          isUnlimited: false))
      number += 1
    }
    return true
  }

  /// An even selection: a start, steps, how many of them (nil: without an end) and the length of each block.
  private struct Steps {
    var start: [Int]
    var stride: [Int]
    var count: [Int?]
    /// Nil: to the end of the axis.
    var block: [Int?]

    init?(_ space: hid_t) {
      let rank = Int(H5Sget_simple_extent_ndims(space))
      guard rank > 0, H5Sget_select_type(space) == H5S_SEL_HYPERSLABS, H5Sis_regular_hyperslab(space) > 0
      else {
        return nil
      }
      var (a, b) = ([hsize_t](repeating: 0, count: rank), [hsize_t](repeating: 0, count: rank))
      var (c, d) = (a, b)
      guard unsafe H5Sget_regular_hyperslab(space, &a, &b, &c, &d) >= 0,
        (a + b).allSatisfy({ $0 < 1 << 48 })
      else { return nil }
      (start, stride) = (a.map { Int($0) }, b.map { max(1, Int($0)) })
      count = c.map { $0 < 1 << 48 ? Int($0) : nil }
      block = d.map { $0 < 1 << 48 ? Int($0) : nil }
    }

    var isUnlimited: Bool { (count + block).contains(nil) }

    /// Nil where there are more pieces than can be kept.
    func places(within shape: [Int]?) -> [Places]? {
      var result: [Places] = []
      for axis in start.indices {
        let end = shape?[axis] ?? 1 << 48
        let length = min(block[axis] ?? end, end)
        let isOne = count[axis] == 1 || block[axis] == nil
        let isDense = stride[axis] == length || isOne
        let last = isDense ? 1 : count[axis] ?? ((max(0, end - start[axis]) - 1) / stride[axis] + 1)
        guard last <= HDF5VirtualPlan.most else { return nil }
        if isDense {
          let steps = isOne ? 1 : count[axis] ?? ((end - start[axis]) / max(1, length) + 1)
          let (whole, overflow) = length.multipliedReportingOverflow(by: steps)
          let stop = overflow ? end : min(end, start[axis] + whole)
          result.append(Places([start[axis]..<max(start[axis], stop)]))
        } else {
          result.append(
            Places(
              (0..<max(0, last)).compactMap { step in
                let first = start[axis] + step * stride[axis]
                return first < end ? first..<min(end, first + length) : nil
              }))
        }
      }
      return result
    }
  }

  /// The places that a selection takes along each axis; nil where it is no product of such.
  private static func places(of space: hid_t, shape: [Int]?) -> [Places]? {
    let rank = Int(H5Sget_simple_extent_ndims(space))
    if H5Sget_select_type(space) == H5S_SEL_ALL { return shape?.map { Places([0..<$0]) } }
    if let steps = Steps(space) { return steps.places(within: shape) }
    guard rank > 0, H5Sget_select_type(space) == H5S_SEL_HYPERSLABS else { return nil }
    let blocks = H5Sget_select_hyper_nblocks(space)
    guard blocks > 0, blocks <= most else { return nil }
    var list = [hsize_t](repeating: 0, count: Int(blocks) * 2 * rank)
    guard unsafe H5Sget_select_hyper_blocklist(space, 0, hsize_t(blocks), &list) >= 0 else { return nil }
    var result: [Places] = []
    for axis in 0..<rank {
      let ranges = Set(
        (0..<Int(blocks)).map { block in
          Int(clamping: list[2 * rank * block + axis])...Int(clamping: list[2 * rank * block + rank + axis])
        })
      let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
      guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.upperBound < $1.lowerBound }) else { return nil }
      result.append(Places(sorted.map { Range($0) }))
    }
    return result.reduce(1) { $0 * $1.count } == Int(H5Sget_select_npoints(space)) ? result : nil
  }
}
