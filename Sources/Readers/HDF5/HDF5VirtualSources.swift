import CHDF5
import Foundation
import Volumetry

/// The files behind a virtual dataset. The library reads missing ones as the fill value without a word, and clips numbers
/// that the virtual type does not hold.
enum HDF5VirtualSources {
  /// Virtual datasets within virtual datasets above which sources are taken to lead in a circle.
  private static let depthLimit = 16
  private static let depth = Guarded(0)

  /// What is missing; the caller holds the library's lock.
  ///
  /// - Throws: `data` where sources lead in a circle.
  static func look(
    at dataset: HDF5ArrayHead, creation: hid_t
  ) throws(VoxelithError) -> HDF5Gaps? {
    let level = depth.withLock { (level: inout Int) -> Int in
      level += 1
      return level
    }
    defer { depth.withLock { $0 -= 1 } }
    guard level <= depthLimit else {
      throw VoxelithError(
        .data, "the sources of the virtual dataset lead in a circle", file: dataset.file.path,
        place: dataset.path)
    }
    var count = 0
    guard unsafe H5Pget_virtual_count(creation, &count) >= 0, count > 0 else { return nil }
    let search = SourceFolders(of: dataset.holder ?? dataset.file.path)
    var gaps: HDF5Gaps?
    var covered: [BoxMask.Part] = []
    var points = 0
    var isCounted = count <= 100_000
    var opened: [String: SourceArray] = [:]
    for index in 0..<min(count, 100_000) {
      guard let mapping = Mapping(creation, index, rank: dataset.shape.count) else {
        isCounted = false
        continue
      }
      points = points &+ mapping.points
      if mapping.isUnlimited || mapping.isPattern { isCounted = false } else { covered.append(mapping.box) }
      if mapping.isPattern {
        if let problem = NumberedSources.problem(mapping.file, of: dataset, search: search) {
          gaps = gaps ?? HDF5Gaps(problem: problem)
          gaps?.isBounded = false
        }
        continue
      }
      let key = mapping.file + "\u{0}" + mapping.path
      let source = opened[key] ?? SourceArray(mapping, master: dataset, search: search)
      opened[key] = source
      guard let problem = source.problem(for: mapping, of: dataset), problem.parts?.isEmpty != true else {
        continue
      }
      var found = gaps ?? HDF5Gaps(problem: problem.error)
      if let parts = problem.parts {
        found.missing += parts
      } else if problem.isBounded && mapping.isBox {
        found.missing.append(mapping.box)
      } else {
        found.isBounded = false
      }
      gaps = found
    }
    let total = dataset.count ?? .max
    if isCounted, points < total, gaps == nil {
      gaps = HDF5Gaps(
        problem: VoxelithError(
          .missing, "\(total - points) of \(total) elements of the virtual dataset are mapped to no file",
          file: dataset.file.path, place: dataset.path))
    }
    if isCounted, points < total {
      gaps?.covered = covered
      gaps?.uncovered = total - points
    }
    return gaps
  }

  /// A name that the library gives in two calls.
  static func text(_ read: (UnsafeMutablePointer<CChar>?, Int) -> Int) -> String? {
    let length = read(nil, 0)
    guard length > 0, length < HDF5Attributes.limit else { return nil }
    var text = [CChar](repeating: 0, count: length + 1)
    _ = unsafe text.withUnsafeMutableBufferPointer { unsafe read($0.baseAddress, length + 1) }
    return FileText.decode(text.prefix(length).map { UInt8(bitPattern: $0) })
  }

  /// One source of a virtual dataset.
  struct Mapping {
    var file: String
    var path: String
    /// Bounds of what it fills, and of what it takes from its source.
    var box: BoxMask.Part
    var sourceEnd: [Int]
    /// Where what it takes begins; empty where that is no box.
    var sourceStart: [Int]
    /// Whether it takes all of its source, whatever the shape of that: the file then tells no bounds.
    var takesAll: Bool
    var points: Int
    /// Whether it fills all of its bounds.
    var isBox: Bool
    var isUnlimited: Bool
    /// Whether its file has a number in its name (`%b`).
    var isPattern: Bool

