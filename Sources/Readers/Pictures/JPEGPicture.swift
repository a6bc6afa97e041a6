import CJPEG
import Volumetry

/// JPEG by libjpeg.
enum JPEGPicture {
  static func header(_ bytes: [UInt8], file: String) throws(VoxelithError) -> Picture {
    let header = unsafe try run(bytes, nil, file: file)
    return Picture(
      kind: .jpeg, width: header.width, height: header.height, samples: header.samples, type: .uint8)
  }

  static func decode(
    _ bytes: [UInt8], into target: UnsafeMutableRawBufferPointer, file: String
  ) throws(VoxelithError) {
    _ = unsafe try run(bytes, target, file: file)
  }

  private static func run(
    _ bytes: [UInt8], _ target: UnsafeMutableRawBufferPointer?, file: String
  ) throws(VoxelithError) -> (width: Int, height: Int, samples: Int) {
    var picture = cjpeg_picture()
    let pixels = unsafe target?.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard
      unsafe cjpeg_read(&picture, bytes, bytes.count, pixels, target?.count ?? 0, ReadingMemory.budget / 4)
        == 1
    else {
      let message = unsafe withUnsafeBytes(of: picture.message) {
        unsafe FileText.decode(Array($0.prefix { $0 != 0 }))
      }
      throw VoxelithError(.data, "the JPEG picture is damaged or cut off", file: file, cause: message)
    }
    return (Int(picture.width), Int(picture.height), Int(picture.samples))
  }
}
