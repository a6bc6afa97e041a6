/// In which directories of a TIFF file the planes of an OME image lie, as its elements `TiffData` tell
/// (https://docs.openmicroscopy.org/ome-model/6.2.2/ome-tiff/specification.html).
struct OMEPlanes {
  /// One element: `count` planes from the place `first` on, in the order of the axes, from a directory on. Without a
  /// directory they begin with the first one, and without either number the element stands for all planes.
  struct Block {
    var first: (c: Int, z: Int, t: Int)
    var directory: Int?
    var count: Int?
    /// The file that holds them; nil stands for the file of the header.
    var file: String?
  }

  /// Files that the planes lie in. The name of a single one does not count, since files are renamed.
  let files: Int
  /// Planes in the file that holds most of them.
  let held: Int
  let order: [TIFFStackMetadata.PlaneAxis]
  /// Directory of every plane, in the order of the axes; nil where they are all directories one after the other, or where
  /// the elements do not tell the place of each.
  let directories: [Int]?

  /// - Parameters:
  ///   - sides: channels, slices and time points.
  ///   - total: their product.
  ///   - directories: directories of the file.
  init(
    blocks: [Block], sides: (c: Int, z: Int, t: Int), total: Int,
    order: [TIFFStackMetadata.PlaneAxis], directories: Int
  ) {
    self.order = order
    var places: [String: Int] = [:]
    for block in blocks {
      let count = min(block.count ?? (block.directory == nil ? total : 1), 1 << 32)
      places[block.file ?? "", default: 0] &+= count
    }
    files = places.count
    held = places.values.max() ?? 0
    guard files == 1, total <= directories else {
      self.directories = nil
      return
    }
    var found = [Int?](repeating: nil, count: total)
    var steps = 0
    for block in blocks {
      let place = Self.place(block, sides, order)
      let start = block.directory ?? 0
      guard let place, (0..<directories).contains(start) else { continue }
      let told = block.count ?? (block.directory == nil ? total : 1)
      let count = max(0, min(told, total - place, directories - start))
      steps += count
      // Elements that tell the same planes again and again are nonsense.
      if steps > 4 * total { break }
      for step in 0..<count { found[place + step] = start + step }
    }
    let known = found.compactMap { $0 }
    let isPlain = known == Array(0..<total) && total == directories
    self.directories = known.count == total && !isPlain ? known : nil
  }

  /// Number of the first plane of an element; nil where it lies outside the image.
  private static func place(
    _ block: Block, _ sides: (c: Int, z: Int, t: Int), _ order: [TIFFStackMetadata.PlaneAxis]
  ) -> Int? {
    var (place, stride) = (0, 1)
    for axis in order {
      let (first, side) =
        switch axis {
        case .channel: (block.first.c, sides.c)
        case .slice: (block.first.z, sides.z)
        case .frame: (block.first.t, sides.t)
        }
      guard (0..<side).contains(first) else { return nil }
      place += first * stride
      stride *= side
    }
    return place
  }
}