    init?(_ creation: hid_t, _ index: Int, rank: Int) {
      guard
        let file = unsafe HDF5VirtualSources.text({ unsafe H5Pget_virtual_filename(creation, index, $0, $1) }
        ),
        let path = unsafe HDF5VirtualSources.text({ unsafe H5Pget_virtual_dsetname(creation, index, $0, $1) })
      else { return nil }
      self.file = file
      self.path = path
      isPattern = file.contains("%") || path.contains("%")
      let target = H5Pget_virtual_vspace(creation, index)
      let source = H5Pget_virtual_srcspace(creation, index)
      defer {
        if target >= 0 { H5Sclose(target) }
        if source >= 0 { H5Sclose(source) }
      }
      guard target >= 0, source >= 0 else {
        _ = HDF5Library.takeMessage()
        return nil
      }
      let selected = H5Sget_select_npoints(target)
      isUnlimited = selected < 0 || selected > 1 << 60
      points = isUnlimited ? 0 : Int(selected)
      // The bounds of a selection without an end mean nothing.
      guard let bounds = isUnlimited ? ([], []) : Self.bounds(target),
        bounds.1.allSatisfy({ $0 < 1 << 48 }), bounds.0.count == rank || isUnlimited
      else { return nil }
      box = (bounds.0, zip(bounds.0, bounds.1).map { $1 - $0 + 1 })
      let volume = box.count.reduce((1, false)) { product, side in
        let (value, overflow) = product.0.multipliedReportingOverflow(by: side)
        return (value, product.1 || overflow)
      }
      isBox = !isUnlimited && !volume.1 && volume.0 == points
      let taken = Self.bounds(source)
      sourceEnd = taken?.1 ?? []
      sourceStart = taken?.0 ?? []
      takesAll = H5Sget_select_type(source) == H5S_SEL_ALL
    }

    /// What of its target is missing because parts of its source are; nil where it is not known which.
    func missing(_ inner: HDF5Gaps, of shape: [Int]) -> [BoxMask.Part]? {
      guard inner.isBounded, inner.covered == nil, inner.tail == nil else { return nil }
      let unwritten = inner.unwritten?.boxes(start: shape.map { _ in 0 }, count: shape) ?? []
      return placed(inner.missing + unwritten, of: shape)
    }

    /// What of its target is missing because its source is shorter than it takes; nil where it is not known which.
    func beyond(_ shape: [Int]) -> [BoxMask.Part]? {
      guard !takesAll, sourceEnd.count == shape.count else { return nil }
      var rest: BoxMask.Part = (sourceStart, zip(sourceStart, sourceEnd).map { $1 - $0 + 1 })
      var parts: [BoxMask.Part] = []
      for axis in shape.indices where sourceEnd[axis] >= shape[axis] {
        // What is left of the box is cut in two along this axis.
        let held = max(0, shape[axis] - rest.start[axis])
        var part = rest
        part.start[axis] += held
        part.count[axis] -= held
        parts.append(part)
        rest.count[axis] = held
      }
      return placed(parts, of: nil)
    }

    /// Parts of the source as parts of the target; nil where the two are no boxes of the same sides, but for sides of 1.
    ///
    /// - Parameter shape: of the source where all of it is taken.
    private func placed(_ parts: [BoxMask.Part], of shape: [Int]?) -> [BoxMask.Part]? {
      guard isBox, !takesAll || shape != nil else { return nil }
      let whole = takesAll ? shape : nil
      let first = whole?.map { _ in 0 } ?? sourceStart
      let sides = whole ?? zip(sourceStart, sourceEnd).map { $1 - $0 + 1 }
      guard let axes = Self.axes(of: sides, in: box.count) else { return nil }
      return parts.compactMap { part in
        var target = box
        for (axis, place) in axes.enumerated() {
          let low = max(part.start[axis], first[axis])
          let end = min(part.start[axis] + part.count[axis], first[axis] + sides[axis])
          if end <= low { return nil }
          guard let place else { continue }
          target.start[place] = low - first[axis] + box.start[place]
          target.count[place] = end - low
        }
        return target
      }
    }

    /// For each side of a box the axis of another box that it lies along, nil for a side of 1 that the other lacks; nil where the boxes
    /// differ in more than sides of 1.
    static func axes(of sides: [Int], in other: [Int]) -> [Int?]? {
      var (result, next): ([Int?], Int) = ([], 0)
      for side in sides {
        while next < other.count, other[next] != side, other[next] == 1 { next += 1 }
        if next < other.count, other[next] == side {
          result.append(next)
          next += 1
        } else if side == 1 {
          result.append(nil)
        } else {
          return nil
        }
      }
      return other[next...].allSatisfy { $0 == 1 } ? result : nil
    }

