import Foundation
import Readers
import Testing
import Volumetry

/// The error that a volume which must not open ends in.
func failure(
  of path: String, _ options: VolumeOpenOptions = VolumeOpenOptions()
) -> VoxelithError? {
  do throws(VoxelithError) {
    let source = try VolumeFile.open(path, options: options)
    _ = try source.read(Region(whole: source.grid.shape))
    return nil
  } catch {
    return error
  }
}

/// Checks that an error is what a user should see: one or two lines that name the file.
func expectClear(_ error: VoxelithError?, _ code: VoxelithError.Code, naming file: String) {
  guard let error else {
    Issue.record("\(file) was read without an error")
    return
  }
  #expect(error.code == code, "\(error)")
  let lines = error.description.split(separator: "\n", omittingEmptySubsequences: false)
  #expect((1...2).contains(lines.count), "\(error)")
  #expect(lines[0].contains(file), "\(error)")
}

extension VolumeSource {
  func readAll() throws(VoxelithError) -> VoxelBuffer { try read(Region(whole: grid.shape)) }

  func mean() throws(VoxelithError) -> Double {
    let values = try readAll().doubles()
    return values.reduce(0, +) / Double(values.count)
  }
}

/// Values that are all different, so that a wrong order cannot hide.
func ramp(_ shape: Shape, scale: Float = 1) -> [Float] { (0..<shape.count).map { Float($0) * scale } }

func writeBytes(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}
