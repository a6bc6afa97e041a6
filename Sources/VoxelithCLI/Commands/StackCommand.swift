import ArgumentParser
import Foundation
import Voxelith

/// A volume as numbered slices for other programs.
struct StackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stack",
    abstract: "Write a volume as numbered TIFF or PNG slices, as an OME-Zarr pyramid, MetaImage or NRRD.",
    discussion: """
      Examples:
        voxelith stack li.tif -o slices --bits 16
        voxelith stack xct.tif -o png --format png --axis y --range 0,255
        voxelith stack xct.tif -o xct.ome.zarr --format zarr
        voxelith stack map/li.tif -o li.mha --format mha

      Every channel of a volume is written, each to a folder or file of its own; --channel chooses one.

      stack.json in the folder says which value every grey number stands for; 0 is a missing value where there are any.
      OME-Zarr (0.4, or 0.5 by --ome-zarr 0.5 --shard 512) keeps the values and their type, and adds coarser levels.
      """)

  @Argument(help: "The volume.")
  var volume: String

  @Option(
    name: .shortAndLong,
    help: "Folder of the slices, made where it does not exist; or the file of a whole volume.")
  var output: String

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case tiff, png, zarr, mha, nrrd

    /// Whether the whole volume goes into one output, with its values as they are.
    var isWhole: Bool { self == .zarr || self == .mha || self == .nrrd }
  }

  @Option(
    name: .customLong("format"),
    help:
      "tiff or png for slices; zarr, mha or nrrd for the whole volume with voxel size and origin (default: as the name of the output ends, else tiff)."
  )
  var givenFormat: Format?

  @Option(name: .long, help: "Bits of a pixel of slices: 8 or 16 (default: 8).")
  var bits: Int?

  @Option(name: .long, help: "Axis that the slices are cut across: x, y or z (default: z).")
  var axis: Axis?

  @Option(
    name: .long, parsing: .unconditional, help: "Values of black and white; the whole range without it.")
  var range: String?

  @Option(name: .long, help: "Version of OME-Zarr: 0.4 (default) or 0.5, which is Zarr 3.")
  var omeZarr: String?

  @Option(
    name: .long,
    help: "Sides of a file of OME-Zarr 0.5 in voxels, a multiple of 64: several chunks in each file.")
  var shard: Int?

  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if format.isWhole {
      guard bits == nil, axis == nil, range == nil else {
        throw ValidationError("--bits, --axis and --range are for slices: --format tiff or png")
      }
      guard output.hasSuffix("." + format.rawValue) else {
        throw ValidationError(
          "the output of --format \(format.rawValue) ends in .\(format.rawValue), not \(output)")
      }
    }
    if format != .zarr, omeZarr != nil || shard != nil {
      throw ValidationError("--ome-zarr and --shard are for --format zarr")
    }
  }

  /// As asked for, or as the name of the output says.
  private var format: Format {
    givenFormat ?? Format(rawValue: PathName.ending(of: output).lowercased()).flatMap {
      $0.isWhole ? $0 : nil
    }
      ?? .tiff
  }

  private var settings: [String: any Encodable] {
    [
      "volume": input.settings, "format": format.rawValue, "bits": bits ?? 8, "axis": axis ?? .z,
      "range": range, "ome_zarr": omeZarr, "shard": shard,
    ]
  }

  func run() throws {
    if format.isWhole { return try writeWhole() }
    var stack = SliceStack()
    stack.format = format == .png ? .png : .tiff
    stack.bits = bits ?? 8
    stack.axis = axis ?? .z
    stack.overwrite = outputOptions.overwrite
    if let range {
      let ends = try NumberText.parse(range, count: 2, option: "--range")
      stack.range = .fixed(ends[0], ends[1])
    }
    let ready = stack
    let channels = try VolumeChannels(of: volume, options: input.settings.options(threads: common.threads))
      .channels
    let folders = channels.map { $0.name.isEmpty ? "" : $0.name + "/" }
    let performance = try Performance(
      "stack", .folder(output, files: folders.map { $0 + "stack.json" }), common,
      overwrite: outputOptions.overwrite, settings: settings, inputs: [volume])
    let sources = try channels.map { try open($0) }
    let records = try performance.run { resources in
      try zip(sources, folders).map { source, folder in
        try ready.write(source, to: PathName.join(output, folder), resources: resources)
      }
    }.result
    for (record, folder) in zip(records, folders) {
      if let outliers = record.outliers { common.console.notice(outliers.words(volume)) }
      common.console.say(
        "\(PathName.join(output, folder)): \(record.slices) slices of \(record.width) x \(record.height), "
          + "mapping in stack.json")
    }
    if records.count == 1 {
      try common.console.result(records[0])
    } else {
      try common.console.result(records)
    }
  }

  /// A channel of the volume, with what the user should know told once.
  private func open(_ channel: VolumeChannels.Channel) throws -> any VolumeSource {
    if (channel.index ?? 0) == 0 || input.channel != nil {
      var first = input
      first.channel = channel.index
      return try first.open(volume, console: common.console, threads: common.threads)
    }
    var how = input.settings
    how.channel = channel.index
    return try how.open(volume, threads: common.threads)
  }

  private func writeWhole() throws {
    let channels = try VolumeChannels(of: volume, options: input.settings.options(threads: common.threads))
      .channels
    // `orientation.mha` of three channels becomes `orientation_x.mha` and so on.
    let ending = (output.lowercased().hasSuffix(".ome.zarr") ? ".ome" : "") + "." + format.rawValue
    let names = channels.map { $0.named(String(output.dropLast(ending.count))) + ending }
    let performance = try Performance(
      "stack", .file(names[0], others: Array(names.dropFirst())), common,
      overwrite: outputOptions.overwrite, settings: settings, inputs: [volume])
    let sources = try channels.map { try open($0) }
    try performance.run { resources in
      for (source, name) in zip(sources, names) {
        try ResampleCommand.write(
          source, to: name, type: wholeType(source), overwrite: outputOptions.overwrite,
          zarr: try zarrFormat(), resources: resources)
      }
    }
    for (source, name) in zip(sources, names) {
      common.console.say("\(name): \(source.grid.shape) voxels of \(wholeType(source).rawValue)")
    }
    let described = try names.map { try VolumeFile.describe($0) }
    if described.count == 1 {
      try common.console.result(described[0])
    } else {
      try common.console.result(described)
    }
  }

  /// MetaImage and NRRD have no numbers of half precision.
  private func wholeType(_ source: any VolumeSource) -> VoxelType {
    source.voxelType == .float16 && format != .zarr ? .float32 : source.voxelType
  }

  private func zarrFormat() throws -> ZarrFormat {
    guard shard == nil || shard.map({ $0 >= 64 && $0 <= 4096 && $0.isMultiple(of: 64) }) == true else {
      throw VoxelithError(.usage, "--shard is a multiple of 64 from 64 to 4096")
    }
    switch omeZarr ?? (shard == nil ? "0.4" : "0.5") {
    case "0.4" where shard == nil: return .ome04
    case "0.5": return .ome05(shard: shard.map { Shape(z: $0, y: $0, x: $0) })
    case "0.4": throw VoxelithError(.usage, "OME-Zarr 0.4 has no shards", advice: "give --ome-zarr 0.5")
    case let other:
      throw VoxelithError(.usage, "OME-Zarr '\(other)' is not written", advice: "known: 0.4 and 0.5")
    }
  }
}
