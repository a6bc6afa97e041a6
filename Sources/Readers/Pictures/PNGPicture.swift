import CPNG
import Volumetry

/// PNG by libpng.
enum PNGPicture {
  static func header(_ bytes: [UInt8], file: String) throws(VoxelithError) -> Picture {
    let input = unsafe try run(bytes, nil, 0, file: file)
    guard input.hasPalette == 0 else {
      throw VoxelithError(
        .data, "the picture has colours of a palette and not grey values", file: file,
        advice: "convert it to grey values, or to RGB and name a channel")
    }
    return Picture(
      kind: .png, width: Int(input.width), height: Int(input.height), samples: Int(input.samples),
      type: input.depth == 16 ? .uint16 : .uint8)
  }

  static func decode(
    _ bytes: [UInt8], height: Int, into target: UnsafeMutableRawBufferPointer, file: String
  ) throws(VoxelithError) {
    _ = unsafe try run(bytes, target, height, file: file)
  }

  private struct Header {
    var width: UInt32
    var height: UInt32
    var depth: Int32
    var samples: Int32
    var hasPalette: Int32
  }

  private static func run(
    _ bytes: [UInt8], _ target: UnsafeMutableRawBufferPointer?, _ height: Int, file: String
  ) throws(VoxelithError) -> Header {
    var message = ""
    var rows = unsafe [UnsafeMutablePointer<UInt8>?](repeating: nil, count: height)
    let header = unsafe bytes.withUnsafeBufferPointer { source -> Header? in
      var input = unsafe cpng_input()
      unsafe input.bytes = source.baseAddress
      unsafe input.count = source.count
      let pixels = unsafe target?.baseAddress?.assumingMemoryBound(to: UInt8.self)
      guard unsafe cpng_read(&input, pixels, target?.count ?? 0, &rows) == 1 else {
        message = unsafe withUnsafeBytes(of: input.message) {
          unsafe FileText.decode(Array($0.prefix { $0 != 0 }))
        }
        return nil
      }
      return unsafe Header(
        width: input.width, height: input.height, depth: input.depth, samples: input.samples,
        hasPalette: input.hasPalette)
    }
    guard let header else {
      throw VoxelithError(.data, "the PNG picture is damaged or cut off", file: file, cause: message)
    }
    return header
  }
}
