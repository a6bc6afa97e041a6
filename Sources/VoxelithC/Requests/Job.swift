import Foundation
import Voxelith

/// One call while it runs: what it was given, and what it answers.
final class Job {
  let request: Request
  let resources: Resources
  private let inputs: [String: LentArray]
  let outcome: Outcome
  let scratch = WorkFolder()
  /// Input files, for provenance.
  private var files: [String] = []

  init(
    _ request: Request, inputs: [LentArray], resources: Resources, outcome: Outcome
  ) throws(VoxelithError) {
    self.request = request
    self.resources = resources
    self.outcome = outcome
    var known: [String: LentArray] = [:]
    for input in inputs {
      guard known.updateValue(input, forKey: input.name) == nil else {
        throw VoxelithError(.usage, "the input '\(input.name)' is given twice")
      }
    }
    self.inputs = known
  }

  // MARK: Inputs

  /// - Throws: `usage` where there is none of that name.
  func input(_ name: String) throws(VoxelithError) -> LentArray {
    guard let input = inputs[name] else { throw VoxelithError(.usage, "the input '\(name)' is missing") }
    return input
  }

  /// Calls arrays that were written as files by their names, in all that is answered: the caller never saw these files.
  func hideFiles() {
    if let folder = scratch.made { outcome.replace(folder + "/", with: "") }
  }

  func has(_ name: String) -> Bool { inputs[name] != nil }

  /// Names of the inputs that begin with a word and a dot, without these, in their order.
  func names(_ word: String) -> [String] {
    inputs.keys.filter { $0.hasPrefix(word + ".") }.map { String($0.dropFirst(word.count + 1)) }.sorted()
  }

  /// A volume: an array, or a file that settings say how to open.
  func volume(_ name: String, _ settings: VolumeInputSettings = VolumeInputSettings()) throws(VoxelithError)
    -> any VolumeSource
  {
    let input = try input(name)
    if let path = input.path {
      files.append(path)
      let source = try settings.open(path, threads: resources.threads)
      if let notice = VolumeFile.writingNotice(source) { outcome.notice(notice) }
      return source
    }
    var plain = settings
    plain.voxelSize = nil
    guard plain == VolumeInputSettings() else {
      throw VoxelithError(
        .usage, "how a file is opened does not go with the array '\(name)'",
        advice: "leave all but voxel_size_um out")
    }
    let source = try LentVolume(input)
    guard let size = settings.voxelSize else { return source }
    var grid = source.grid
    grid.spacing = size.vector
    grid.hasKnownSpacing = true
    return try PlacedVolume(source, on: grid)
  }

  /// The same, and a notice where its voxel size is not known.
  func measured(_ name: String, _ settings: VolumeInputSettings) throws(VoxelithError) -> any VolumeSource {
    let source = try volume(name, settings)
    if let notice = VolumeFile.spacingNotice(source.grid, file: source.name) { outcome.notice(notice) }
    return source
  }