    private static func bounds(_ space: hid_t) -> ([Int], [Int])? {
      let rank = Int(H5Sget_simple_extent_ndims(space))
      guard rank > 0 else { return nil }
      var (low, high) = ([hsize_t](repeating: 0, count: rank), [hsize_t](repeating: 0, count: rank))
      guard unsafe H5Sget_select_bounds(space, &low, &high) >= 0 else {
        _ = HDF5Library.takeMessage()
        return nil
      }
      return (low.map { Int(clamping: $0) }, high.map { Int(clamping: $0) })
    }
  }

  /// The array of a source, or why there is none.
  private enum SourceArray {
    case array(HDF5Dataset)
    case problem(VoxelithError)

    init(_ mapping: Mapping, master: HDF5ArrayHead, search: SourceFolders) {
      do throws(VoxelithError) {
        if mapping.file == "." {
          let holder = master.holder ?? master.file.path
          let file = holder == master.file.path ? master.file : try HDF5File.open(holder)
          self = .array(try file.dataset(at: mapping.path))
          return
        }
        guard let full = search.find(mapping.file) else {
          self = .problem(
            VoxelithError(
              .missing, "the data are in the file \(search.expected(mapping.file)), which is missing",
              file: master.file.path, place: master.path,
              advice: "put the file there: this one only points at it"))
          return
        }
        do throws(VoxelithError) {
          self = .array(try HDF5File.open(full).dataset(at: mapping.path))
        } catch {
          throw VoxelithError(
            error.code == .missing ? .missing : .data,
            "the data are in \(mapping.path) of \(full), which cannot be read: \(error.message)",
            file: master.file.path, place: master.path, cause: error.cause)
        }
      } catch {
        self = .problem(error)
      }
    }

    /// Chunks of a source that were never written, which the library reads as its fill value.
    private func unwritten(_ source: HDF5Dataset) -> HDF5Gaps? {
      if let known = source.marked.withLock({ $0 }) { return known }
      guard !source.isLeftOpen, !source.hasOwnFill, let found = (try? source.unwrittenGaps()) ?? nil else {
        return nil
      }
      source.marked.withLock { $0 = found }
      return found
    }

    /// What is wrong with it for a mapping, and whether that is no more than a part that is missing.
    func problem(
      for mapping: Mapping, of master: HDF5ArrayHead
    ) -> (error: VoxelithError, isBounded: Bool, parts: [BoxMask.Part]?)? {
      let (file, place) = (master.file.path, master.path)
      switch self {
      case .problem(let error): return (error, true, nil)
      case .array(let source):
        let name = "\(source.path) of \(source.file.path)"
        if let inner = source.sourceGaps ?? unwritten(source) {
          return (
            VoxelithError(
              inner.problem.code,
              "a part of \(name), which the data are in, is missing: \(inner.problem.message)",
              file: file, place: place, cause: inner.problem.cause), inner.isBounded,
            mapping.missing(inner, of: source.shape)
          )
        }
        if mapping.sourceEnd.count == source.shape.count,
          zip(mapping.sourceEnd, source.shape).contains(where: { $0 >= $1 }), !mapping.isUnlimited
        {
          return (
            VoxelithError(
              .data,
              "the data are in \(name), which has only \(source.shape) where the virtual dataset takes up to "
                + "\(mapping.sourceEnd.map { $0 + 1 })", file: file, place: place), true,
            mapping.beyond(source.shape)
          )
        }
        if mapping.takesAll, !mapping.isUnlimited, let held = source.count, held != mapping.points {
          return (
            VoxelithError(
              .data,
              "the data are in \(name), which has \(held) elements where the virtual dataset takes "
                + "\(mapping.points)", file: file, place: place), false, nil
          )
        }
        if let own = master.type, let other = source.type, !own.holds(other) {
          return (
            VoxelithError(
              .data,
              "the virtual dataset is \(own.rawValue) and would clip the \(other.rawValue) of \(name)",
              file: file, place: place,
              advice: "open the sources themselves, or make the virtual dataset anew with their type"
            ), false, nil
          )
        }
        if source.type == nil {
          return (VoxelithError(.data, "\(name) does not hold numbers", file: file, place: place), true, nil)
        }
        return nil
      }
    }
  }
}

extension VoxelType {
  /// Whether every number of another type is one of this, within its precision.
  func holds(_ other: VoxelType) -> Bool {
    if isFloatingPoint { return self != .float16 || other == .float16 || other.size == 1 }
    if other.isFloatingPoint { return false }
    let (own, others) = (rawValue.hasPrefix("int"), other.rawValue.hasPrefix("int"))
    if own == others { return size >= other.size }
    return own && size > other.size
  }
}
