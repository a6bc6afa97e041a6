import Volumetry

extension TIFFVolume {
  /// One TIFF file.
  ///
  /// - Throws: `data` where a page is damaged or unlike the others, or where several values per voxel
  ///   are there and the options name none.
  convenience init(_ input: InputFile, options: VolumeOpenOptions) throws(VoxelithError) {
    let file = try TIFFFile(input, keepsOpen: true)
    if let error = file.chainError { throw error }
    let (pages, left) = try Self.stackPages(of: file)
    let first = pages[0]
    let type = try Self.located(file, first) { () throws(VoxelithError) in try first.voxelType() }
    let contiguous = try Self.singlePageStack(file, first, type: type)
    let count = contiguous ?? pages.count
    var metadata = TIFFStackMetadata(of: file, planes: count, samples: first.samples)
    try Self.checkUnit(metadata, file: file, options: options)
    try Self.checkWhole(&metadata, file: file, options: options)
    if left > 0 { metadata.notes.append("\(left) pages with thumbnails or masks are left out") }
    let choice = try TIFFChannelChoice(metadata, page: first, file: file, options: options)

    let planes = (0..<metadata.slices).map { z in
      let number = metadata.plane(slice: z, channel: choice.plane, frame: choice.frame)
      let page =
        if contiguous != nil { first } else if let place = metadata.directories {
          file.pages[place[number]]
        } else { pages[number] }
      var plane = TIFFPlane(file: file, page: page, selection: .init(sample: choice.sample, of: page))
      if contiguous != nil {
        plane.offset = first.directOffsets[0] + number * first.width * first.height * type.size
      }
      return plane
    }
    let shape = Shape(z: metadata.slices, y: first.height, x: first.width)
    let grid = try options.grid(
      shape, fileSpacing: metadata.spacing, fileOrigin: metadata.origin, file: file.path)
    var description = VolumeDescription(
      kind: "tiff", file: file.path, grid: grid, type: type, channels: choice.count,
      channelNames: choice.names, pages: file.pages.count, compression: first.compressionName,
      byteOrder: file.isBigEndian ? "big" : "little", notes: metadata.notes + choice.notes)
    description = description.told(
      grid, size: metadata.spacingSource, corner: metadata.originSource, unread: metadata.unread,
      options: options)
    self.init(
      planes: planes, grid: grid, type: type, name: file.path, description: description,
      scale: metadata.scale,
      threads: options.threads)
  }

  /// One file per slice.
  ///
  /// - Throws: `data` where a slice is damaged, has several pages, or is unlike the others.
  convenience init(
    slices paths: [String], of path: String, options: VolumeOpenOptions, notes: [String] = []
  ) throws(VoxelithError) {
    let files = try Parallel.map(paths.count, threads: options.threads) { (index) throws(VoxelithError) in
      let file = try TIFFFile(try InputFile(paths[index]), keepsOpen: paths.count <= 64)
      if let error = file.chainError { throw error }
      return file
    }
    if files.count == 1 {
      try self.init(try InputFile(paths[0]), options: options)
      return
    }
    var pages: [TIFFPage] = []
    for file in files {
      let (found, _) = try Self.stackPages(of: file)
      guard found.count == 1, TIFFStackMetadata.imageJPlanes(file.imageDescription) ?? 1 == 1 else {
        throw VoxelithError(
          .data, "the file has \(found.count) pages, where a folder of slices needs one in each file",
          file: file.path, advice: "open this file alone, or name the slices by a pattern")
      }
      pages.append(found[0])
    }
    try Self.checkAlike(pages, files)
    let first = pages[0]
    let type = try Self.located(files[0], first) { () throws(VoxelithError) in try first.voxelType() }
    var metadata = TIFFStackMetadata(of: files[0], planes: 1, samples: first.samples)
    try Self.checkUnit(metadata, file: files[0], options: options)
    let choice = try TIFFChannelChoice(metadata, page: first, file: files[0], options: options)
    if let spacing = metadata.spacing {
      // A slice cannot know how far the next one is.
      metadata.spacing = nil
      metadata.unread = "the slices give the size in the plane, and nothing their distance"
      metadata.notes.append(
        "the slices give \(spacing.y) x \(spacing.x) µm (y, x) in the plane, but nothing gives their distance"
      )
    }
    let shape = Shape(z: files.count, y: first.height, x: first.width)
    let log = options.voxelSize == nil ? try SkyscanLog.spacing(beside: paths) : nil
    metadata.notes += log?.notes ?? []
    let grid = try options.grid(shape, fileSpacing: log?.size, file: path)
    let planes = zip(files, pages).map { file, page in
      TIFFPlane(file: file, page: page, selection: .init(sample: choice.sample, of: page))
    }
    var description = VolumeDescription(
      kind: "tiff-slices", file: path, grid: grid, type: type, channels: choice.count,
      pages: files.count, compression: first.compressionName,
      byteOrder: files[0].isBigEndian ? "big" : "little",
      notes: ["from \(paths[0]) to \(paths[paths.count - 1])"] + notes + metadata.notes + choice.notes)
    description = description.told(
      grid, size: log.map { "log \($0.log)" }, unread: metadata.unread, options: options)
    self.init(
      planes: planes, grid: grid, type: type, name: path, description: description, scale: metadata.scale,
      threads: options.threads)
  }

