import CVoxelith
import Foundation
import Voxelith

/// An array of a result: memory that lives as long as the result.
///
/// It is filled on one thread, box by box, and read when it is full.
@safe final class OwnedArray: @unchecked Sendable {
  let name: String
  let type: VoxelType
  let shape: [Int]
  let grid: Grid?
  private let memory: UnsafeMutableRawPointer
  private let bytes: Int

  /// - Parameter grid: where the first three axes lie.
  /// - Throws: `io` where there is no memory.
  init(_ name: String, type: VoxelType, shape: [Int], grid: Grid? = nil) throws(VoxelithError) {
    self.name = name
    self.type = type
    self.shape = shape
    self.grid = grid
    bytes = shape.reduce(type.size) { $0 * max(1, $1) }
    guard let memory = unsafe calloc(bytes, 1) else {
      throw VoxelithError(.io, "there is no memory for \(bytes >> 20) MiB of '\(name)'")
    }
    unsafe self.memory = unsafe memory
  }

  deinit { unsafe free(memory) }

  var address: UnsafeRawPointer { unsafe UnsafeRawPointer(memory) }

  /// Takes the voxels of a box.
  ///
  /// - Parameters:
  ///   - channel: which element of each voxel they are.
  ///   - run: elements of a voxel; with `isWhole` the buffer holds all of them.
  func write(_ buffer: VoxelBuffer, to region: Region, channel: Int = 0, run: Int = 1, isWhole: Bool = false)
  {
    switch buffer {
    case .uint8(let values): put(values, region, channel, run, isWhole)
    case .uint16(let values): put(values, region, channel, run, isWhole)
    case .uint32(let values): put(values, region, channel, run, isWhole)
    case .uint64(let values): put(values, region, channel, run, isWhole)
    case .int8(let values): put(values, region, channel, run, isWhole)
    case .int16(let values): put(values, region, channel, run, isWhole)
    case .int32(let values): put(values, region, channel, run, isWhole)
    case .int64(let values): put(values, region, channel, run, isWhole)
    case .float16(let values): put(values, region, channel, run, isWhole)
    case .float32(let values): put(values, region, channel, run, isWhole)
    case .float64(let values): put(values, region, channel, run, isWhole)
    }
  }

  private func put<Element: BitwiseCopyable>(
    _ values: [Element], _ region: Region, _ channel: Int, _ run: Int, _ isWhole: Bool
  ) {
    let size = MemoryLayout<Element>.stride
    let sides = Shape(z: shape[0], y: shape.count > 1 ? shape[1] : 1, x: shape.count > 2 ? shape[2] : 1)
    precondition(size == type.size && region.fits(in: sides))
    let width = region.shape.x
    let side = run == 1 || isWhole
    precondition(values.count == region.count * (side ? run : 1))
    unsafe values.withUnsafeBytes { source in
      var at = 0
      for z in region.z {
        for y in region.y {
          let start = sides.index(z: z, y: y, x: region.lower.x) * run
          if side {
            let count = width * run * size
            let target = unsafe UnsafeMutableRawBufferPointer(start: memory + start * size, count: count)
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[at..<(at + count)]))
            at += count
          } else {
            let target = unsafe (memory + start * size).assumingMemoryBound(to: Element.self)
            let first = at / size
            for x in 0..<width { unsafe target[x * run + channel] = values[first + x] }
            at += width * size
          }
        }
      }
    }
  }
}

/// A channel of an array while a stage fills it.
final class ArraySink: VolumeSink {
  private let array: OwnedArray
  private let channel: Int
  private let run: Int

  init(_ array: OwnedArray, channel: Int = 0, run: Int = 1) {
    self.array = array
    self.channel = channel
    self.run = run
  }

  func write(_ buffer: VoxelBuffer, to region: Region) throws(VoxelithError) {
    guard buffer.type == array.type, buffer.count == region.count else {
      throw VoxelithError(.internal, "a source gave \(buffer.count) voxels of \(buffer.type.rawValue)")
    }
    array.write(buffer, to: region, channel: channel, run: run)
  }

  func finish() throws(VoxelithError) {}
  func abandon() {}
}
