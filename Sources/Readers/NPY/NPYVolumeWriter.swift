public import Volumetry

/// Writes a volume as a NumPy array of shape (z, y, x), or any array by its shape.
public final class NPYVolumeWriter: VolumeSink {
  public let shape: Shape
  public let type: VoxelType
  private let output: OutputFile
  private let dataOffset: Int
  private var written = 0

  /// Creates the output under its temporary name.
  ///
  /// - Throws: `cannotCreate` where the file exists and `overwrite` is false or the folder is missing.
  public init(path: String, shape: Shape, type: VoxelType, overwrite: Bool = false) throws(VoxelithError) {
    guard let count = shape.checkedCount, count < Int.max / 16 else {
      throw VoxelithError(.usage, "an array of \(shape) values cannot be written", file: path)
    }
    self.shape = shape
    self.type = type
    let header = NPYHeader.encoded(type: type, shape: [shape.z, shape.y, shape.x])
    dataOffset = header.count
    output = try OutputFile(path, overwrite: overwrite)
    try output.resize(to: header.count + count * type.size)
    unsafe try VoxelBuffer.uint8(header).withBytes { (raw) throws(VoxelithError) in
      unsafe try output.write(raw, at: 0)
    }
  }

  public func write(_ buffer: VoxelBuffer, to region: Region) throws(VoxelithError) {
    guard buffer.type == type, region.fits(in: shape), buffer.count == region.count else {
      throw VoxelithError(
        .internal, "\(buffer.count) values of \(buffer.type.rawValue) do not fit \(region) of the array",
        file: output.path)
    }
    let plane = shape.y * shape.x * type.size
    let runs = PlaneRuns(of: region, in: shape, elementSize: type.size) { dataOffset + $0 * plane }
    unsafe try buffer.withBytes { (bytes) throws(VoxelithError) in
      for run in runs.runs {
        unsafe try output.write(.init(rebasing: bytes[run.box..<(run.box + run.count)]), at: run.file)
      }
    }
    written += region.count
  }

  /// - Throws: `internal` where not every value was written.
  public func finish() throws(VoxelithError) {
    guard written == shape.count else {
      output.discard()
      throw VoxelithError(
        .internal, "\(written) of \(shape.count) values were written", file: output.path)
    }
    try output.commit()
  }

  public func abandon() { output.discard() }

  /// Writes a whole array of any number of axes, the last one fastest.
  ///
  /// - Precondition: the number of values is the product of the sides.
  public static func write(
    _ values: VoxelBuffer, shape: [Int], to path: String, overwrite: Bool
  ) throws(VoxelithError) {
    precondition(shape.reduce(1, *) == values.count, "an array needs one value per element")
    let output = try OutputFile(path, overwrite: overwrite)
    let header = VoxelBuffer.uint8(NPYHeader.encoded(type: values.type, shape: shape))
    unsafe try header.withBytes { (raw) throws(VoxelithError) in unsafe try output.append(raw) }
    unsafe try values.withBytes { (raw) throws(VoxelithError) in unsafe try output.append(raw) }
    try output.commit()
  }
}
