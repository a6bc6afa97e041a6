import Foundation
import Volumetry

/// An image of an OME-Zarr folder (versions 0.1 to 0.5), or a plain Zarr array (versions 2 and 3), as a volume.
///
/// Of an image the finest level is read; `dataset` names another one. An axis of channels or of time that is longer
/// than one needs `channel` or `frame`.
struct ZarrVolume: DescribedVolume, GrowingSource {
  let grid: Grid
  let voxelType: VoxelType
  let chunkShape: Shape
  let description: VolumeDescription
  private let array: ZarrArray
  /// Axis numbers of z (nil where there is none), y and x, and the places on the others.
  private let axes: (z: Int?, y: Int, x: Int)
  private let fixed: [Int]
  private let threads: Int
  /// Chunks that are not there, where they are to be missing.
  private let missing: UnwrittenChunks?
  /// What is told of chunks that are not there.
  let writingNotice: String?

  var name: String { description.file }

  /// Chunks above which nobody looks at each.
  private static let most = 1 << 20

  /// An image or array with its axes in their direction.
  ///
  /// - Throws: as ``init(_:options:)`` does.
  static func open(_ path: String, options: VolumeOpenOptions) throws(VoxelithError) -> any DescribedVolume {
    let volume = try ZarrVolume(path, options: options)
    return try TurnedVolume.turned(
      volume, AxisTurn(source: [0, 1, 2], falls: volume.falls),
      spacing: volume.grid.hasKnownSpacing ? volume.grid.spacing : nil,
      first: volume.grid.hasKnownSpacing ? volume.grid.origin + 0.5 * volume.grid.spacing : nil,
      origins: volume.description.origins, options: options, note: "a scale below zero")
  }

  /// Which of x, y, z have a scale below zero, so that the file has the far end first.
  private let falls: [Bool]

  /// Whether a folder is one of Zarr.
  static func isZarr(_ path: String) -> Bool {
    [".zarray", ".zattrs", ".zgroup", "zarr.json"].contains {
      FileManager.default.fileExists(atPath: path + "/" + $0)
    }
  }

