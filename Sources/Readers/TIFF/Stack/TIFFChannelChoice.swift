import Volumetry

/// Which of several values per voxel is read: the caller's choice, or the only one there is.
struct TIFFChannelChoice {
  /// Values per voxel: channels of the stack times samples of a pixel.
  let count: Int
  let names: [String]?
  /// Channel of the stack.
  let plane: Int
  /// Sample of the pixel.
  let sample: Int
  let frame: Int
  let notes: [String]

  /// - Throws: `data` where there is a choice and the options make none; `usage` where they name one
  ///   that is not there.
  init(
    _ metadata: TIFFStackMetadata, page: TIFFPage, file: TIFFFile, options: VolumeOpenOptions
  ) throws(VoxelithError) {
    count = metadata.channels * page.samples
    names = metadata.channelNames.count == count ? metadata.channelNames : nil
    var notes: [String] = []
    let kind = Self.kind(page)
    if let kind { notes.append("the pages are \(kind)") }
    if options.channel == nil && !options.isDescribing {
      if let kind {
        throw VoxelithError(
          .data, "the pages are \(kind), not a grey image", file: file.path,
          advice: count > 1
            ? "name one with --channel, from 0 to \(count - 1), or convert it to greyscale"
            : "read the numbers of the colours with --channel 0")
      }
      if count > 1 {
        let list = names.map { " (\($0.joined(separator: ", ")))" } ?? ""
        throw VoxelithError(
          .data, "the file holds \(count) channels\(list)", file: file.path,
          advice: "name one with --channel, from 0 to \(count - 1)")
      }
    }
    if metadata.frames > 1 {
      notes.append("the file holds \(metadata.frames) time points")
      if options.frame == nil && !options.isDescribing {
        throw VoxelithError(
          .data, "the file holds \(metadata.frames) time points", file: file.path,
          advice: "name one with --frame, from 0 to \(metadata.frames - 1)")
      }
    }
    let channel = options.channel ?? 0
    frame = options.frame ?? 0
    guard (0..<count).contains(channel) else {
      throw VoxelithError(
        .usage, "there is no channel \(channel)", file: file.path,
        advice: "the channels are 0 to \(count - 1)")
    }
    guard (0..<metadata.frames).contains(frame) else {
      throw VoxelithError(
        .usage, "there is no time point \(frame)", file: file.path,
        advice: metadata.frames == 1
          ? "the only time point is 0" : "the time points are 0 to \(metadata.frames - 1)")
    }
    plane = channel / page.samples
    sample = channel % page.samples
    self.notes = notes
  }

  /// What a page of colours is; nil for a page of grey values.
  private static func kind(_ page: TIFFPage) -> String? {
    switch page.photometric {
    case 3: return "palette colours"
    case 2 where page.samples >= 3, 6 where page.samples >= 3: return "RGB colours"
    case 5 where page.samples >= 4: return "CMYK colours"
    case 8, 9, 10: return "L*a*b* colours"
    default: return page.samples > 1 ? "pixels of \(page.samples) samples" : nil
    }
  }
}
