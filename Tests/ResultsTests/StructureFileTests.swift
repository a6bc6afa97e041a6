import Compton
import Correlation
import Drawing
import Foundation
import Microstructure
import Phantoms
import Readers
import Registration
import Results
import TestSupport
import Testing
import Transport
import Volumetry

/// What `segment`, `orient` and `pores` write, read back.
@Suite struct StructureFileTests {
  static let grid = Grid(shape: Shape(z: 20, y: 22, x: 24), spacing: SIMD3(0.5, 0.5, 1))

  /// Bars along x, dark in bright.
  static let grey = Volume<UInt16>(
    grid: grid,
    voxels: (0..<grid.shape.count).map { i in
      let (z, y) = (i / (22 * 24), i / 24 % 22)
      return y % 8 < 4 && z % 4 < 2 ? 100 : 900
    })

  @Test func labelsAndReport() throws {
    let folder = try TemporaryFolder()
    let segmentation = try Segmentation(Self.grey, options: SegmentationOptions())
    let summary = try SegmentationFile.write(
      segmentation, to: folder.file("labels.tif"),
      sweep: SegmentationFile.Sweep(metrics: SweepMetric.allCases), overwrite: false, resources: Resources())
    #expect(folder.entries == ["labels.tif", "segment.json"])
    let labels = try VolumeFile.open(folder.file("labels.tif"), options: VolumeOpenOptions())
    let values = try labels.readLabels(Region(whole: Self.grid.shape))
    #expect(values == Self.grey.voxels.map { $0 == 100 ? 0 : 1 })
    #expect(abs(labels.grid.spacing.z - 1) < 1e-6 && abs(labels.grid.spacing.x - 0.5) < 1e-6)
    let range = try #require(summary.sweep?.ranges["porosity"])
    #expect(range.low == range.high && range.value == summary.segmentation.phases[0].fraction)
    // The bars along x are crossed by nothing and end at no face of the box along x.
    let ranges = try #require(summary.sweep?.ranges)
    #expect(abs((ranges["tortuosity_factor_x"]?.value ?? 0) - 1) < 1e-9)
    #expect(ranges["tortuosity_factor_z"] == nil && ranges["effective_diffusivity_z"]?.high == 0)
    #expect(ranges["mean_chord_um_y"]?.value == 2)
    #expect(ranges["mean_pore_size_um"] != nil && ranges["correlation_length_um_y"] != nil)
    let read = try JSONDecoder().decode(
      SegmentationSummary.self, from: Data(contentsOf: URL(fileURLWithPath: folder.file("segment.json"))))
    #expect(read.segmentation == summary.segmentation)
    #expect(throws: VoxelithError.self) {
      try SegmentationFile.write(
        segmentation, to: folder.file("labels.tif"), overwrite: false, resources: Resources())
    }
  }

  @Test func directionsAndReport() throws {
    let folder = try TemporaryFolder()
    let tensor = try StructureTensor(
      source: Self.grey, options: StructureTensorOptions(sigma: 0.7, rho: 2, stride: Shape(z: 2, y: 2, x: 2)))
    let report = try OrientationFolder.write(
      tensor, statistics: OrientationStatistics.Options(), to: folder.file("orient"), cells: .cubes(5),
      overwrite: false, resources: Resources())
    let summary = try #require(report.summary)
    #expect(abs(summary.axes[0][0]) > 0.999)
    #expect(summary.orderParameterZ.value < -0.45)
    #expect(summary.orderParameter.low <= summary.orderParameter.value)
    var options = VolumeOpenOptions()
    options.channel = 0
    let x = try VolumeFile.open(folder.file("orient/orientation.tif"), options: options)
    #expect(x.grid.shape == Shape(z: 10, y: 11, x: 12))
    let values = try x.readFloats(Region(whole: x.grid.shape))
    #expect(values.allSatisfy { abs($0) > 0.9 })
    // Cells of 5 um in a volume of 20 x 11 x 12 um.
    let cells = try VolumeFile.open(folder.file("orient/cell_orientation.tif"), options: options)
    #expect(cells.grid.shape == Shape(z: 4, y: 3, x: 3) && cells.grid.spacing == SIMD3(5, 5, 5))
    #expect(try cells.readFloats(Region(whole: cells.grid.shape)).allSatisfy { abs($0) > 0.99 })
    for name in ["anisotropy.tif", "orientation.json"] + OrientationFolder.cellFiles {
      #expect(FileManager.default.fileExists(atPath: folder.file("orient/" + name)))
    }
  }

  @Test func poresAndFields() throws {
    let folder = try TemporaryFolder()
    let labels = LabelVolume(grid: Self.grid, voxels: Self.grey.voxels.map { $0 == 100 ? 0 : 1 })
    var options = PoreFolder.Options()
    options.cells = .voxels(Shape(z: 4, y: 8, x: 6))
    let report = try PoreFolder.write(
      PhaseLabels(labels, phase: 0), options: options, to: folder.file("pores"), overwrite: false,
      resources: Resources())
    #expect(report.porosity.percolating["x"] == report.porosity.porosity)
    #expect(report.porosity.percolating["z"] == 0)
    #expect(report.chords.y.mean == 2)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("pores")).sorted()
    #expect(names == (PoreFolder.fieldFiles + ["pores.json", "thickness.tif"]).sorted())
    let porosity = try VolumeFile.open(folder.file("pores/porosity.tif"), options: VolumeOpenOptions())
    #expect(try porosity.readFloats(Region(whole: porosity.grid.shape))[0] == 0.25)
  }
}
