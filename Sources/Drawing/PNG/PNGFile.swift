import CPNG
public import Volumetry

/// PNG pictures in memory: writing and reading through libpng.
public enum PNGFile {
  /// A PNG of a colour picture.
  ///
  /// - Parameters:
  ///   - dpi: pixels per inch that the file states.
  ///   - title: stated in the file.
  /// - Throws: `io` where libpng refuses.
  public static func encode(
    _ raster: Raster, dpi: Double? = nil, title: String = "", description: String = ""
  ) throws(VoxelithError) -> [UInt8] {
    let opaque = opaque(raster.pixels)
    let isOpaque = opaque != nil
    let pixels = opaque ?? raster.pixels
    let perMetre = UInt32(((dpi ?? 0) / 0.0254).rounded())
    return try write(
      pixels, width: raster.width, height: raster.height, depth: 8,
      colorType: isOpaque ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGB_ALPHA,
      perMetre: (perMetre, perMetre), title: title, description: description)
  }

  /// Red, green and blue of pixels without transparency; nil where one has some.
  private static func opaque(_ pixels: [UInt8]) -> [UInt8]? {
    let source = pixels.span
    let count = pixels.count / 4
    for i in 0..<count where source[4 * i + 3] != 255 { return nil }
    var result = [UInt8](repeating: 0, count: 3 * count)
    var target = result.mutableSpan
    for i in 0..<count {
      target[3 * i] = source[4 * i]
      target[3 * i + 1] = source[4 * i + 1]
      target[3 * i + 2] = source[4 * i + 2]
    }
    return result
  }

  /// A grey PNG of 8 bits.
  ///
  /// - Parameter pixelSize: width and height of a pixel in micrometres, which the file then states (whole
  ///   pixels per metre, as PNG has no finer unit).
  public static func encode(
    grey values: [UInt8], width: Int, height: Int, pixelSize: (Double, Double)? = nil,
    description: String = ""
  ) throws(VoxelithError) -> [UInt8] {
    precondition(values.count == width * height)
    return try write(
      values, width: width, height: height, depth: 8, colorType: PNG_COLOR_TYPE_GRAY,
      perMetre: perMetre(pixelSize), title: "", description: description)
  }

  /// A grey PNG of 16 bits.
  public static func encode(
    grey values: [UInt16], width: Int, height: Int, pixelSize: (Double, Double)? = nil,
    description: String = ""
  ) throws(VoxelithError) -> [UInt8] {
    precondition(values.count == width * height)
    var bytes = [UInt8]()
    bytes.reserveCapacity(2 * values.count)
    for value in values {
      bytes.append(UInt8(truncatingIfNeeded: value.littleEndian))
      bytes.append(UInt8(truncatingIfNeeded: value.littleEndian >> 8))
    }
    return try write(
      bytes, width: width, height: height, depth: 16, colorType: PNG_COLOR_TYPE_GRAY,
      perMetre: perMetre(pixelSize), title: "", description: description)
  }

  private static func perMetre(_ pixelSize: (Double, Double)?) -> (UInt32, UInt32) {
    guard let pixelSize else { return (0, 0) }
    func rate(_ size: Double) -> UInt32 {
      let value = 1e6 / size
      return value.isFinite && value >= 1 && value < 2_147_483_647 ? UInt32(value.rounded()) : 0
    }
    let rates = (rate(pixelSize.0), rate(pixelSize.1))
    return rates.0 == 0 || rates.1 == 0 ? (0, 0) : rates
  }

  private static func write(
    _ pixels: [UInt8], width: Int, height: Int, depth: Int32, colorType: Int32,
    perMetre: (UInt32, UInt32), title: String, description: String
  ) throws(VoxelithError) -> [UInt8] {
    var output = unsafe cpng_output()
    let isWritten = unsafe pixels.withUnsafeBufferPointer { buffer in
      unsafe cpng_write(
        &output, buffer.baseAddress, UInt32(width), UInt32(height), depth, colorType, perMetre.0,
        perMetre.1, title, description)
    }
    defer { unsafe free(output.bytes) }
    guard isWritten == 1 else {
      let cause = unsafe withUnsafeBytes(of: &output.message) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw VoxelithError(.io, "the picture cannot be written as PNG", cause: cause)
    }
    return unsafe [UInt8](UnsafeBufferPointer(start: output.bytes, count: output.count))
  }

  /// The pixels of a PNG of any kind.
  ///
  /// - Throws: `data` where the bytes are no PNG.
  public static func decode(_ bytes: [UInt8], file: String? = nil) throws(VoxelithError) -> Raster {
    var image = unsafe png_image()
    unsafe image.version = UInt32(PNG_IMAGE_VERSION)
    defer { unsafe png_image_free(&image) }
    var pixels: [UInt8] = []
    let isRead = unsafe bytes.withUnsafeBytes { buffer -> Bool in
      guard unsafe png_image_begin_read_from_memory(&image, buffer.baseAddress, buffer.count) != 0 else {
        return false
      }
      unsafe image.format = UInt32(PNG_FORMAT_FLAG_ALPHA | PNG_FORMAT_FLAG_COLOR)
      let count = unsafe 4 * Int(image.width) * Int(image.height)
      pixels = [UInt8](repeating: 0, count: count)
      return unsafe png_image_finish_read(&image, nil, &pixels, 0, nil) != 0
    }
    guard isRead else { throw VoxelithError(.data, "the file is not a readable PNG picture", file: file) }
    return unsafe Raster(width: Int(image.width), height: Int(image.height), pixels: pixels)
  }
}
