import Foundation
import Volumetry

/// What the axes of a NRRD are: which lie in space, which one is none of it, and where the voxels lie.
struct NRRDAxes {
  /// Axes in space, the fastest first.
  private(set) var space: [Int]
  /// The axis that is none of space, where there is one longer than 1.
  private var extra: Int?
  private var role = ImageHeader.Role.channel
  private var notes: [String] = []
  private let sides: [Double]
  private let fields: [String: String]
  private let kinds: [String]
  /// A vector in space for each axis; nil for an axis that has none.
  private let directions: [[Double]?]
  private let file: String

  /// - Throws: `data` where more than three axes lie in space and nothing tells which one is another.
  init(_ fields: [String: String], sides: [Double], file: String) throws(VoxelithError) {
    self.fields = fields
    self.sides = sides
    self.file = file
    let kinds = (fields["kinds"] ?? "").split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
    let directions = try Self.directions(fields["space directions"], file)
    self.kinds = kinds
    self.directions = directions
    let isOther = sides.indices.map { axis in
      if directions.count == sides.count { return directions[axis] == nil }
      return kinds.count == sides.count && !["domain", "space", "???", "none"].contains(kinds[axis])
    }
    var others = sides.indices.filter { isOther[$0] }
    // Slices of one picture may be called a list: only what belongs to one voxel is none of space there.
    if sides.count <= 3 {
      others = others.filter { axis in
        kinds.count == sides.count
          && ["color", "vector", "complex", "gradient", "matrix"].contains { kinds[axis].contains($0) }
      }
    }
    var surplus = others
    if sides.count - surplus.count > 3, surplus.isEmpty {
      let spacings = Self.words(fields["spacings"]).map { Double($0) ?? .nan }
      let bare = sides.indices.filter { spacings.count == sides.count && spacings[$0].isNaN }
      if bare.count == 1 {
        surplus = bare
      } else if directions.last.map({ ($0?.count ?? 0) > 3 }) == true {
        // A space of four axes, as ITK writes series: the last one is time or anything else.
        surplus = [sides.count - 1]
        role = .either
      }
    }
    for axis in sides.indices.reversed()
    where sides.count - surplus.count > 3 && sides[axis] == 1 && !surplus.contains(axis) {
      surplus.append(axis)
    }
    let long = surplus.filter { sides[$0] > 1 }
    let space = sides.indices.filter { !surplus.contains($0) }
    self.space = space
    guard (1...3).contains(space.count), long.count <= 1 else {
      let shown = sides.map { GeometryOrigin.text($0) }.joined(separator: " ")
      throw VoxelithError(
        .data,
        long.count > 1
          ? "the NRRD of the sizes \(shown) has \(long.count) axes beside those of space"
          : "nothing says which of the axes of the sizes \(shown) lie in space", file: file, place: "kinds",
        advice:
          "write a line such as 'kinds: vector domain domain domain' or 'kinds: domain domain domain time' into "
          + "the header")
    }
    extra = long.first
    if let extra, kinds.count == sides.count, kinds[extra] == "time" { role = .frame }
  }

  /// The channels or time points that the header tells.
  func describe(_ header: inout ImageHeader) throws(VoxelithError) {
    guard let extra else { return }
    guard let count = Int(exactly: sides[extra]), count < 1 << 24 else {
      throw VoxelithError(.data, "\(sides[extra]) channels are not possible", file: file, place: "sizes")
    }
    header.channels = count
    header.channelAxis = space.count { $0 < extra }
    // Axes of space that are not there are of length 1, and behind all others.
    if header.channelAxis == space.count { header.channelAxis = 3 }
    header.role = role
    let kind = kinds.count == sides.count ? " (\(kinds[extra]))" : ""
    header.notes.append(
      "the \(count) volumes lie along axis \(extra)\(kind) of the file, counted from 0 for the fastest")
  }

  /// Size and place of the voxels.
  ///
  /// - Throws: `data` where a number is damaged or axes lie aslant.
  func place(_ header: inout ImageHeader) throws(VoxelithError) {
    let signs = try spaceSigns()
    if fields["space directions"] != nil {
      try placeByDirections(&header, signs: signs)
    } else {
      try placeByAxes(&header)
    }
    guard header.spacing != nil else { return }
    if !isUnitTold { header.notes.append("lengths are taken as µm: the header names no unit") }
  }

