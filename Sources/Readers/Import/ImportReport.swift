import Foundation
public import Volumetry

/// What an import did: where the geometry came from, which points fell where, and what is missing.
public struct ImportReport: Codable, Sendable, Equatable {
  public var files: [String]
  public var output: String
  /// Voxels along z, y, x.
  public var shape: [Int]
  public var bins: Int
  /// `uint32`, or `float32` where counts are no whole numbers or voxels are missing.
  public var type: String
  /// Where every number came from, for each file and then for all of them together.
  public var origins: [GeometryOrigin]
  /// Which points fell where; nil for files that store a grid.
  public var scan: ScanReport?
  /// Voxels that are NaN.
  public var missingVoxels: Int
  public var totalCounts: Double
  public var voxelSizeUm: [Double]?
  public var liveTimeSeconds: Double?
  /// What is worth knowing of the files, one sentence each.
  public var notices: [String]

  enum CodingKeys: String, CodingKey {
    case files, output, shape, bins, type, origins, scan, notices
    case missingVoxels = "missing_voxels"
    case totalCounts = "total_counts"
    case voxelSizeUm = "voxel_size_um"
    case liveTimeSeconds = "live_time_s"
  }
}

/// From files of raw spectra to one in the XCS NeXus layout.
public enum SpectralImport {
  /// Opens files as one source.
  ///
  /// - Throws: as ``SpectralFile/open(_:options:)`` does, and `data` where the files do not fit one another.
  public static func open(
    _ files: [String], options: SpectralOpenOptions
  ) throws(VoxelithError) -> any DescribedSpectra {
    try pooled(try opened(files, options: options), options: options)
  }

  private static func opened(
    _ files: [String], options: SpectralOpenOptions
  ) throws(VoxelithError) -> [any DescribedSpectra] {
    var parts: [any DescribedSpectra] = []
    var seen: [String: String] = [:]
    for file in files {
      let real = PathName.real(file)
      if let other = seen.updateValue(file, forKey: real) {
        throw VoxelithError(
          .usage,
          "the file is given twice\(other == file ? "" : " (also as \(other))"): its counts would be added up twice",
          file: file, advice: "name every exposure once")
      }
    }
    for file in files { parts.append(try part(file, options: options)) }
    return parts
  }

  /// Files that are open as one source: exposures of one grid are added up, parts of one scan put side by side.
  package static func pooled(
    _ parts: [any DescribedSpectra], options: SpectralOpenOptions
  ) throws(VoxelithError) -> any DescribedSpectra {
    if parts.count == 1 { return parts[0] }
    let addsUp = options.repeats == .refuse || options.repeats == .sum
    if addsUp, let first = parts.first, parts.allSatisfy({ $0.grid == first.grid }) {
      return try SpectralExposures(parts, options: options)
    }
    return try SpectralPool(parts, options: options)
  }

  /// One file, whatever its format.
  package static func part(
    _ file: String, options: SpectralOpenOptions
  ) throws(VoxelithError) -> any DescribedSpectra {
    let source = try SpectralFile.open(file, options: options)
    return (source as? any DescribedSpectra) ?? PlainSpectra(source)
  }

  /// Writes the files as one in the XCS NeXus layout.
  ///
  /// Counts stay whole numbers where they are; shared bins, rates and missing voxels make them `float32`.
  ///
  /// - Throws: as ``open(_:options:)`` does; `cannotCreate` where the output exists and may not be overwritten.
  public static func write(
    _ files: [String], to output: String, options: SpectralOpenOptions, deflate: Int? = nil,
    overwrite: Bool = false,
    program: (name: String, version: String) = ("voxelith", "0"), note: String? = nil,
    resources: Resources = Resources()
  ) throws(VoxelithError) -> ImportReport {
    let parts = try opened(files, options: options)
    let source = try pooled(parts, options: options)
    var notices = parts.flatMap { SpectralFile.notices($0) }
    for line in source.origins where line.quantity == GeometryOrigin.gridsApart {
      notices.append("\(source.name): \(line.quantity): \(line.value)")
    }
    let kind = try CountKind(source, resources: resources)
    var kept = note
    if kept == nil { kept = try Note(files: files, origins: source.origins, scan: source.scan).text() }
    let writer = try NexusSpectralWriter(
      path: output, grid: source.grid, energy: source.energy, acquisition: source.acquisition,
      type: kind.isWhole ? .uint32 : .float32, deflate: deflate, overwrite: overwrite, program: program,
      note: kept)
    try writer.write(all: source, stage: "import", resources: resources)
    let grid = source.grid
    return ImportReport(
      files: files, output: output, shape: [grid.shape.z, grid.shape.y, grid.shape.x],
      bins: source.energy.count,
      type: kind.isWhole ? "uint32" : "float32", origins: source.origins, scan: source.scan,
      missingVoxels: kind.missing, totalCounts: kind.total,
      voxelSizeUm: grid.hasKnownSpacing ? [grid.spacing.z, grid.spacing.y, grid.spacing.x] : nil,
      liveTimeSeconds: source.acquisition.liveTime, notices: notices)
  }
}

/// What the file itself keeps of its import.
private struct Note: Encodable {
  var files: [String]
  var origins: [GeometryOrigin]
  var scan: ScanReport?

  func text() throws(VoxelithError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    } catch {
      throw VoxelithError(.internal, "the note of the import cannot be written", cause: "\(error)")
    }
  }
}

/// What kind of numbers the counts are, from one pass over them.
private struct CountKind {
  var isWhole = true
  var missing = 0
  var total = 0.0

  init(_ source: any SpectralSource, resources: Resources) throws(VoxelithError) {
    let bins = source.energy.count
    let plan = try BlockPlan(
      shape: source.grid.shape, bytesPerVoxel: 4 * bins, memory: max(8 << 20, 4 * bins), inFlight: 1)
    self = try BlockStream.reduce(plan.blocks, stage: "counts", resources: resources, into: CountKind()) {
      (block) throws(VoxelithError) in
      var part = CountKind()
      part.add(try source.readCounts(block.core), bins: bins)
      return part
    } combine: { total, part in
      total.isWhole = total.isWhole && part.isWhole
      total.missing += part.missing
      total.total += part.total
    }
  }

  private init() {}

  private mutating func add(_ counts: [Float], bins: Int) {
    for start in stride(from: 0, to: counts.count, by: bins) {
      if counts[start..<(start + bins)].allSatisfy(\.isNaN) {
        missing += 1
        isWhole = false
        continue
      }
      for bin in start..<(start + bins) {
        let count = counts[bin]
        if count.isFinite { total += Double(count) }
        if !(count >= 0 && count < 4_294_967_296 && count == count.rounded(.towardZero)) { isWhole = false }
      }
    }
  }
}

/// A source whose file tells nothing of its geometry.
private struct PlainSpectra: DescribedSpectra {
  private let source: any SpectralSource
  let origins: [GeometryOrigin]

  init(_ source: any SpectralSource) {
    self.source = source
    origins = source.grid.origins(source: "the file", corner: "the file")
  }

  var grid: Grid { source.grid }
  var energy: EnergyAxis { source.energy }
  var acquisition: Acquisition { source.acquisition }
  var chunkShape: Shape { source.chunkShape }
  var name: String { source.name }

  func readCounts(_ region: Region) throws(VoxelithError) -> [Float] { try source.readCounts(region) }
}
