import Volumetry

/// The size of a voxel that lies elsewhere in a file than along the axes of its array: that of ITK's HDF5 images and of nabu's
/// reconstructions, and the sizes of pixels that are no voxels.
struct StoredVoxelSize {
  /// Micrometres along x, y, z; nil where what the file tells cannot be taken for it.
  var spacing: SIMD3<Double>?
  /// Outer corner of the first voxel.
  var corner: SIMD3<Double>?
  /// Where it came from, or what is not read.
  var source: String
  var cornerSource: String?
  var notes: [String] = []

  /// Nil where the file tells nothing.
  init?(for array: HDF5Dataset, _ layout: HDF5VolumeLayout, in file: HDF5File) throws(VoxelithError) {
    let parts = array.path.split(separator: "/").dropLast().map(String.init)
    if case .group(let group)? = try? file.object(at: "/" + parts.joined(separator: "/")),
      let found = Self.itk(group, array, layout)
    {
      self = found
      return
    }
    let told = try Self.candidates(in: file)
    if let size = told.first(where: { $0.path.hasSuffix("/voxel_size_cm") }),
      let values = try? size.readNumbers(), let first = values.first, first > 0, first.isFinite,
      values.allSatisfy({ abs($0 - first) <= 1e-9 * first })
    {
      spacing = SIMD3(repeating: first * 1e4)
      source = "\(size.path) (cm)"
      return
    }
    let names = ["voxel_size", "pixel_size", "resolution", "spacing", "voxelsize", "pixelsize"].filter {
      array.attribute($0)?.numbers != nil
    }
    guard names.isEmpty else {
      source = "the attribute \(names.joined(separator: ", ")) of \(array.path) gives no unit"
      return
    }
    guard !told.isEmpty else { return nil }
    source =
      told.prefix(3).map(\.path).joined(separator: ", ")
      + (told.count == 1 ? " may be that of the detector" : " may be those of the detector")
  }

  private init(spacing: SIMD3<Double>?, source: String) {
    self.spacing = spacing
    self.source = source
  }

  /// `Spacing`, `Origin` and `Directions` beside `VoxelData` (itkHDF5ImageIO), along x, y, z.
  private static func itk(_ group: HDF5Group, _ array: HDF5Dataset, _ layout: HDF5VolumeLayout)
    -> StoredVoxelSize?
  {
    func numbers(_ name: String) -> [Double]? {
      group.datasetIfPresent(name).flatMap { $0.type == nil ? nil : try? $0.readNumbers() }
    }
    guard array.path.hasSuffix("/VoxelData"), let step = numbers("Spacing"), step.count >= 2,
      step.allSatisfy({ $0 > 0 && $0.isFinite })
    else { return nil }
    let count = step.count
    let directions = numbers("Directions") ?? []
    let isPlain =
      directions.isEmpty
      || directions.count == count * count
        && directions.indices.allSatisfy { abs(directions[$0] - ($0 % (count + 1) == 0 ? 1 : 0)) < 1e-9 }
    guard isPlain, count <= 3 else {
      return StoredVoxelSize(spacing: nil, source: "\(group.path)/Spacing, as Directions turn the axes")
    }
    let size = SIMD3(step[0], step[1], count > 2 ? step[2] : min(step[0], step[1]))
    var found = StoredVoxelSize(spacing: size, source: "\(group.path)/Spacing (no unit: taken as µm)")
    found.notes.append("lengths are taken as µm: the file names no unit")
    if let first = numbers("Origin"), first.count == count, first.allSatisfy(\.isFinite) {
      let center = SIMD3(first[0], first[1], count > 2 ? first[2] : 0.5 * size.z)
      found.corner = center - 0.5 * size
      found.cornerSource = "\(group.path)/Origin, the centre of the first voxel, less half a voxel"
    }
    return found
  }

  /// Datasets of few numbers whose names are those of sizes of pixels or voxels.
  private static func candidates(in file: HDF5File) throws(VoxelithError) -> [HDF5Dataset] {
    var found: [HDF5Dataset] = []
    try file.walk { (node) throws(VoxelithError) in
      guard !node.isRepeated, case .dataset(let dataset)? = node.object, dataset.type != nil,
        let count = dataset.count, count <= 3
      else { return }
      let name = (dataset.path.split(separator: "/").last ?? "").lowercased()
      guard
        ["pixel_size", "pixelsize", "voxel_size", "voxelsize", "pixel_size_x", "x_pixel_size", "resolution"]
          .contains(name)
          || name.hasPrefix("voxel_size") || name.hasPrefix("pixel_size")
      else { return }
      found.append(dataset)
    }
    return found.sorted { $0.path < $1.path }
  }
}
