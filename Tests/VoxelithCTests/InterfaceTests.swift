import CVoxelith
import Foundation
import Synchronization
import TestSupport
import Testing
import VoxelithC

/// The functions of `voxelith.h`, called as C calls them.
@Suite struct InterfaceTests {
  /// What a call answered, copied out of its result.
  struct Answer {
    var code: Int32
    var error: String?
    var report: String
    var notices: [String]
    var arrays: [String: [Float]]
  }

  /// - Parameter volumes: float32 volumes by name with their shapes.
  static func call(
    _ operation: String, _ request: String = "{}", volumes: [(String, [Float], [Int64])] = [],
    hooks: VoxelithHooks = VoxelithHooks()
  ) -> Answer {
    let names = unsafe volumes.map { unsafe strdup($0.0) }
    let memory = unsafe volumes.map { volume in
      let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(1, volume.1.count))
      _ = unsafe copy.initialize(from: volume.1)
      return unsafe copy
    }
    defer {
      for unsafename in unsafe names { unsafe free(name) }
      for unsafeblock in unsafe memory { unsafe block.deallocate() }
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

  /// Planes across x: their normal is x.
  static let layers = (0..<4096).map { Float(sin(Double($0 % 16))) }

  @Test func versionIsThere() throws {
    let version = try #require(unsafe voxelith_version().map { unsafe String(cString: $0) })
    #expect(version.split(separator: ".").count == 3)
    #expect(voxelith_interface() == VOXELITH_INTERFACE)
  }

  @Test func arraysGoInAndOut() throws {
    let made = Self.call(
      "orient", #"{"orient": {"direction": "normal"}}"#, volumes: [("volume", Self.layers, [16, 16, 16])])
    #expect(made.code == 0 && made.error == nil && made.notices.isEmpty)
    let normals = try #require(made.arrays["orientation"])
    #expect(normals.count == 3 * 4096)
    let middle = ((8 * 16 + 8) * 16 + 8) * 3
    #expect(abs(abs(normals[middle]) - 1) < 1e-3)
    #expect(made.report.contains("\"voxel_size_um\""))
  }

  @Test(arguments: [
    ("fly", "{}", "there is no operation 'fly'"), ("orient", "{", "not a JSON object"),
    ("orient", "[]", "not a JSON object"), ("orient", #"{"orentation": {}}"#, "unknown part 'orentation'"),
    ("orient", #"{"orient": {"sigma": 1}}"#, "orient has no setting 'sigma'"),
    ("orient", #"{"orient": {"rho_um": "wide"}}"#, "rho_um: the value is of the wrong kind"),
    ("orient", #"{"orient": {"rho_um": -1}}"#, "rho_um"), ("orient", "{}", "the input 'volume' is missing"),
    ("orient", #"{"orient": 3}"#, "not an object of settings"),
  ])
  func wrongRequestsAreTold(_ operation: String, _ request: String, _ text: String) {
    let made = Self.call(operation, request)
    #expect(made.code == VOXELITH_USAGE)
    #expect(made.error?.contains(text) == true)
    #expect(made.arrays.isEmpty && made.report == "{}")
  }

  @Test func wrongArraysAreTold() {
    let volume = ("volume", Self.layers, [Int64(16), 16, 16])
    for (volumes, text) in [
      ([("volume", Self.layers, [Int64(16), 256])], "2 axes where z, y, x"),
      ([("volume", Self.layers, [Int64(16), 0, 16])], "holds nothing"),
      ([("volume", Self.layers, [Int64.max, 16, 16])], "holds nothing"),
      ([volume, volume], "given twice"),
      ([volume, ("counts", Self.layers, [Int64(16), 16, 16])], "takes no input 'counts'"),
    ] {
      let made = Self.call("orient", volumes: volumes)
      #expect(made.code == VOXELITH_USAGE || made.code == VOXELITH_DATA)
      #expect(made.error?.contains(text) == true, "\(made.error ?? "")")
    }
    #expect(unsafe voxelith_run("orient", "{}", nil, 3, nil, nil) == VOXELITH_USAGE)
    #expect(unsafe voxelith_run(nil, nil, nil, 0, nil, nil) == VOXELITH_USAGE)
    unsafe voxelith_result_free(nil)
    #expect(unsafe voxelith_result_error(nil) == nil && voxelith_result_report(nil) == nil)
    #expect(unsafe voxelith_result_notice(nil, 0) == nil && voxelith_result_array(nil, 0, nil) == 0)
  }

  /// The caller's functions run on the caller's thread, and a wish to stop is granted.
  @Test func hooksRunOnTheCallersThread() {
    struct Seen {
      var thread: pthread_t?
      var other = 0
      var asked = 0
    }
    let seen = UnsafeMutablePointer<Seen>.allocate(capacity: 1)
    unsafe seen.initialize(to: Seen(thread: pthread_self()))
    defer { unsafe seen.deallocate() }
    var hooks = unsafe VoxelithHooks()
    unsafe hooks.context = UnsafeMutableRawPointer(seen)
    unsafe hooks.cancelled = { context in
      guard let seen = unsafe context?.assumingMemoryBound(to: Seen.self) else { return 0 }
      unsafe seen.pointee.asked += 1
      if unsafe pthread_self() != seen.pointee.thread { unsafe seen.pointee.other += 1 }
      return unsafe seen.pointee.asked >= 3 ? 1 : 0
    }
    unsafe hooks.threads = 1
    let folder = NSTemporaryDirectory() + "voxelith-c-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let made = unsafe Self.call(
      "simulate", #"{"output": "\#(folder)", "simulate": {"shape": 700, "ratio": 7}}"#, hooks: hooks)
    #expect(made.code == VOXELITH_CANCELLED && made.error == "stopped on request")
    #expect(unsafe seen.pointee.asked >= 3 && seen.pointee.other == 0)
    #expect(!FileManager.default.fileExists(atPath: folder + "/xct.tif"))
  }

  /// Nothing is kept between calls: many at once answer what one does.
  @Test func callsAtOnceAnswerTheSame() {
    let request = #"{"orient": {"direction": "normal", "rho_voxels": 2}}"#
    func once() -> [Float]? {
      Self.call("orient", request, volumes: [("volume", Self.layers, [16, 16, 16])]).arrays["anisotropy"]
    }
    let alone = once()
    let differing = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      if once() != alone { differing.add(1, ordering: .relaxed) }
    }
    #expect(alone != nil && differing.load(ordering: .relaxed) == 0)
  }

  private static let compiler = ExternalTools.find("cc", "clang")

  /// `voxelith.h` is C11 and C++11 without a warning.
  @Test(.enabled(if: compiler != nil, "no C compiler"), arguments: ["c11", "c++11"])
  func headerIsPlain(_ standard: String) throws {
    let run = try ExternalTools.run(
      Self.compiler,
      [
        "-x", standard.hasPrefix("c++") ? "c++" : "c", "-std=\(standard)", "-Wall", "-Wextra", "-Wpedantic",
        "-Werror", "-include", PackageFiles.root + "/Sources/CVoxelith/voxelith.h", "-fsyntax-only",
        "/dev/null",
      ])
    #expect(run.status == 0, "\(run.log)")
  }
}
