import Foundation
import Microstructure
import Phantoms
import Pipeline
import Readers
import Results
import TestSupport
import Testing
import Volumetry

/// Particles, interfaces and paths as stages, from labels to the page.
@Suite struct StructureStageTests {
  @Test func fromLabelsToThePage() throws {
    let folder = try TemporaryFolder()
    var settings = TwinSettings()
    settings.seed = 5
    settings.counts = 2e5
    settings.ratio = 4
    let grid = Grid(shape: Shape(z: 24, y: 32, x: 32), spacing: SIMD3(repeating: 5))
    let labels = try CathodePhantom(grid: grid, pores: .directional, binderFraction: 0.1, tilt: 20, seed: 5)
    try TwinFolder.write(
      try Twin(labels: labels, settings: settings, resources: Resources()), to: folder.file("twin"),
      overwrite: false, resources: Resources())
    let path = folder.file("twin/pipeline.yaml")
    var file = try PipelineFile.read(path)
    #expect(file.paths == nil)
    file.particles = ParticlesSettings()
    file.interfaces = InterfacesSettings()
    file.paths = PathsSettings()
    try file.write(to: path, overwrite: true)
    let again = try PipelineFile.read(path)
    #expect(again.particles == file.particles && again.interfaces != nil && again.paths == PathsSettings())
    let results = folder.file("results")
    _ = try Pipeline(path).run(into: results, command: ["test"], resources: Resources())

    // The active material is parted, and paths run through the pores.
    let source = try VolumeFile.open(folder.file("twin/labels.tif"))
    let separation = try ParticleSeparation(PhaseLabels(source, phase: UInt32(file.phases.active)))
    let numbers = try VolumeFile.open(results + "/particles/particles.tif").readLabels(
      Region(whole: grid.shape))
    #expect(numbers == separation.labels.voxels)
    let report = try ResultFile.read(PathReport.self, results + "/paths/paths.json")
    #expect(report.phase == UInt32(file.phases.pore))
    let interfaces = try ResultFile.read(InterfaceReport.self, results + "/interfaces/interfaces.json")
    #expect(interfaces.interfaces.contacts.count > 0)

    // Descriptors on the grid of the spectra: lengths rise with the depth, and no way is shorter than the straight one.
    let fields = try ResultFile.read([FieldFolder.Field].self, results + "/fields/fields.json").map(\.name)
    #expect(fields.contains("path_length") && fields.contains("path_tortuosity"))
    let lengths = try VolumeFile.open(results + "/fields/path_length.tif").loadFloats()
    let tortuosity = try VolumeFile.open(results + "/fields/path_tortuosity.tif").loadFloats()
    #expect(tortuosity.voxels.allSatisfy { $0.isNaN || $0 > 0.99 })
    func mean(_ z: Int) -> Float {
      let slice = lengths.shape.y * lengths.shape.x
      let values = lengths.voxels[(z * slice)..<((z + 1) * slice)].filter { !$0.isNaN }
      return values.reduce(0, +) / Float(values.count)
    }
    #expect(mean(lengths.shape.z - 2) > mean(1))
    let table = try String(contentsOfFile: results + "/correlate/correlation.json", encoding: .utf8)
    #expect(table.contains("path_tortuosity") && table.contains("path_length"))
    let page = try String(contentsOfFile: results + "/report/report.html", encoding: .utf8)
    for word in ["path_tortuosity", "particles.json", "interfaces.json", "paths.json"] {
      #expect(page.contains(word), "\(word)")
    }
  }
}
