import Foundation
import Testing
import Volumetry

@Suite struct OwnThreadTests {
  @Test func itRunsBesideTheCaller() {
    let (done, seen) = (DispatchSemaphore(value: 0), Guarded<[UInt]>([]))
    for _ in 0..<3 {
      let isStarted = OwnThread.start {
        seen.withLock { $0.append(UInt(pthread_self())) }
        done.signal()
      }
      #expect(isStarted)
    }
    for _ in 0..<3 { #expect(done.wait(timeout: .now() + 60) == .success) }
    #expect(!seen.withLock { $0 }.contains(UInt(pthread_self())))
  }

  /// A stack that no machine has.
  @Test func withoutAThreadNothingRuns() {
    let ran = Guarded(false)
    #expect(!OwnThread.start(stack: 1 << 62) { ran.withLock { $0 = true } })
    #expect(!ran.withLock { $0 })
  }

  /// Numbers of files are left to outputs, and more by what can wait.
  @Test func inputsLeaveFilesToOutputs() {
    let (all, inputs, pages) = (
      OpenFileLimit.current, OpenFileLimit.end(), OpenFileLimit.end(sparing: 2)
    )
    #expect(all >= 16 && inputs < all && pages < inputs && pages > 0, "\(all) \(inputs) \(pages)")
  }
}

@Suite struct PlacedVolumeTests {
  private let base = Volume(
    grid: Grid(shape: Shape(z: 1, y: 2, x: 2), spacing: SIMD3(1, 2, 3)), voxels: [1, 2, 3, 4] as [Float])

  @Test func aViewLiesWhereItIsPut() throws {
    let grid = Grid(shape: base.grid.shape, spacing: SIMD3(5, 6, 7), origin: SIMD3(8, 9, 10))
    let placed = try PlacedVolume(base, on: grid)
    #expect(placed.grid == grid && placed.name == base.name)
    #expect(try placed.loadFloats().voxels == base.voxels)
    let thin = PlacedVolume(base) { $0.spacing.z = 1 }
    #expect(thin.grid.spacing == SIMD3(1, 2, 1) && thin.grid.shape == base.grid.shape)
    #expect(throws: VoxelithError.self) {
      try PlacedVolume(base, on: Grid(shape: Shape(z: 2, y: 2, x: 1), spacing: .one))
    }
  }

  @Test func voxelsOfAnotherSizeAreRefused() throws {
    func check(_ spacing: SIMD3<Double>, known: Bool = true) throws {
      let other = Grid(shape: base.grid.shape, spacing: spacing, hasKnownSpacing: known)
      try base.grid.requireVoxels(
        like: other, within: 0.01, own: "the errors", others: "the map", file: "e.tif", advice: "correct it")
    }
    try check(SIMD3(1.005, 2, 3))
    try check(SIMD3(9, 9, 9), known: false)
    let error = #expect(throws: VoxelithError.self) { try check(SIMD3(1, 2.1, 3)) }
    #expect(
      error?.message
        == "the voxels of the errors measure 3.0 x 2.0 x 1.0 µm, those of the map 3.0 x 2.1 x 1.0 µm")
  }
}
