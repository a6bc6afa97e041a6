import CVoxelith
import Foundation
import Synchronization
import TestSupport
import Testing
import VoxelithC

/// The functions of `voxelith.h`, called as C calls them.
@Suite struct InterfaceTests {
  /// Planes across x: their normal is x.
  static let layers = (0..<4096).map { Float(sin(Double($0 % 16))) }

  @Test func versionIsThere() throws {
    let version = try #require(CInterface.version)
    #expect(version.split(separator: ".").count == 3)
    #expect(voxelith_interface() == VOXELITH_INTERFACE)
  }

  @Test func arraysGoInAndOut() throws {
    let made = CInterface.call(
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
    let made = CInterface.call(operation, request)
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
      let made = CInterface.call("orient", volumes: volumes)
      #expect(made.code == VOXELITH_USAGE || made.code == VOXELITH_DATA)
      #expect(made.error?.contains(text) == true, "\(made.error ?? "")")
    }
    #expect(CInterface.withoutPointers == [VOXELITH_USAGE, VOXELITH_USAGE].map { Int32($0) })
    #expect(CInterface.nothingOfNothing)
  }

  /// The caller's functions run on the caller's thread, and a wish to stop is granted.
  @Test func hooksRunOnTheCallersThread() throws {
    let folder = try TemporaryFolder()
    let (made, asked, elsewhere) = CInterface.stopped(
      "simulate", #"{"output": "\#(folder.file("twin"))", "simulate": {"shape": 700, "ratio": 7}}"#, after: 3)
    #expect(made.code == VOXELITH_CANCELLED && made.error == "stopped on request")
    #expect(asked >= 3 && elsewhere == 0)
    #expect(!FileManager.default.fileExists(atPath: folder.file("twin/xct.tif")))
  }

  /// Nothing is kept between calls: many at once answer what one does.
  @Test func callsAtOnceAnswerTheSame() {
    let request = #"{"orient": {"direction": "normal", "rho_voxels": 2}}"#
    @Sendable func once() -> [Float]? {
      CInterface.call("orient", request, volumes: [("volume", Self.layers, [16, 16, 16])])
        .arrays["anisotropy"]
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