  /// - Throws: `data` where the folder is damaged, of another version, or a channel must be named; `usage` where there
  ///   is no such level, channel or frame.
  init(_ given: String, options: VolumeOpenOptions) throws(VoxelithError) {
    var path = given
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let found = try Self.find(path, dataset: options.dataset)
    let array = try ZarrArray(found.folder)
    let shape = array.description.shape
    guard found.axes.count == shape.count else {
      throw VoxelithError(
        .data, "the image has \(found.axes.count) axes, its array \(shape.count)", file: found.folder)
    }
    func number(_ name: String) -> Int? { found.axes.firstIndex { $0.name == name } }
    guard let x = number("x"), let y = number("y") else {
      throw VoxelithError(.data, "the array has no axes x and y", file: path)
    }
    let z = number("z")
    var fixed = [Int](repeating: 0, count: shape.count)
    var channels = 1
    for axis in shape.indices where ![z, y, x].contains(axis) {
      let isTime = found.axes[axis].name == "t"
      if !isTime { channels = shape[axis] }
      fixed[axis] = try Self.choice(
        isTime ? options.frame : options.channel, of: shape[axis], what: isTime ? "frame" : "channel",
        file: path, isDescribing: options.isDescribing)
    }
    func sides(_ values: [Int]) -> Shape { Shape(z: z.map { values[$0] } ?? 1, y: values[y], x: values[x]) }
    let lengths = try Self.lengths(found, z: z, y: y, x: x, isGiven: options.voxelSize != nil, file: path)
    grid = try options.grid(
      sides(shape), fileSpacing: lengths.flatMap { $0.spacing == .zero ? nil : $0.spacing },
      fileOrigin: lengths?.origin, file: path)
    let chunk = sides(array.description.chunk)
    chunkShape = Shape(
      z: min(chunk.z, grid.shape.z), y: min(chunk.y, grid.shape.y), x: min(chunk.x, grid.shape.x))
    axes = (z, y, x)
    falls = lengths?.falls ?? [false, false, false]
    var held: [Int: Int] = [:]
    for axis in shape.indices where ![z, y, x].contains(axis) { held[axis] = fixed[axis] }
    let total = array.layout.counts.reduce(1, *)
    try ClaimedSize.check(shape, file: path)
    let absent =
      total <= Self.most
      ? try UnwrittenChunks(array.layout, fixed: held) { (place) throws(VoxelithError) in
        try array.isStored(place)
      } : nil
    try ClaimedSize.check(
      shape, stored: absent.map { $0.total - $0.missing } ?? array.storedCount(upTo: total), of: total,
      file: path)
    missing = options.allowsMissing ? absent : nil
    voxelType = missing == nil || array.type == .float64 ? array.type : .float32
    var notes = found.levels > 1 ? ["the finest of \(found.levels) levels unless a dataset is named"] : []
    var notice: String?
    if let absent {
      let told =
        "\(absent.missing) of \(absent.total) chunks are not there: "
        + (options.allowsMissing
          ? "\(absent.elements) of \(grid.shape.count) voxels are missing"
          : "their \(absent.elements) of \(grid.shape.count) voxels are read as the fill value "
            + array.description.shownFill + ", and as missing with --allow-missing")
      notes.append(told)
      notice = "\(path): \(told)"
    }
    writingNotice = notice
    self.array = array
    self.fixed = fixed
    threads = options.threads
    description = VolumeDescription(
      kind: found.levels > 0 ? "ome-zarr" : "zarr", file: path, grid: grid, type: voxelType,
      channels: channels,
      compression: array.description.compression,
      notes: notes
    ).told(
      grid, size: "scale of the axes (\(found.axes[x].unit ?? "no unit"))",
      corner: found.translation == nil
        ? (lengths?.falls.contains(true) == true ? "the file's first voxel begins at 0" : nil)
        : "translation of the axes, the centre of the first voxel, less half a voxel",
      options: options)
  }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    var start = fixed
    var count = [Int](repeating: 1, count: fixed.count)
    if let z = axes.z { (start[z], count[z]) = (region.lower.z, region.shape.z) }
    (start[axes.y], count[axes.y]) = (region.lower.y, region.shape.y)
    (start[axes.x], count[axes.x]) = (region.lower.x, region.shape.x)
    var buffer = try array.read(start: start, count: count, threads: threads)
    if let missing { buffer = marked(buffer, missing.mask(start: start, count: count)) }
    let steps = count.rowStrides(of: 1)
    let order = (z: axes.z.map { steps[$0] } ?? 0, y: steps[axes.y], x: steps[axes.x])
    let isPlain = order.x == 1 && order.y == region.shape.x && (axes.z == nil || order.z >= order.y)
    return isPlain ? buffer : buffer.reordered(region.shape, order)
  }

  private func marked(_ buffer: VoxelBuffer, _ mask: [Bool]?) -> VoxelBuffer {
    if voxelType == .float64 {
      var values = buffer.doubles()
      for index in values.indices where mask?[index] == true { values[index] = .nan }
      return .float64(values)
    }
    var values = buffer.floats()
    for index in values.indices where mask?[index] == true { values[index] = .nan }
    return .float32(values)
  }

  /// What is found in a folder: the array and what its axes mean.
  private struct Found {
    var folder: String
    var axes: [OMEAttributes.NamedAxis]
    var scale: [Double]?
    var translation: [Double]?
    /// Levels of the image; 0 for a plain array.
    var levels: Int
  }

  private static func find(_ path: String, dataset: String?) throws(VoxelithError) -> Found {
    if Self.isArray(path) { return try plain(path) }
    let (attributes, file) = try Self.attributes(path)
    if let first = attributes.multiscales?.first {
      let image = try OMEImage(first, folder: path, path: file)
      let wanted = dataset.map { name in image.levels.firstIndex(of: path + "/" + name) } ?? 0
      guard let level = wanted else {
        let names = image.levels.map { $0.dropFirst(path.count + 1) }.joined(separator: ", ")
        throw VoxelithError(
          .usage, "the image has no level '\(dataset ?? "")'", file: path, advice: "its levels are \(names)")
      }
      return Found(
        folder: image.levels[level], axes: image.axes, scale: image.scales[level],
        translation: image.translations[level], levels: image.levels.count)
    }
    if attributes.layout != nil, isZarr(path + "/0"), dataset == nil {
      return try find(path + "/0", dataset: nil)
    }
    if let dataset, !dataset.split(separator: "/").contains(".."), isArray(path + "/" + dataset) {
      return try plain(path + "/" + dataset)
    }
    let names = arrays(in: path)
    guard let only = names.first, names.count == 1, dataset == nil else {
      let list = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", ..." : "")
      throw VoxelithError(
        .data,
        dataset.map { "the Zarr group holds no array '\($0)'" }
          ?? (names.isEmpty
            ? "the Zarr group holds no image and no array" : "the Zarr group holds \(names.count) arrays"),
        file: path,
        advice: names.isEmpty ? nil : "name one of its arrays by --dataset; it holds \(list)")
    }
    return try plain(path + "/" + only)
  }

  /// The arrays right within a group.
  private static func arrays(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().prefix(1000).filter { isArray(folder + "/" + $0) }
  }

  /// Whether a folder holds an array rather than a group.
  private static func isArray(_ folder: String) -> Bool {
    if FileManager.default.fileExists(atPath: folder + "/.zarray") { return true }
    let node = try? ZarrJSON.read(ZarrNode.self, folder + "/zarr.json", what: "")
    return node?.kind == "array"
  }

  /// What a group says of its images, and the file that says it.
  private static func attributes(_ folder: String) throws(VoxelithError) -> (OMEAttributes, String) {
    for name in ["zarr.json", ".zattrs"] {
      let path = folder + "/" + name
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let what = "is not a description of an OME-Zarr image"
      if name == ".zattrs" { return (try ZarrJSON.read(OMEAttributes.self, path, what: what), path) }
      let node = try ZarrJSON.read(ZarrNode.self, path, what: what)
      return (node.attributes?.ome ?? OMEAttributes(), path)
    }
    return (OMEAttributes(), folder)
  }

  /// An array without a description of its axes: the last three are z, y, x.
  private static func plain(_ folder: String) throws(VoxelithError) -> Found {
    let array = try ZarrDescription(folder)
    let count = array.shape.count
    guard (2...5).contains(count) else {
      throw VoxelithError(.data, "an array of \(count) axes is not a volume", file: folder)
    }
    let names = array.axisNames.map { $0.map { $0.lowercased() } }
    let isNamed = names.map { Set($0).count == count && $0.contains("x") && $0.contains("y") } ?? false
    return Found(
      folder: folder,
      axes: (isNamed ? names ?? [] : Array(["t", "c", "z", "y", "x"].suffix(count))).map {
        OMEAttributes.NamedAxis(name: $0)
      },
      levels: 0)
  }

  /// Voxel size and corner in micrometres, where the axes are lengths.
  ///
  /// - Throws: `data` where a unit is not understood and the caller gives no size.
  private static func lengths(
    _ found: Found, z: Int?, y: Int, x: Int, isGiven: Bool, file: String
  ) throws(VoxelithError) -> (spacing: SIMD3<Double>, origin: SIMD3<Double>, falls: [Bool])? {
    guard let scale = found.scale else { return nil }
    let places = [x, y, z]
    for place in places where !isGiven {
      guard let axis = place.map({ found.axes[$0] }) else { continue }
      _ = try Units.spacing(
        of: axis.unit, what: "the axis \(axis.name)", file: file, place: "multiscales")
    }
    var spacing = SIMD3<Double>.one
    var origin = SIMD3<Double>.zero
    var falls = [false, false, false]
    for (index, place) in places.enumerated() {
      if let place, scale[place] < 0 { falls[index] = true }
    }
    for (index, place) in places.enumerated() {
      guard let place else {
        spacing[index] = min(spacing[0], spacing[1])
        continue
      }
      guard let unit = OMEImage.micrometres(found.axes[place].unit) else {
        return falls.contains(true) ? (.zero, .zero, falls) : nil
      }
      guard scale[place] != 0, scale[place].isFinite else {
        if isGiven { return (.zero, .zero, falls) }
        throw VoxelithError(
          .data, "the scale of the axis \(found.axes[place].name) is \(scale[place])", file: file,
          place: "multiscales",
          advice: "give the voxel size with --voxel-size")
      }
      spacing[index] = abs(scale[place]) * unit
      // A translation is the place of the first voxel's centre.
      if let shift = found.translation?[place], shift.isFinite {
        origin[index] = shift * unit - 0.5 * spacing[index]
      }
    }
    return (spacing, origin, falls)
  }

  private static func choice(
    _ wanted: Int?, of count: Int, what: String, file: String, isDescribing: Bool
  ) throws(VoxelithError) -> Int {
    guard let choice = wanted ?? (count == 1 || isDescribing ? 0 : nil) else {
      throw VoxelithError(
        .data, "the image holds \(count) \(what)s", file: file,
        advice: "name one by --\(what), from 0 to \(count - 1)")
    }
    guard (0..<count).contains(choice) else {
      throw VoxelithError(
        .usage, "there is no \(what) \(choice)", file: file, advice: "they are 0 to \(count - 1)")
    }
    return choice
  }
}

/// `zarr.json` of a group or an array (version 3), as far as images need it.
struct ZarrNode: Codable {
  var format = 3
  var kind: String
  var attributes: Attributes?

  struct Attributes: Codable { var ome: OMEAttributes? }

  enum CodingKeys: String, CodingKey {
    case attributes
    case format = "zarr_format"
    case kind = "node_type"
  }
}
