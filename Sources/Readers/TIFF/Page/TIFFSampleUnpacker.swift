import Volumetry

/// Turns decoded rows of samples into values of a type in memory.
///
/// libtiff has already turned 16, 32 and 64-bit samples to the byte order of this machine; samples of
/// other widths are packed with the high bit first and each row begins at a byte.
struct TIFFSampleUnpacker {
  let bits: Int
  let isNative: Bool
  let isSigned: Bool
  let isFloat: Bool
  let size: Int
  /// Whether libtiff has turned the three bytes of a 24-bit sample to put the low one first.
  let isTurned24: Bool

  init(_ page: TIFFPage, type: VoxelType, isBigEndian: Bool) {
    bits = page.bitsPerSample
    isNative = page.isNative
    isSigned = page.format == .signed
    isFloat = page.format == .float
    size = type.size
    // Integers have the high byte first in files of either order, as other odd widths have.
    isTurned24 = bits == 24 && (isBigEndian || isFloat)
  }

  /// Takes `count` samples of a row, from sample `start` on, each `step` after the one before.
  func unpack(
    _ row: UnsafeRawBufferPointer, from start: Int, step: Int, count: Int,
    into target: UnsafeMutableRawBufferPointer
  ) {
    if isNative {
      if step == 1 {
        unsafe target.copyMemory(from: .init(rebasing: row[(start * size)..<((start + count) * size)]))
      } else {
        unsafe pick(row, from: start, step: step, count: count, into: target)
      }
    } else if bits == 1 && step == 1 && !isSigned {
      for i in 0..<count {
        let bit = start + i
        unsafe target[i] = row[bit >> 3] >> UInt8(7 - bit & 7) & 1
      }
    } else {
      for i in 0..<count {
        let value = unsafe isTurned24 ? three(row, at: start + i * step) : packed(row, at: start + i * step)
        unsafe store(value, at: i, in: target)
      }
    }
  }

  private func pick(
    _ row: UnsafeRawBufferPointer, from start: Int, step: Int, count: Int,
    into target: UnsafeMutableRawBufferPointer
  ) {
    func copy<Word: BitwiseCopyable>(_: Word.Type) {
      for i in 0..<count {
        let word = unsafe row.loadUnaligned(fromByteOffset: (start + i * step) * size, as: Word.self)
        unsafe target.storeBytes(of: word, toByteOffset: i * size, as: Word.self)
      }
    }
    switch size {
    case 1: copy(UInt8.self)
    case 2: copy(UInt16.self)
    case 4: copy(UInt32.self)
    default: copy(UInt64.self)
    }
  }

  private func three(_ row: UnsafeRawBufferPointer, at sample: Int) -> UInt64 {
    unsafe UInt64(row[3 * sample]) | UInt64(row[3 * sample + 1]) << 8 | UInt64(row[3 * sample + 2]) << 16
  }

  private func packed(_ row: UnsafeRawBufferPointer, at sample: Int) -> UInt64 {
    var value: UInt64 = 0
    var position = sample * bits
    var left = bits
    while left > 0 {
      let take = min(8 - position & 7, left)
      let byte = unsafe UInt64(row[position >> 3])
      value = value << UInt64(take) | byte >> UInt64(8 - position & 7 - take) & (1 << UInt64(take) - 1)
      position += take
      left -= take
    }
    return value
  }

  private func store(_ value: UInt64, at index: Int, in target: UnsafeMutableRawBufferPointer) {
    if isFloat {
      unsafe target.storeBytes(of: Self.float24(UInt32(value)), toByteOffset: 4 * index, as: Float.self)
      return
    }
    let unused = UInt64(64 - bits)
    let word = isSigned ? UInt64(bitPattern: Int64(bitPattern: value << unused) >> Int64(unused)) : value
    switch size {
    case 1: unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: word), toByteOffset: index, as: UInt8.self)
    case 2:
      unsafe target.storeBytes(of: UInt16(truncatingIfNeeded: word), toByteOffset: 2 * index, as: UInt16.self)
    case 4:
      unsafe target.storeBytes(of: UInt32(truncatingIfNeeded: word), toByteOffset: 4 * index, as: UInt32.self)
    default: unsafe target.storeBytes(of: word, toByteOffset: 8 * index, as: UInt64.self)
    }
  }

  /// Adobe's 24-bit float: sign, 7 bits of exponent with bias 63, 16 bits of fraction (TIFF Technical
  /// Note 3).
  static func float24(_ word: UInt32) -> Float {
    let sign: Float = word >> 23 & 1 == 1 ? -1 : 1
    let exponent = Int(word >> 16 & 0x7F)
    let fraction = Float(word & 0xFFFF) / 65536
    switch exponent {
    case 0: return sign * fraction * Float(sign: .plus, exponent: -62, significand: 1)
    case 127: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction) * Float(sign: .plus, exponent: exponent - 63, significand: 1)
    }
  }
}
