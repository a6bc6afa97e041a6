public import Readers
public import Volumetry

/// The channels of a volume file, for commands that take all of them.
public struct VolumeChannels: Sendable {
  /// A channel: its number as files count them, and a word for names of files and columns.
  public struct Channel: Sendable, Hashable {
    public let index: Int?
    /// Empty for the one channel of a file that has one.
    public let name: String

    /// `li` and `li_x`.
    public func named(_ stem: String) -> String { name.isEmpty ? stem : stem + "_" + name }
  }

  public let channels: [Channel]

  /// - Parameter options: how the file is opened; a channel that they choose is the only one.
  /// - Throws: what describing the file throws; `data` where the channels are the projections of a scan.
  public init(of path: String, options: VolumeOpenOptions = VolumeOpenOptions()) throws(VoxelithError) {
    if let chosen = options.channel {
      channels = [Channel(index: chosen, name: "")]
      return
    }
    let description = try VolumeFile.describe(path, options: options)
    guard description.channels > 1 else {
      channels = [Channel(index: nil, name: "")]
      return
    }
    guard !description.holdsProjections else {
      throw VoxelithError(
        .data, "holds \(description.channels) projections at their angles, not volumes", file: path,
        place: description.dataset,
        advice:
          "reconstruct them first, spectra with voxelith reconstruct; one image is read with --channel N, all as they "
          + "follow with --ignore-gaps")
    }
    let names = description.channelNames ?? []
    let words = names.map { name in
      String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
    let areGood =
      words.count == description.channels && Set(words).count == words.count && !words.contains("")
    let digits = "\(description.channels - 1)".count
    channels = (0..<description.channels).map { index in
      let number = String(repeating: "0", count: digits - "\(index)".count) + "\(index)"
      return Channel(index: index, name: areGood ? words[index] : "channel_" + number)
    }
  }
}
