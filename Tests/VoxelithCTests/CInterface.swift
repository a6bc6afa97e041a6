import CVoxelith
import Foundation
import VoxelithC

/// The functions of `voxelith.h` as C calls them, with what they answer copied out.
enum CInterface {
  /// What a call answered, copied out of its result.
  struct Answer {
    var code: Int32
    var error: String?
    var report: String
    var notices: [String]
    var arrays: [String: [Float]]
  }

  /// - Parameters:
  ///   - volumes: float32 volumes by name with their shapes.
  ///   - files: files by name.
  static func call(
    _ operation: String, _ request: String = "{}", volumes: [(String, [Float], [Int64])] = [],
    files: [(String, String)] = [], threads: Int64 = 0
  ) -> Answer {
    var hooks = unsafe VoxelithHooks()
    unsafe hooks.threads = threads
    return unsafe call(operation, request, volumes: volumes, files: files, hooks: hooks)
  }

  private static func call(
    _ operation: String, _ request: String, volumes: [(String, [Float], [Int64])],
    files: [(String, String)] = [], hooks: VoxelithHooks
  ) -> Answer {
    let names = unsafe (volumes.map(\.0) + files.flatMap { [$0.0, $0.1] }).map { unsafe strdup($0) }
    let memory = unsafe volumes.map { volume in
      let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(1, volume.1.count))
      _ = unsafe copy.initialize(from: volume.1)
      return unsafe copy
    }
    defer {
      unsafe names.forEach { unsafe free($0) }
      unsafe memory.forEach { unsafe $0.deallocate() }
    }
    var inputs: [VoxelithArray] = unsafe []
    for (index, volume) in volumes.enumerated() {
      var array = unsafe VoxelithArray()
      unsafe array.name = unsafe UnsafePointer(names[index])
      unsafe array.data = unsafe UnsafeRawPointer(memory[index].baseAddress)
      unsafe array.type = Int32(VOXELITH_FLOAT32)
      unsafe array.rank = Int32(volume.2.count)
      let sides = volume.2 + [1, 1, 1, 1]
      unsafe array.shape = (sides[0], sides[1], sides[2], sides[3])
      unsafe array.spacing_um = (2, 2, 2)
      unsafe inputs.append(array)
    }
    for index in files.indices {
      var array = unsafe VoxelithArray()
      unsafe array.name = unsafe UnsafePointer(names[volumes.count + 2 * index])
      unsafe array.path = unsafe UnsafePointer(names[volumes.count + 2 * index + 1])
      unsafe inputs.append(array)
    }
    var result: OpaquePointer?
    var given = unsafe hooks
    let code = unsafe voxelith_run(operation, request, inputs, Int64(inputs.count), &given, &result)
    defer { unsafe voxelith_result_free(result) }
    func text(_ pointer: UnsafePointer<CChar>?) -> String? {
      unsafe pointer.map { unsafe String(cString: $0) }
    }
    var notices: [String] = []
    while let notice = unsafe text(voxelith_result_notice(result, Int64(notices.count))) {
      notices.append(notice)
    }
    var arrays: [String: [Float]] = [:]
    var array = unsafe VoxelithArray()
    var index: Int64 = 0
    while unsafe voxelith_result_array(result, index, &array) == 1 {
      let shape = unsafe [array.shape.0, array.shape.1, array.shape.2, array.shape.3]
      let count = unsafe shape.prefix(Int(array.rank)).reduce(1) { $0 * Int($1) }
      if unsafe array.type == VOXELITH_FLOAT32, let name = unsafe text(array.name),
        let data = unsafe array.data
      {
        let values = unsafe data.assumingMemoryBound(to: Float.self)
        arrays[name] = unsafe [Float](UnsafeBufferPointer(start: values, count: count))
      }
      index += 1
    }
    return unsafe Answer(
      code: code, error: text(voxelith_result_error(result)),
      report: text(voxelith_result_report(result)) ?? "", notices: notices, arrays: arrays)
  }

  static var version: String? { unsafe voxelith_version().map { unsafe String(cString: $0) } }

  /// Codes of calls that lack what they point to.
  static var withoutPointers: [Int32] {
    unsafe [voxelith_run("orient", "{}", nil, 3, nil, nil), voxelith_run(nil, nil, nil, 0, nil, nil)]
  }

  /// Whether no result has no error, no report, no notice and no array, and may be freed.
  static var nothingOfNothing: Bool {
    voxelith_result_free(nil)
    return unsafe voxelith_result_error(nil) == nil && voxelith_result_report(nil) == nil
      && voxelith_result_notice(nil, 0) == nil && voxelith_result_array(nil, 0, nil) == 0
  }

  private struct Seen {
    var thread: pthread_t
    var elsewhere = 0
    var asked = 0
    let patience: Int
  }

  /// A call whose caller wants it to stop when it is asked for the n-th time.
  ///
  /// - Returns: also how often it was asked, and how often on another thread.
  static func stopped(
    _ operation: String, _ request: String, after patience: Int
  ) -> (Answer, asked: Int, elsewhere: Int) {
    let seen = UnsafeMutablePointer<Seen>.allocate(capacity: 1)
    unsafe seen.initialize(to: Seen(thread: pthread_self(), patience: patience))
    defer { unsafe seen.deallocate() }
    var hooks = unsafe VoxelithHooks()
    unsafe hooks.context = UnsafeMutableRawPointer(seen)
    unsafe hooks.threads = 1
    unsafe hooks.cancelled = { context in
      guard let seen = unsafe context?.assumingMemoryBound(to: Seen.self) else { return 0 }
      unsafe seen.pointee.asked += 1
      if unsafe pthread_self() != seen.pointee.thread { unsafe seen.pointee.elsewhere += 1 }
      return unsafe seen.pointee.asked >= seen.pointee.patience ? 1 : 0
    }
    let answer = unsafe call(operation, request, volumes: [], hooks: hooks)
    return unsafe (answer, seen.pointee.asked, seen.pointee.elsewhere)
  }
}