  /// A file: its own path, or an array that is written into the working folder. For what settings name as files.
  func file(_ name: String) throws(VoxelithError) -> String? {
    guard let input = inputs[name] else { return nil }
    if let path = input.path {
      files.append(path)
      return path
    }
    let path = try scratch.path + "/\(name).tif"
    guard input.shape.count == 4 else {
      try ArrayCopy.write(try FileVolume(LentVolume(input)), to: path, resources: resources)
      return path
    }
    // Channels first, as in the files.
    let shape = Shape(z: input.shape[1], y: input.shape[2], x: input.shape[3])
    var grid = Grid(unscaled: shape)
    if let spacing = input.spacing {
      grid = Grid(shape: shape, spacing: SIMD3(spacing[2], spacing[1], spacing[0]))
    }
    let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .float32, channels: input.shape[0])
    for channel in 0..<input.shape[0] {
      for z in 0..<shape.z {
        let region = Region(slices: z..<(z + 1), of: shape)
        let values = input.read(region, of: shape, first: channel * shape.count).floats()
        try writer.write(.float32(values), channel: channel, to: region)
      }
    }
    try writer.finish()
    return path
  }

  /// - Throws: `usage` where the input is missing or is no file.
  func path(_ name: String) throws(VoxelithError) -> String {
    guard let path = try input(name).path else {
      throw VoxelithError(.usage, "the input '\(name)' must be a file")
    }
    files.append(path)
    return path
  }

  /// Writes an array as a TIFF file, components of its last axis as channels.
  func lay(_ name: String, to path: String) throws(VoxelithError) {
    let input = try input(name)
    guard input.shape.count == 4 else {
      try ArrayCopy.write(try FileVolume(LentVolume(input)), to: path, resources: resources)
      return
    }
    let grid = try input.grid()
    let run = input.shape[3]
    let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .float32, channels: run)
    for z in 0..<grid.shape.z {
      try resources.cancellation.check()
      let region = Region(slices: z..<(z + 1), of: grid.shape)
      let values = input.read(region, of: grid.shape, run: run).floats()
      for channel in 0..<run {
        let own = stride(from: channel, to: values.count, by: run).map { values[$0] }
        try writer.write(.float32(own), channel: channel, to: region)
      }
    }
    try writer.finish()
  }

  /// Files that settings name are read: for provenance.
  func reads(_ paths: [String]) { files += paths }

  // MARK: Outputs

  /// Runs what writes a folder, and takes its volumes and its report.
  ///
  /// - Parameters:
  ///   - report: name of the file that tells of the rest.
  ///   - parts: folders in it whose volumes are taken, too, as `PART/NAME`.
  ///   - grid: of volumes that have its shape; TIFF knows no origin.
  func folder(
    report: String, parts: [String] = [], grid: Grid? = nil,
    _ work: (_ folder: String, _ overwrite: Bool) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    let kept = try request.text("output")
    let overwrite = try request.flag("overwrite")
    let folder: String
    if let kept { folder = kept } else { folder = try scratch.path + "/result" }
    let lock = try kept.map { (folder) throws(VoxelithError) in try ResultsLock(folder) }
    try withExtendedLifetime(lock) { () throws(VoxelithError) in
      var provenance: Provenance?
      if kept != nil {
        try Provenance.check(folder + "/provenance.json")
        provenance = try Provenance(
          command: ["libvoxelith", outcome.operation], settings: request.all, inputs: files,
          threads: resources.threads)
      }
      if provenance == nil {
        try work(folder, overwrite)
      } else {
        try provenance?.timed(outcome.operation) { () throws(VoxelithError) in try work(folder, overwrite) }
        try provenance?.write(to: folder, overwrite: overwrite)
      }
    }
    outcome.report = String(decoding: try WholeFile.read(folder + "/" + report), as: UTF8.self)
    for part in [""] + parts.map({ $0 + "/" }) {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + part)) ?? []
      for name in names.filter({ $0.hasSuffix(".tif") }).sorted() {
        let path = folder + "/" + part + name
        try take(path, as: part + name.dropLast(4), on: grid)
        if kept == nil { try? FileManager.default.removeItem(atPath: path) }
      }
    }
  }

  /// Gives a volume of a file; its channels become a fourth axis.
  func take(
    _ path: String, as name: String, on grid: Grid? = nil,
    settings: VolumeInputSettings = VolumeInputSettings()
  ) throws(VoxelithError) {
    let options = try settings.options(threads: resources.threads)
    let channels =
      settings.channel == nil ? try VolumeFile.describe(path, options: options).channels : 1
    var sources: [any VolumeSource] = []
    for channel in 0..<channels {
      var how = options
      if channels > 1 { how.channel = channel }
      sources.append(try VolumeFile.open(path, options: how))
    }
    let own = sources[0].grid
    let place = grid.flatMap { $0.shape == own.shape ? $0 : nil } ?? own
    try give(sources, as: name, on: place)
  }

  /// Gives volumes of one grid, side by side along a last axis where there are several.
  func give(_ sources: [any VolumeSource], as name: String, on grid: Grid) throws(VoxelithError) {
    let shape = [grid.shape.z, grid.shape.y, grid.shape.x] + (sources.count > 1 ? [sources.count] : [])
    let array = try OwnedArray(name, type: sources[0].voxelType, shape: shape, grid: grid)
    for (channel, source) in sources.enumerated() {
      try ArrayCopy.run(
        source, into: ArraySink(array, channel: channel, run: sources.count), resources: resources)
    }
    outcome.add(array)
  }

  func give(report value: some Encodable) throws(VoxelithError) {
    outcome.report = String(decoding: try JSONOutput.data(value), as: UTF8.self)
  }
}