  /// The pages that are slices, checked, and the number of those that are thumbnails or masks.
  private static func stackPages(of file: TIFFFile) throws(VoxelithError) -> ([TIFFPage], left: Int) {
    func isAside(_ page: TIFFPage) -> Bool { page.subfileType & 0b101 != 0 }
    let pages = isAside(file.pages[0]) ? file.pages : file.pages.filter { !isAside($0) }
    for page in pages {
      try file.check(page)
      guard page.layout == pages[0].layout else {
        throw VoxelithError(
          .data, "the page is \(page.summary), where page 1 is \(pages[0].summary)", file: file.path,
          place: file.place(page))
      }
    }
    return (pages, file.pages.count - pages.count)
  }

  /// - Throws: `data` where the file gives a unit of length that is not understood and the caller no size, or more axes
  ///   than a volume has.
  private static func checkUnit(
    _ metadata: TIFFStackMetadata, file: TIFFFile, options: VolumeOpenOptions
  ) throws(VoxelithError) {
    if let axes = metadata.unknownAxes {
      throw VoxelithError(
        .data,
        "the stack has the shape \(axes): which of its axes are slices, channels and time is not stated",
        file: file.path,
        advice:
          "write it with the letters of its axes (metadata={'axes': 'TZCYX'} of tifffile), or one volume alone"
      )
    }
    guard options.voxelSize == nil, let unit = metadata.unknownUnit else { return }
    throw Units.notUnderstood(
      unit, .length, what: "the voxel size", option: "--voxel-size", file: file.path, place: "page 1")
  }

  /// - Throws: `data` where the header tells of planes that the file does not hold, unless slices follow one another
  ///   whatever is told of them; or where planes are unlike each other.
  private static func checkWhole(
    _ metadata: inout TIFFStackMetadata, file: TIFFFile, options: VolumeOpenOptions
  ) throws(VoxelithError) {
    if let lack = metadata.lack {
      guard options.ignoresGaps else {
        throw VoxelithError(
          .data, lack, file: file.path,
          advice:
            "complete it, or name the files of one volume by a pattern such as 'scan/im*.tif', or take the pages that are there as "
            + "slices with --ignore-gaps")
      }
      metadata.notes.append(lack + ": its pages are taken as slices")
    }
    for place in metadata.directories ?? [] {
      let page = file.pages[place]
      try file.check(page)
      guard page.layout == file.pages[metadata.directories?.first ?? 0].layout else {
        throw VoxelithError(
          .data, "the page is \(page.summary), where the others are not", file: file.path,
          place: file.place(page))
      }
    }
  }

  /// Planes of a stack that one directory describes, as ImageJ writes large ones, tifffile with `truncate`, and SGI with
  /// ImageDepth; nil where the file is no such stack.
  ///
  /// - Throws: `data` where the planes are not there, or are packed in a way that hides where they lie.
  private static func singlePageStack(
    _ file: TIFFFile, _ page: TIFFPage, type: VoxelType
  ) throws(VoxelithError) -> Int? {
    guard file.pages.count == 1 else { return nil }
    let told = TIFFStackMetadata.imageJPlanes(file.imageDescription)
    let planes = max(
      file.imageDepth, told ?? 1, TIFFStackMetadata.truncatedPlanes(file.imageDescription, page) ?? 1)
    guard planes > 1 else { return nil }
    guard page.samples == 1, let start = page.directOffsets.first else {
      // ImageJ's number of images is a hint that other programs leave behind; a depth in the tags is not.
      guard file.imageDepth > 1 || told == nil else { return nil }
      throw VoxelithError(
        .data,
        "one directory describes \(planes) slices that are "
          + (page.isTiled
            ? "tiled" : page.compression == 1 ? "in several pieces" : "compressed (\(page.compressionName))")
          + ", which cannot be read", file: file.path, place: "page 1",
        advice: "write the stack with one page for each slice")
    }
    let held = (file.size - start) / (page.width * page.height * type.size)
    guard held >= planes else {
      throw VoxelithError(
        .data, "the page lies beyond the end of the file: the file is truncated", file: file.path,
        place: "page \(held + 1) of \(planes)")
    }
    return planes
  }

  /// Names the file that is unlike most of the others.
  private static func checkAlike(_ pages: [TIFFPage], _ files: [TIFFFile]) throws(VoxelithError) {
    var counts: [[Int]: Int] = [:]
    for page in pages { counts[page.layout, default: 0] += 1 }
    guard counts.count > 1 else { return }
    let most = counts.values.max() ?? 0
    let common = pages.first { counts[$0.layout] == most } ?? pages[0]
    for (page, file) in zip(pages, files) where page.layout != common.layout {
      throw VoxelithError(
        .data, "the slice is \(page.summary), where the other slices are \(common.summary)",
        file: file.path, advice: "move it away, or name the slices by a pattern such as 'scan/im*.tif'")
    }
  }

  private static func located<Result>(
    _ file: TIFFFile, _ page: TIFFPage, _ body: () throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    do throws(VoxelithError) { return try body() } catch {
      throw error.located(file: file.path, place: file.place(page))
    }
  }
}
