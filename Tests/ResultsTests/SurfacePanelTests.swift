import Foundation
import Readers
import Results
import Solids
import TestSupport
import Testing
import Volumetry

/// Surfaces of panels, which come from views of files.
@Suite struct SurfacePanelTests {
  private static let labels: LabelVolume = {
    let shape = Shape(z: 14, y: 15, x: 16)
    let values = NormalNumbers.normals(shape.count, seed: 8).map { UInt16(min(max($0 + 1.5, 0), 2)) }
    return LabelVolume(grid: Grid(shape: shape, spacing: SIMD3(2, 2, 3)), voxels: values)
  }()

  private func spec(in folder: TemporaryFolder) throws -> SurfacePanelSpec {
    let path = folder.file("labels.npy")
    let output = try NPYVolumeWriter(path: path, shape: Self.labels.shape, type: .uint16)
    try output.write(.uint16(Self.labels.voxels), to: Region(whole: Self.labels.shape))
    try output.finish()
    var spec = SurfacePanelSpec(file: path)
    spec.volume.file.voxelSizeUm = [3, 2, 2]
    spec.view.phase = 1
    return spec
  }

  private var phase: Volume<Float> {
    Volume(grid: Self.labels.grid, voxels: Self.labels.voxels.map { $0 == 1 ? 1 : 0 })
  }

  @Test(arguments: [1 << 20, 1 << 30])
  func phasesAndSmoothingAreViews(_ memory: Int) throws {
    let folder = try TemporaryFolder()
    var spec = try spec(in: folder)
    let resources = Resources(threads: 2, memory: memory)
    let plain = try Mesh(isosurfaceOf: phase, level: 0.5)
    let surface = try spec.isosurface(resources: resources)
    let summary = try MeshFile.write(surface, to: folder.file("plain.stl"), resources: resources)
    #expect(summary.triangles == plain.triangles.count && summary.area == plain.area)

    spec.view.smoothUm = 3
    let smooth = Volume(
      grid: phase.grid,
      voxels: SeparableFilter.gaussian(
        phase.voxels, shape: phase.shape, sigma: SIMD3(repeating: 3) / phase.grid.spacing))
    let smoothed = try Mesh(isosurfaceOf: smooth, level: 0.5)
    let found = try MeshFile.write(
      try spec.isosurface(resources: resources), to: folder.file("smooth.stl"), resources: resources)
    #expect(found.triangles == smoothed.triangles.count && found.area == smoothed.area)
  }

  @Test func missingPhasesAndEmptySurfacesAreErrors() throws {
    let folder = try TemporaryFolder()
    var spec = try spec(in: folder)
    spec.view.phase = 7
    var volume = VolumePanelSpec(file: "")
    (volume.volume, volume.view) = (spec.volume, spec.view)
    for panel in [PanelSpec.surface(spec), .volume(volume)] {
      let missing = #expect(throws: VoxelithError.self) {
        try FigureSpec(panels: [panel]).figure(in: ".")
      }
      #expect(missing?.code == .data && missing?.message == "holds no voxel of phase 7")
    }
    spec.view.phase = 1
    spec.level = 2
    for ending in ["ply", "stl"] {
      let empty = #expect(throws: VoxelithError.self) {
        try MeshFile.write(try spec.isosurface(), to: folder.file("empty." + ending))
      }
      #expect(empty?.code == .data && empty?.message == "has no surface at 2")
      #expect(!FileManager.default.fileExists(atPath: folder.file("empty." + ending)))
    }
  }
}
