import Drawing
import Foundation
import Results
import Solids
import TestSupport
import Testing
import Volumetry

@Suite struct TurntableTests {
  @Test func framesAreNumberedAndCounted() throws {
    let folder = try TemporaryFolder()
    let grid = Grid(shape: Shape(z: 8, y: 8, x: 8), spacing: .one)
    let scale = try ColorScale(map: .viridis, lower: 0, upper: 1)
    let rendering = try VolumeRendering(
      Volume<Float>(grid: grid, repeating: 1), transfer: .solid(scale, above: 0.5, softness: 0.5))
    var table = Turntable()
    table.frames = 0
    #expect(throws: VoxelithError.self) { try table.write(rendering, to: folder.path) }
    table.frames = 3
    (table.width, table.height) = (40, 30)
    try table.write(rendering, to: folder.file("film"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("film")).sorted()
        == ["frame_0000.png", "frame_0001.png", "frame_0002.png"])
  }
}
