import ArgumentParser
import Voxelith

/// What a volume file may lack, as options.
struct VolumeInput: ParsableArguments {
  @Option(help: "Voxel size in um: one number, or z,y,x.")
  var voxelSize: VoxelSize?

  @Option(help: "Path of the array within an HDF5 file.")
  var dataset: String?

  @Option(help: "Channel of a volume that has several, from 0.")
  var channel: Int?

  @Option(help: "Time point of a volume that has several, from 0.")
  var frame: Int?

  @Option(help: "Sides of a headerless file as z,y,x.")
  var rawShape: NumberTriple?

  @Option(help: "Type of a headerless file: uint8, uint16, int16, float32, ...")
  var rawType: VoxelType?

  @Option(help: "Bytes before the first voxel of a headerless file.")
  var rawOffset: Int = 0

  @Flag(help: "A headerless file has the high byte first.")
  var rawBigEndian = false

  func validate() throws {
    guard (rawShape == nil) == (rawType == nil) else {
      throw ValidationError("a headerless file needs both --raw-shape and --raw-type")
    }
    if let shape = rawShape {
      guard
        [shape.first, shape.second, shape.third].allSatisfy({ $0 >= 1 && $0 < 1e9 && $0 == $0.rounded() })
      else { throw ValidationError("--raw-shape needs three whole numbers from 1 up") }
    }
    guard rawOffset >= 0, (channel ?? 0) >= 0, (frame ?? 0) >= 0 else {
      throw ValidationError("--raw-offset, --channel and --frame must not be negative")
    }
  }

  var options: VolumeOpenOptions {
    var options = VolumeOpenOptions()
    options.voxelSize = voxelSize?.spacing
    options.dataset = dataset
    options.channel = channel
    options.frame = frame
    options.rawShape = rawShape.map { Shape(z: Int($0.first), y: Int($0.second), x: Int($0.third)) }
    options.rawType = rawType
    options.rawOffset = rawOffset
    options.rawBigEndian = rawBigEndian
    return options
  }

  /// Opens a volume and tells the user where its voxel size is not known.
  func open(_ path: String, console: Console) throws -> any VolumeSource {
    let source = try VolumeFile.open(path, options: options)
    if let notice = VolumeFile.spacingNotice(source.grid, file: path) { console.notice(notice) }
    if let notice = VolumeFile.writingNotice(source) { console.notice(notice) }
    return source
  }
}
