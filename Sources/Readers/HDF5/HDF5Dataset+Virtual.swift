import CHDF5
import Volumetry

/// The sources of a virtual dataset that were read last, so that those of neighbouring boxes are not opened anew.
final class HDF5SourcePool: Sendable {
  private static let limit = 24
  private let held = Guarded<[(key: String, array: HDF5Dataset)]>([])
  private let plan = Guarded<HDF5VirtualPlan?>(nil)

  fileprivate func plan(_ make: () throws(VoxelithError) -> HDF5VirtualPlan) throws(VoxelithError)
    -> HDF5VirtualPlan
  {
    if let known = plan.withLock({ $0 }) { return known }
    let made = try make()
    plan.withLock { $0 = made }
    return made
  }

  fileprivate func array(
    _ file: String, _ path: String, open: () throws(VoxelithError) -> HDF5Dataset
  ) throws(VoxelithError) -> HDF5Dataset {
    let key = file + "\u{0}" + path
    if let known = held.withLock({ $0.first { $0.key == key }?.array }) { return known }
    let array = try open()
    held.withLock { held in
      if held.count >= Self.limit { held.removeFirst() }
      held.append((key, array))
    }
    return array
  }
}

extension HDF5Dataset {
  /// Fills a box of a virtual dataset from its sources. What no source holds is the fill value; whether that may be was asked when the
  /// array was opened.
  ///
  /// - Returns: false where the sources are taken in another form than boxes and even steps; each is then known to be
  ///   sound, and the library may read it.
  func fillFromSources(
    _ bytes: DisjointBytes, start: [Int], count: [Int], type: VoxelType, threads: Int
  ) throws(VoxelithError) -> Bool {
    let holder = HDF5Library.exclusively { HDF5File.holder(of: handle.id) } ?? file.path
    let search = SourceFolders(of: holder)
    let plan = try pool.plan { () throws(VoxelithError) in
      try HDF5Library.exclusively { () throws(VoxelithError) in
        let creation = try HDF5Handle(
          H5Dget_create_plist(handle.id), .data, "the storage cannot be read", file: file.path, place: path)
        return HDF5VirtualPlan(creation: creation.id, shape: shape, type: type) { search.find($0) != nil }
      }
    }
    guard plan.others.isEmpty else {
      for (name, inner) in plan.others + plan.parts.map({ ($0.file, $0.path) }) {
        try source(name, inner, holder, search)?.checkChunks(threads: threads)
      }
      return false
    }
    unsafe try bytes.withPiece(0..<bytes.count) { (target) throws(VoxelithError) in
      unsafe Self.fill(target, with: plan.fill)
    }
    let box = VirtualBox(bytes: bytes, start: start, count: count, type: type, threads: threads)
    for part in plan.parts {
      var inside: [[(place: Int, number: Int, count: Int)]] = []
      for axis in shape.indices {
        let pieces = part.target[axis].within(start[axis]..<(start[axis] + count[axis]))
        if pieces.isEmpty { break }
        inside.append(pieces)
      }
      guard inside.count == shape.count, let source = try source(part.file, part.path, holder, search) else {
        continue
      }
      try put(part, inside, of: source, into: box)
    }
    return true
  }

  private static func fill(_ target: UnsafeMutableRawBufferPointer, with element: [UInt8]) {
    if element.allSatisfy({ $0 == element.first }) {
      for index in target.indices { unsafe target[index] = element.first ?? 0 }
    } else {
      for index in target.indices { unsafe target[index] = element[index % element.count] }
    }
  }

