import Testing
import Volumetry

@Suite struct NumberBytesTests {
  private static let numbers: [UInt32] = {
    var random = SeededGenerator(seed: 7)
    return [0, 1, 16_777_217, 16_777_219, .max, 0x8000_0000, 0x7FFF_FFC0]
      + (0..<1000).map { _ in UInt32(random.uniform() * 4_294_967_295) >> UInt32(random.uniform() * 31) }
  }()

  @Test("unsigned numbers become the nearest floats, in the same memory and a little behind")
  func floats() {
    let numbers = Self.numbers
    for distance in [0, 4, 12, 4096] {
      var bytes = [UInt8](repeating: 0, count: distance + 4 * numbers.count)
      unsafe bytes.withUnsafeMutableBytes { all in
        unsafe numbers.withUnsafeBytes { source in
          unsafe all[distance...].copyBytes(from: source)
        }
        unsafe NumberBytes.makeFloats(
          of: UnsafeRawBufferPointer(rebasing: all[distance...]),
          into: UnsafeMutableRawBufferPointer(rebasing: all[..<(4 * numbers.count)]))
        for (i, number) in numbers.enumerated() {
          let float = unsafe all.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)
          #expect(float == Float(number))
        }
      }
    }
  }

  @Test("bytes by significance become numbers", arguments: [0, 1, 15, 16, 17, 1007])
  func join(count: Int) {
    let numbers = Self.numbers.prefix(count)
    var planes: [UInt8] = []
    for shift in [0, 8, 16, 24] as [UInt32] {
      planes += numbers.map { UInt8(truncatingIfNeeded: $0 >> shift) }
    }
    var joined = [UInt8](repeating: 0, count: planes.count)
    unsafe planes.withUnsafeBytes { source in
      unsafe joined.withUnsafeMutableBytes { unsafe NumberBytes.join(source, into: $0) }
    }
    let expected = numbers.flatMap { number in
      [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }
    #expect(joined == expected)
  }
}
