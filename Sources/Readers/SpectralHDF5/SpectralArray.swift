import Volumetry

/// An array of spectra in a file: which of its axes are points of a scan, which one is energy, and what is done with those of
/// detector elements and frames.
struct SpectralArray: Sendable {
  let array: HDF5Dataset
  /// Axes of the points, in the order of the array.
  var scan: [Int]
  var energy: Int
  var detector: Int?
  var frame: Int?
  /// Chosen elements and frames; one 0 where there is no such axis.
  var elements: [Int] = [0]
  var frames: [Int] = [0]
  /// Whether the file has the highest energy first.
  var reversesEnergy = false
  /// For elements whose energies are not those of the answer.
  var rebinnings: [Int: EnergyRebinning] = [:]
  /// Bins of the answer, the lowest energy first, where not all chosen elements reach all; nil for all.
  var kept: Range<Int>?

  /// Bins of the file.
  var bins: Int { array.shape[energy] }
  /// Sides of the scan.
  var scanShape: [Int] { scan.map { array.shape[$0] } }
  var pointCount: Int { scanShape.reduce(1, *) }

  /// Bytes up to which several elements are read at once.
  private static let together = 1 << 26

  /// Counts of a box of points in the order of the array, the bins of a point together.
  ///
  /// Elements and frames are added up in their order, in double precision where there are several.
  ///
  /// - Parameter scale: what each number of the file stands for, applied before anything is added up.
  func read(start: [Int], count: [Int], scale: ValueScale = ValueScale()) throws(VoxelithError) -> [Float] {
    common(try readAll(start: start, count: count, scale: scale))
  }

  /// The bins of spectra that all chosen elements reach.
  private func common(_ values: [Float]) -> [Float] {
    guard let kept else { return values }
    var result: [Float] = []
    result.reserveCapacity(values.count / bins * kept.count)
    for first in stride(from: 0, to: values.count, by: bins) {
      result += values[(first + kept.lowerBound)..<(first + kept.upperBound)]
    }
    return result
  }

  private func readAll(start: [Int], count: [Int], scale: ValueScale) throws(VoxelithError) -> [Float] {
    var from = [Int](repeating: 0, count: array.shape.count)
    var sides = [Int](repeating: 1, count: array.shape.count)
    for (place, axis) in scan.enumerated() { (from[axis], sides[axis]) = (start[place], count[place]) }
    sides[energy] = bins
    let points = count.reduce(1, *)
    let isOne = elements.count == 1 && frames.count == 1
    let span = (range(elements), range(frames))
    let whole = points * bins * span.0.count * span.1.count * 4
    if isOne || whole <= Self.together {
      if let detector { (from[detector], sides[detector]) = (span.0.lowerBound, span.0.count) }
      if let frame { (from[frame], sides[frame]) = (span.1.lowerBound, span.1.count) }
      let outer = [frame, detector].compactMap { $0 }
      let values = ordered(
        Self.scaled(try array.readFloats(start: from, count: sides), scale), count: sides, outer: outer)
      if isOne { return rebinned(values, element: elements[0]) }
      var total = [Double](repeating: 0, count: points * bins)
      let size = points * bins
      for frame in frames {
        for element in elements {
          let block = (frame - span.1.lowerBound) * span.0.count + element - span.0.lowerBound
          add(Array(values[(block * size)..<((block + 1) * size)]), of: element, to: &total)
        }
      }
      return total.map { Float($0) }
    }
    var total = [Double](repeating: 0, count: points * bins)
    for chosen in frames {
      for element in elements {
        if let detector { from[detector] = element }
        if let frame { from[frame] = chosen }
        let values = ordered(
          Self.scaled(try array.readFloats(start: from, count: sides), scale), count: sides, outer: [])
        add(values, of: element, to: &total)
      }
    }
    return total.map { Float($0) }
  }

  /// The same into memory that is used again and again.
  func read(
    start: [Int], count: [Int], scale: ValueScale = ValueScale(), into values: inout [Float]
  ) throws(VoxelithError) {
    if elements.count == 1, frames.count == 1, scale.isNone {
      let box = box(start, count, (range(elements), range(frames)))
      if try array.readFloats(start: box.from, count: box.sides, into: &values) {
        values = common(
          rebinned(
            ordered(values, count: box.sides, outer: [frame, detector].compactMap { $0 }),
            element: elements[0]))
        return
      }
    }
    values = try read(start: start, count: count, scale: scale)
  }

  private static func scaled(_ values: [Float], _ scale: ValueScale) -> [Float] {
    scale.isNone ? values : values.map { Float(scale(Double($0))) }
  }

  /// The box of the array that holds a box of points, all bins and some elements and frames.
  private func box(
    _ start: [Int], _ count: [Int], _ span: (Range<Int>, Range<Int>)
  ) -> (from: [Int], sides: [Int]) {
    var from = [Int](repeating: 0, count: array.shape.count)
    var sides = [Int](repeating: 1, count: array.shape.count)
    for (place, axis) in scan.enumerated() { (from[axis], sides[axis]) = (start[place], count[place]) }
    sides[energy] = bins
    if let detector { (from[detector], sides[detector]) = (span.0.lowerBound, span.0.count) }
    if let frame { (from[frame], sides[frame]) = (span.1.lowerBound, span.1.count) }
    return (from, sides)
  }

  /// Which numbers of a box of points no file holds, 1 for those, in the order of ``read(start:count:scale:)``; nil where all are held.
  func missing(start: [Int], count: [Int]) -> [Float]? {
    let box = box(start, count, (range(elements), range(frames)))
    guard let mask = array.gaps?.mask(start: box.from, count: box.sides, shape: array.shape) else {
      return nil
    }
    let all = ordered(
      mask.map { $0 ? 1 : 0 }, count: box.sides, outer: [frame, detector].compactMap { $0 })
    let size = count.reduce(1, *) * bins
    guard all.count > size else { return common(all) }
    return common(
      (0..<size).map { index in
        stride(from: index, to: all.count, by: size).contains { all[$0] != 0 } ? 1 : 0
      })
  }

  private func range(_ chosen: [Int]) -> Range<Int> { (chosen.min() ?? 0)..<((chosen.max() ?? 0) + 1) }

  private func ordered(_ values: [Float], count: [Int], outer: [Int]) -> [Float] {
    BoxOrder.ordered(
      values, count: count, axes: outer + scan + [energy], reversed: reversesEnergy ? [energy] : [])
  }

  private func rebinned(_ values: [Float], element: Int) -> [Float] {
    rebinnings[element].map { $0.apply(values) } ?? values
  }

  private func add(_ values: [Float], of element: Int, to total: inout [Double]) {
    let values = rebinned(values, element: element)
    for index in values.indices { total[index] += Double(values[index]) }
  }
}
