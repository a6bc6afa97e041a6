import Volumetry

/// What an Imaris file tells of an image: its arrays are filled up with zeros to whole chunks, and the lengths lie elsewhere.
struct ImarisImage {
  /// Voxels that belong to the image.
  let shape: Shape
  /// Micrometres along x, y, z; nil where the file tells none.
  private(set) var spacing: SIMD3<Double>?
  private(set) var corner = SIMD3<Double>.zero
  let source = "ExtMin, ExtMax and Unit of /DataSetInfo/Image"
  let notes: [String]

  /// Nil for any other array than `/DataSet/ResolutionLevel R/TimePoint T/Channel C/Data`.
  ///
  /// - Throws: `data` where the lengths do not fit the array, or the unit is not understood.
  init?(of array: HDF5Dataset, in file: HDF5File) throws(VoxelithError) {
    let parts = array.path.split(separator: "/").map(String.init)
    guard parts.count == 5, parts[0] == "DataSet", parts[3].hasPrefix("Channel "), parts[4] == "Data",
      array.shape.count == 3,
      case .group(let group)? = try? file.object(at: "/" + parts.dropLast().joined(separator: "/"))
    else { return nil }
    let sides = ["ImageSizeZ", "ImageSizeY", "ImageSizeX"].compactMap {
      Self.text(group, $0).flatMap { Int($0) }
    }
    guard sides.count == 3 else { return nil }
    guard zip(sides, array.shape).allSatisfy({ $0 >= 1 && $0 <= $1 }) else {
      throw VoxelithError(
        .data, "the image of \(sides) voxels does not fit its array of \(array.shape)", file: file.path,
        place: array.path)
    }
    shape = Shape(z: sides[0], y: sides[1], x: sides[2])
    notes =
      sides == array.shape
      ? [] : ["the array of \(array.shape) is filled up with zeros: the image is \(sides) (z, y, x)"]
    guard case .group(let info)? = try? file.object(at: "/DataSetInfo/Image") else { return }
    func numbers(_ name: String) -> [Double] {
      (0..<3).compactMap { Self.text(info, "\(name)\($0)").flatMap { Double($0) } }
    }
    let (low, high) = (numbers("ExtMin"), numbers("ExtMax"))
    let unit = Self.text(info, "Unit") ?? "um"
    guard low.count == 3, high.count == 3, zip(low, high).allSatisfy({ $1 > $0 && ($1 - $0).isFinite }) else {
      return
    }
    let factor = try Units.factor(
      of: unit, .length, assumed: 1, what: "the voxel size", option: "--voxel-size", file: file.path,
      place: "/DataSetInfo/Image")
    corner = factor * SIMD3(low[0], low[1], low[2])
    let size = factor * SIMD3(high[0] - low[0], high[1] - low[1], high[2] - low[2])
    spacing = size / SIMD3(Double(sides[2]), Double(sides[1]), Double(sides[0]))
  }

  /// Imaris writes texts letter by letter.
  private static func text(_ group: HDF5Group, _ name: String) -> String? {
    guard let letters = group.attribute(name)?.strings else { return nil }
    let text = letters.joined()
    return text.isEmpty ? nil : text
  }
}