  private var spaceUnits: [String] { Self.quoted(fields["space units"]) }
  private var axisUnits: [String] { Self.quoted(fields["units"]) }
  private var isUnitTold: Bool { (spaceUnits + axisUnits).contains { !Units.normalized($0).isEmpty } }

  /// Whether x, y and z of the header's space run as those of ITK do, which is left, posterior, superior.
  ///
  /// - Throws: `data` for a space of other axes.
  private func spaceSigns() throws(VoxelithError) -> SIMD3<Double> {
    let name = (fields["space"] ?? "lps").lowercased()
    switch name {
    case "left-posterior-superior", "lps", "3d-right-handed", "left-posterior-superior-time", "lpst":
      return .one
    case "right-anterior-superior", "ras": return SIMD3(-1, -1, 1)
    case "left-anterior-superior", "las": return SIMD3(1, -1, 1)
    default:
      throw VoxelithError(
        .data, "the volume lies in the space \(name), whose axes are not x, y, z as ITK has them",
        file: file, advice: "write it in the space left-posterior-superior")
    }
  }

  private func placeByDirections(
    _ header: inout ImageHeader, signs: SIMD3<Double>
  ) throws(VoxelithError) {
    let scale = signs * factors(spaceUnits, &header)
    var axes: [SIMD3<Double>] = []
    for axis in space {
      guard let vector = axis < directions.count ? directions[axis] : nil else { continue }
      axes.append(scale * Self.three(vector))
    }
    guard axes.count == space.count else {
      header.unread = "space directions are not given for every axis"
      header.notes.append("the header gives no direction of every axis: they give no voxel size")
      return
    }
    header.turn = try AxisTurn(directions: axes, file: file)
    let told = axes.map { ($0 * $0).sum().squareRoot() }
    let lengths = (0..<3).map { axis in axis < told.count ? told[axis] : told.min() ?? 1 }
    let source = header.turn.source
    header.spacing = SIMD3(lengths[source[0]], lengths[source[1]], lengths[source[2]])
    header.spacingSource = "space directions (\(shownUnits(spaceUnits)))"
    if let origin = try Self.directions(fields["space origin"], file).first ?? nil {
      header.first = scale * Self.three(origin)
      header.originSource = "space origin, the centre of the first voxel, less half a voxel"
    }
  }

  private func placeByAxes(_ header: inout ImageHeader) throws(VoxelithError) {
    let units =
      axisUnits.count == sides.count
      ? space.map { axisUnits[$0] } : axisUnits.isEmpty ? spaceUnits : axisUnits
    let scale = factors(units, &header)
    let words = Self.words(fields["spacings"])
    var steps: [Double] = []
    if !words.isEmpty {
      let all = try ImageHeader.numbers(words.joined(separator: " "), key: "spacings", file: file)
      guard all.count == sides.count else {
        throw VoxelithError(
          .data, "\(all.count) spacings do not fit \(sides.count) axes", file: file, place: "spacings")
      }
      steps = space.map { all[$0] }
    } else if let ends = try axisEnds() {
      steps = ends.map(\.step)
    }
    guard !steps.isEmpty else {
      if fields["axis mins"] != nil || fields["axismins"] != nil || fields["thicknesses"] != nil {
        header.unread =
          "axis mins and maxs need the centering of every axis (centers: cell or node); thicknesses are not spacings"
      }
      return
    }
    // What is not a number is not known, which does no harm along an axis of one voxel.
    let unknown = steps.indices.filter { !steps[$0].isFinite || steps[$0] == 0 }
    if unknown.contains(where: { sides[space[$0]] > 1 }) || unknown.count == steps.count {
      header.unread = "spacings are not given along every axis"
      header.notes.append(
        "the header gives no spacing along \(unknown.map { ["x", "y", "z"][$0] }.joined(separator: " and ")): the voxel size is not known"
      )
      return
    }
    let finest = steps.indices.filter { !unknown.contains($0) }.map { abs(steps[$0]) * scale[$0] }.min() ?? 1
    var size = SIMD3<Double>(repeating: finest)
    var falls = [false, false, false]
    for (axis, step) in steps.enumerated() where !unknown.contains(axis) {
      size[axis] = abs(step) * scale[axis]
      falls[axis] = step < 0
    }
    header.spacing = size
    header.turn = AxisTurn(source: [0, 1, 2], falls: falls)
    header.spacingSource =
      (words.isEmpty ? "axis mins and axis maxs" : "spacings") + " (\(shownUnits(units)))"
    guard fields["axis mins"] != nil else { return }
    guard let ends = try axisEnds() else {
      header.originSource = "0 is taken: axis mins of the header are not read, as it gives no centering"
      header.notes.append(
        "axis mins are not read: the header gives no centering of the axes, and so not whether they are edges or centres"
      )
      return
    }
    var first = SIMD3<Double>.zero
    for axis in 0..<3 {
      first[axis] = axis < ends.count ? ends[axis].first * scale[axis] : 0.5 * size[axis]
    }
    guard ends.allSatisfy({ $0.first.isFinite }) else { return }
    header.first = first
    header.originSource = "axis mins and centers, the centre of the first voxel, less half a voxel"
  }

