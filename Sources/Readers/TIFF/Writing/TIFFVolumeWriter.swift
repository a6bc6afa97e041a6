public import Volumetry

/// Writes a volume as an uncompressed TIFF stack that ImageJ, tifffile and everything on libtiff open.
///
/// Below 4 GB the file is an ImageJ hyperstack (uint8, uint16, float32: unit um, spacing, resolution)
/// or an OME-TIFF (other types); from 4 GB it is BigTIFF with OME-XML. Planes lie z outer, channel
/// inner, so the array is ZCYX. Boxes may come in any order, each voxel once. The file has a temporary
/// name until ``finish()``; dropping the writer before removes it.
public final class TIFFVolumeWriter: VolumeSink, Sendable {
  public let grid: Grid
  public let type: VoxelType
  public let channels: Int
  private let layout: TIFFStackLayout
  private let output: OutputFile
  private struct State {
    var written: [Int]
    var finishedChannels: Set<Int> = []
  }
  private let state: Guarded<State>

  /// Creates the output under its temporary name.
  ///
  /// - Parameters:
  ///   - channelNames: one name per channel, or none.
  ///   - bigTIFFFrom: size of the file from which on it is BigTIFF.
  /// - Throws: `cannotCreate` where the file exists and `overwrite` is false or the folder is missing;
  ///   `usage` where channels or type have no place in a TIFF.
  public init(
    path: String, grid: Grid, type: VoxelType, channels: Int = 1, channelNames: [String] = [],
    overwrite: Bool = false, bigTIFFFrom: Int = 1 << 32
  ) throws(VoxelithError) {
    guard channelNames.isEmpty || channelNames.count == channels else {
      throw VoxelithError(
        .usage, "\(channelNames.count) names were given for \(channels) channels", file: path)
    }
    try grid.validate(file: path)
    self.grid = grid
    self.type = type
    self.channels = channels
    layout = try TIFFStackLayout(
      grid: grid, type: type, channels: channels, channelNames: channelNames,
      bigTIFFFrom: min(bigTIFFFrom, 1 << 32), file: path)
    state = Guarded(State(written: [Int](repeating: 0, count: channels)))
    output = try OutputFile(path, overwrite: overwrite)
    try output.resize(to: layout.totalSize)
    try put(layout.head, at: 0)
    try put(layout.tail, at: layout.tailOffset)
  }

  /// Takes the voxels of a box of the only channel.
  public func write(_ buffer: VoxelBuffer, to region: Region) throws(VoxelithError) {
    guard channels == 1 else {
      throw VoxelithError(.internal, "a volume of \(channels) channels is written channel by channel")
    }
    try write(buffer, channel: 0, to: region)
  }

  /// Takes the voxels of a box of one channel, x fastest.
  ///
  /// - Throws: `io` where the disk is full; `internal` where type, channel or region do not fit.
  public func write(_ buffer: VoxelBuffer, channel: Int, to region: Region) throws(VoxelithError) {
    guard buffer.type == type, region.fits(in: grid.shape), buffer.count == region.count,
      channel >= 0, channel < channels
    else {
      throw VoxelithError(
        .internal,
        "\(buffer.count) voxels of \(buffer.type.rawValue) do not fit \(region) of a volume of \(type.rawValue)",
        file: output.path)
    }
    let runs = PlaneRuns(of: region, in: grid.shape, elementSize: type.size) {
      layout.planeOffset(z: $0, channel: channel)
    }
    unsafe try buffer.withBytes { (bytes) throws(VoxelithError) in
      for run in runs.runs {
        unsafe try output.write(.init(rebasing: bytes[run.box..<(run.box + run.count)]), at: run.file)
      }
    }
    state.withLock { $0.written[channel] += region.count }
  }

  /// Completes the file and gives it its name.
  ///
  /// - Throws: `internal` where not every voxel was written.
  public func finish() throws(VoxelithError) {
    let written = state.withLock { $0.written }
    for channel in 0..<channels where written[channel] != grid.shape.count {
      output.discard()
      throw VoxelithError(
        .internal, "\(written[channel]) of \(grid.shape.count) voxels of channel \(channel) were written",
        file: output.path)
    }
    try output.commit()
  }

  public func abandon() { output.discard() }

  /// A sink of one channel. When the sinks of all channels have finished, the file is complete.
  ///
  /// - Precondition: the channel exists.
  public func sink(channel: Int) -> any VolumeSink {
    precondition(channel >= 0 && channel < channels)
    return TIFFChannelSink(writer: self, channel: channel)
  }

  fileprivate func finish(channel: Int) throws(VoxelithError) {
    let isLast = state.withLock { state in
      state.finishedChannels.insert(channel).inserted && state.finishedChannels.count == channels
    }
    if isLast { try finish() }
  }

  private func put(_ bytes: [UInt8], at offset: Int) throws(VoxelithError) {
    unsafe try VoxelBuffer.uint8(bytes).withBytes { (raw) throws(VoxelithError) in
      unsafe try output.write(raw, at: offset)
    }
  }
}

private final class TIFFChannelSink: VolumeSink {
  private let writer: TIFFVolumeWriter
  private let channel: Int

  init(writer: TIFFVolumeWriter, channel: Int) {
    self.writer = writer
    self.channel = channel
  }

  func write(_ buffer: VoxelBuffer, to region: Region) throws(VoxelithError) {
    try writer.write(buffer, channel: channel, to: region)
  }

  func finish() throws(VoxelithError) { try writer.finish(channel: channel) }
  func abandon() { writer.abandon() }
}
