import Foundation
import TestSupport
import Testing
import Volumetry

/// Every door for numbers, from both sides.
@Suite struct NumberRangeTests {
  @Test(arguments: NumberRange.table)
  func endsAreInsideAndWhatLiesBeyondIsNot(_ range: NumberRange) throws {
    let step = range.isWhole ? 1.0 : 0.0
    let inside = range.includesLower ? range.lower : range.lower + max(step, range.upper * 1e-6)
    for value in [inside, range.upper] { try range.check(value) }
    let below = range.isWhole ? range.lower - 1 : range.includesLower ? range.lower.nextDown : range.lower
    let above = range.isWhole ? range.upper + 1 : range.upper.nextUp
    for value in [below, above, .nan, .infinity, -.infinity] {
      let error = #expect(throws: VoxelithError.self) { try range.check(value) }
      #expect(error?.code == .data && error?.message.contains(range.name) == true)
    }
    if range.isWhole { #expect(!range.contains(inside + 0.5)) }
  }

  @Test func everyRangeHasItsOwnName() {
    #expect(Set(NumberRange.table.map(\.name)).count == NumberRange.table.count)
  }

  @Test func whatCannotBeACovarianceIsNone() {
    #expect(Matrix.isCovariance([[4, 1], [1, 9]]))
    #expect(Matrix.isCovariance([[0, 0], [0, 0]]))
    #expect(Matrix.isCovariance([[1, 1], [1, 1]]))
    #expect(Matrix.isCovariance([[1e-14, -9.9e-13], [-9.9e-13, 1e-10]]))
    #expect(!Matrix.isCovariance([[-1, 0], [0, -1]]))
    #expect(!Matrix.isCovariance([[1, 2], [2, 1]]))
    #expect(!Matrix.isCovariance([[1, 0.5], [0.4, 1]]))
    #expect(!Matrix.isCovariance([[0, 1], [1, 1]]))
    #expect(!Matrix.isCovariance([[1, .nan], [.nan, 1]]))
    #expect(!Matrix.isCovariance([[1, 0, 0], [0, 1]]))
    // Each pair is possible, the three together are not: correlations 0.9, 0.9 and -0.9.
    #expect(!Matrix.isCovariance([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]))
  }

  @Test func pipesAndDevicesAreNoFiles() throws {
    let folder = try TemporaryFolder()
    let pipe = folder.file("pipe")
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: pipe)
    for path in [pipe, folder.file("link"), "/dev/zero", "/dev/tty", folder.path] {
      let error = #expect(throws: VoxelithError.self) { try WholeFile.read(path) }
      #expect(error?.code == .data || error?.code == .missing, "\(path): \(String(describing: error))")
    }
    #expect(throws: VoxelithError.self) { try WholeFile.read(folder.file("none")) }
    try Data(count: 100).write(to: URL(fileURLWithPath: folder.file("file")))
    #expect(try WholeFile.read(folder.file("file")).count == 100)
    #expect(throws: VoxelithError.self) { try WholeFile.read(folder.file("file"), limit: 99) }
  }
}