  /// Centre of the first voxel and step along each axis in space, from the ends of the axes and whether they are edges of voxels
  /// or centres; nil where the header tells too little.
  private func axisEnds() throws(VoxelithError) -> [(first: Double, step: Double)]? {
    guard let low = fields["axis mins"] ?? fields["axismins"] else { return nil }
    let centers = Self.words(fields["centers"] ?? fields["centerings"]).map { $0.lowercased() }
    let lows = try ImageHeader.numbers(low, key: "axis mins", file: file)
    let highs = try ImageHeader.numbers(
      fields["axis maxs"] ?? fields["axismaxs"] ?? "", key: "axis maxs", file: file)
    let steps = Self.words(fields["spacings"]).map { Double($0) ?? .nan }
    guard centers.count == sides.count, lows.count == sides.count else { return nil }
    var result: [(first: Double, step: Double)] = []
    for axis in space {
      guard ["cell", "node"].contains(centers[axis]) else { return nil }
      let isCell = centers[axis] == "cell"
      let pieces = isCell ? sides[axis] : sides[axis] - 1
      let step =
        steps.count == sides.count
        ? steps[axis] : highs.count == sides.count && pieces > 0 ? (highs[axis] - lows[axis]) / pieces : .nan
      result.append((isCell ? lows[axis] + 0.5 * step : lows[axis], step))
    }
    return result
  }

  /// Micrometres in the units of the axes x, y, z; a unit that is not understood is left to the caller.
  private func factors(_ units: [String], _ header: inout ImageHeader) -> SIMD3<Double> {
    var scale = SIMD3<Double>.one
    for axis in 0..<3 {
      // One unit that stands alone is that of all.
      guard let unit = axis < units.count ? units[axis] : units.count == 1 ? units[0] : nil,
        !Units.normalized(unit).isEmpty
      else { continue }
      if let known = Units.factor(unit, .length) { scale[axis] = known } else { header.unknownUnit = unit }
    }
    return scale
  }

  private func shownUnits(_ units: [String]) -> String {
    let told = units.filter { !Units.normalized($0).isEmpty }
    if told.isEmpty { return "no unit: taken as µm" }
    return Set(told).count == 1 ? told[0] : told.joined(separator: ", ")
  }

  private static func words(_ text: String?) -> [String] {
    (text ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
  }

  /// What stands between quotation marks.
  private static func quoted(_ text: String?) -> [String] {
    let parts = (text ?? "").split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
    return parts.indices.filter { !$0.isMultiple(of: 2) }.map { parts[$0] }
  }

  private static func three(_ vector: [Double]) -> SIMD3<Double> {
    SIMD3(vector.first ?? 0, vector.count > 1 ? vector[1] : 0, vector.count > 2 ? vector[2] : 0)
  }

  /// `(1,0,0) none (0,1,0)`: a vector for each axis, nil for `none`.
  private static func directions(_ text: String?, _ file: String) throws(VoxelithError) -> [[Double]?] {
    guard let text else { return [] }
    var result: [[Double]?] = []
    var rest = text[...].trimmed
    while let first = rest.first {
      if first == "(" {
        let inner = rest.dropFirst().prefix { $0 != ")" }
        rest = rest.dropFirst(inner.count + 2).trimmed
        let spaced = inner.map { $0 == "," ? " " : $0 }
        let vector = try ImageHeader.numbers(String(spaced), key: "space directions", file: file)
        result.append(vector.allSatisfy(\.isFinite) && !vector.isEmpty ? vector : nil)
      } else {
        rest = rest.drop { $0 != "(" && !$0.isWhitespace }.trimmed
        result.append(nil)
      }
    }
    return result
  }
}