  /// A source; nil where it cannot be opened and that is known of the array.
  private func source(
    _ name: String, _ inner: String, _ holder: String, _ search: SourceFolders
  ) throws(VoxelithError) -> HDF5Dataset? {
    do throws(VoxelithError) {
      return try pool.array(name, inner) { () throws(VoxelithError) in
        if name == "." {
          return try (holder == file.path ? file : HDF5File.open(holder)).dataset(at: inner)
        }
        guard let full = search.find(name) else {
          throw VoxelithError(
            .missing, "the data are in the file \(search.expected(name)), which is missing", file: file.path,
            place: path, advice: "put the file there: this one only points at it")
        }
        return try HDF5File.open(full).dataset(at: inner)
      }
    } catch {
      if gaps != nil { return nil }
      throw error
    }
  }

  /// Copies what a box takes of one source.
  ///
  /// - Parameter inside: the pieces of the box along each axis that the source fills.
  private func put(
    _ part: HDF5VirtualPlan.Part, _ inside: [[(place: Int, number: Int, count: Int)]], of source: HDF5Dataset,
    into target: VirtualBox
  ) throws(VoxelithError) {
    guard let own = source.type, target.type.holds(own) else {
      if gaps != nil { return }
      throw VoxelithError(
        .data, "\(source.path) of \(source.file.path), which the data are in, holds other numbers",
        file: file.path, place: path)
    }
    let taken = part.source ?? source.shape.map { HDF5VirtualPlan.Places([0..<$0]) }
    let sides = part.target.map(\.count)
    var axes = HDF5VirtualSources.Mapping.axes(of: taken.map(\.count), in: sides)
    // What goes on without an end, or is cut by the end of the array, lies along the same axes.
    if axes == nil, taken.count == sides.count { axes = taken.indices.map { $0 } }
    guard let axes, taken.count == source.shape.count else {
      throw VoxelithError(
        .data,
        "the virtual dataset takes \(taken.map(\.count)) elements of \(source.path) of \(source.file.path) for "
          + "\(sides) of its own, which is not read", file: file.path, place: path)
    }
    // Along each axis of the target: pieces of it, with the pieces of the source that fill them.
    var pairs: [[(target: Range<Int>, source: Range<Int>?)]] = inside.map { pieces in
      pieces.map { ($0.place..<($0.place + $0.count), nil) }
    }
    for (axis, place) in axes.enumerated() {
      guard let place else { continue }
      pairs[place] = inside[place].flatMap { piece in
        var next = piece.place
        return taken[axis].places(of: piece.number..<(piece.number + piece.count)).map { run in
          defer { next += run.count }
          return (next..<(next + run.count), Optional(run))
        }
      }
      if !part.isUnlimited, gaps == nil {
        let held = pairs[place].reduce(0) { $0 + ($1.source?.clamped(to: 0..<source.shape[axis]).count ?? 0) }
        guard held == inside[place].reduce(0, { $0 + $1.count }) else {
          throw VoxelithError(
            .data,
            "the data are in \(source.path) of \(source.file.path), which has only \(source.shape)",
            file: file.path, place: path)
        }
      }
      // What the source does not have stays the fill value.
      pairs[place] = pairs[place].compactMap { piece in
        guard let run = piece.source else { return piece }
        let held = run.clamped(to: 0..<source.shape[axis])
        return held.isEmpty
          ? nil : (piece.target.lowerBound..<(piece.target.lowerBound + held.count), Optional(held))
      }
    }
    guard !pairs.contains(where: \.isEmpty), !taken.contains(where: \.runs.isEmpty) else { return }
    var choice = [Int](repeating: 0, count: pairs.count)
    while true {
      try Cancellation.poll()
      var box = (start: [Int](), count: [Int]())
      for (axis, place) in axes.enumerated() {
        let run = place.flatMap { pairs[$0][choice[$0]].source } ?? taken[axis].runs[0]
        box.start.append(run.lowerBound)
        box.count.append(place == nil ? 1 : run.count)
      }
      let values = try source.read(start: box.start, count: box.count, threads: target.threads)
      let stretches = pairs.indices.map { pairs[$0][choice[$0]].target }
      try target.put(own == target.type ? values : values.widened(to: target.type), at: stretches)
      guard let axis = choice.indices.last(where: { choice[$0] + 1 < pairs[$0].count }) else { return }
      choice[axis] += 1
      for later in (axis + 1)..<choice.count { choice[later] = 0 }
    }
  }

  /// Unpacks every chunk by our own reader, which refuses those that are longer or shorter than they must be.
  ///
  /// - Throws: `data` at the first that is.
  private func checkChunks(threads: Int) throws(VoxelithError) {
    guard let type, let first = shape.first, !shape.contains(0) else { return }
    let slice = shape.dropFirst().reduce(type.size) { $0.multipliedReportingOverflow(by: $1).partialValue }
    let deep = max(chunk?.first ?? 1, (1 << 25) / max(1, slice))
    for low in stride(from: 0, to: first, by: deep) {
      var (start, count) = (shape.map { _ in 0 }, shape)
      (start[0], count[0]) = (low, min(deep, first - low))
      _ = try read(start: start, count: count, threads: threads)
    }
  }
}

/// A box in memory that sources fill piece by piece, the last axis fastest.
struct VirtualBox: Sendable {
  let bytes: DisjointBytes
  let start: [Int]
  let count: [Int]
  let type: VoxelType
  let threads: Int

  /// Puts the values of a piece, whose stretches are counted as in the array, to their places.
  func put(_ values: VoxelBuffer, at piece: [Range<Int>]) throws(VoxelithError) {
    let size = type.size
    let strides = count.rowStrides(of: size)
    // Axes that the piece fills from end to end make longer rows.
    var rows = piece.count - 1
    while rows > 0, piece[rows].count == count[rows] { rows -= 1 }
    let row = piece[rows...].reduce(size) { $0 * $1.count }
    let number = piece[..<rows].reduce(1) { $0 * $1.count }
    unsafe try values.withBytes { (source) throws(VoxelithError) in
      guard source.count == row * number else {
        throw VoxelithError(.internal, "a piece of \(source.count) bytes is put where \(row * number) fit")
      }
      for index in 0..<number {
        var rest = index
        var place = (piece[rows].lowerBound - start[rows]) * strides[rows]
        for axis in (0..<rows).reversed() {
          place += (piece[axis].lowerBound - start[axis] + rest % piece[axis].count) * strides[axis]
          rest /= piece[axis].count
        }
        unsafe try bytes.withPiece(place..<(place + row)) { (target) throws(VoxelithError) in
          unsafe target.copyMemory(from: .init(rebasing: source[(index * row)..<((index + 1) * row)]))
        }
      }
    }
  }
}

extension VoxelBuffer {
  /// The same numbers in a type that holds them all.
  fileprivate func widened(to type: VoxelType) -> VoxelBuffer {
    switch type {
    case .float16: .float16(doubles().map { Float16($0) })
    case .float32: .float32(floats())
    case .float64: .float64(doubles())
    case .uint8: .uint8(whole())
    case .uint16: .uint16(whole())
    case .uint32: .uint32(whole())
    case .uint64: .uint64(whole())
    case .int8: .int8(whole())
    case .int16: .int16(whole())
    case .int32: .int32(whole())
    case .int64: .int64(whole())
    }
  }

  private func whole<Number: FixedWidthInteger>() -> [Number] {
    switch self {
    case .uint8(let values): values.map { Number(truncatingIfNeeded: $0) }
    case .uint16(let values): values.map { Number(truncatingIfNeeded: $0) }
    case .uint32(let values): values.map { Number(truncatingIfNeeded: $0) }
    case .uint64(let values): values.map { Number(truncatingIfNeeded: $0) }
    case .int8(let values): values.map { Number(truncatingIfNeeded: $0) }
    case .int16(let values): values.map { Number(truncatingIfNeeded: $0) }
    case .int32(let values): values.map { Number(truncatingIfNeeded: $0) }
    case .int64(let values): values.map { Number(truncatingIfNeeded: $0) }
    case .float16, .float32, .float64: []
    }
  }
}
