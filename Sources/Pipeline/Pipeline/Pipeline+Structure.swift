import Foundation
import Microstructure
import Readers
import Results
import Transport
import Volumetry

/// The stages that read the XCT and its labels.
extension Pipeline {
  /// The segmentation of the XCT, which is the same each time it is made.
  func segmentation(_ resources: Resources) throws(VoxelithError) -> Segmentation {
    guard let xct = try openXCT() else {
      throw VoxelithError(.internal, "a stage asks for an XCT that the pipeline has not", file: path)
    }
    return try Segmentation(xct, options: try segmentationOptions(), resources: resources)
  }

  func segmentStage() throws(VoxelithError) -> Stage {
    let options = try segmentationOptions()
    return Stage(
      "segment", inputs: [finePath].compactMap { $0 },
      parameters: [
        "method": "\(options.method)", "denoise": options.denoise.rawValue,
        "minimum_island_voxels": "\(options.minimumIsland)",
      ]
    ) { (work, resources) throws(VoxelithError) in
      try SegmentationFile.write(
        try segmentation(resources), to: work + "/labels.tif", overwrite: true, resources: resources)
    }
  }

  /// Widths that suit structures of a few voxels, and a stride that a coarse voxel still holds four of along a side.
  func tensorOptions(_ fine: Grid) throws(VoxelithError) -> StructureTensorOptions {
    let unit = fine.spacing.min()
    let coarse = try openXCS().grid
    let automatic = coarse.hasKnownSpacing ? Int(0.25 * coarse.spacing.min() / fine.spacing.max()) : 1
    let stride = max(1, file.orient?.stride ?? automatic)
    return StructureTensorOptions(
      sigma: file.orient?.sigma ?? 1.5 * unit, rho: file.orient?.rho ?? 4 * unit,
      stride: Shape(
        z: min(stride, fine.shape.z), y: min(stride, fine.shape.y), x: min(stride, fine.shape.x)),
      maskRole: .phase)
  }

  /// Directions of the pores: gradients of the XCT (of the pores themselves where there is no XCT), seen within the
  /// pores where labels tell them.
  func orientStage(_ folder: String) throws(VoxelithError) -> Stage {
    let options = try tensorOptions(try fineGrid())
    let labels = labelPath(folder)
    let pore = poreLabel
    return Stage(
      "orient", inputs: [file.inputs.xct.map(resolve), labels].compactMap { $0 },
      parameters: [
        "sigma_um": "\(options.sigma)", "rho_um": "\(options.rho)", "stride": "\(options.stride)",
        "pore": "\(pore)",
      ], seeds: ["bootstrap": 1]
    ) { (work, resources) throws(VoxelithError) in
      let pores: PhaseIndicator? =
        try labels.map { (_) throws(VoxelithError) in
          PhaseIndicator(labels: try openLabels(folder), phase: pore)
        }
      let source: any VolumeSource
      if let xct = try openXCT() {
        source = try PlacedVolume(xct, on: try fineGrid())
      } else {
        source = PhaseIndicator(labels: try openLabels(folder), phase: pore)
      }
      let tensor = try StructureTensor(source: source, mask: pores, options: options, resources: resources)
      try OrientationFolder.write(
        tensor, statistics: OrientationStatistics.Options(), to: work, overwrite: true, resources: resources)
    }
  }

  func poreStage(_ folder: String) throws(VoxelithError) -> Stage {
    var options = PoreFolder.Options()
    options.measuresThickness = file.pores?.thickness ?? true
    options.measuresCorrelation = file.pores?.correlation ?? true
    let settings = options
    let pore = poreLabel
    return Stage(
      "pores", inputs: [labelPath(folder)].compactMap { $0 },
      parameters: [
        "phase": "\(pore)", "thickness": "\(settings.measuresThickness)",
        "correlation": "\(settings.measuresCorrelation)",
      ]
    ) { (work, resources) throws(VoxelithError) in
      try PoreFolder.write(
        PhaseLabels(try openLabels(folder), phase: UInt16(pore)), options: settings, to: work,
        overwrite: true, resources: resources)
    }
  }

  func transportStage(_ folder: String) throws(VoxelithError) -> Stage {
    let axes = try transportAxes()
    let label = file.transport?.phase ?? poreLabel
    guard let phase = UInt16(exactly: label) else {
      throw bad("transport.phase", "\(label) is no label", "labels run from 0 to 65535")
    }
    let tolerance = file.transport?.tolerance ?? 1e-6
    let labels = labelPath(folder)
    return Stage(
      "transport", inputs: [labels].compactMap { $0 },
      parameters: [
        "phase": "\(phase)", "axes": axes.map(\.rawValue).joined(), "tolerance": "\(tolerance)",
      ]
    ) { (work, resources) throws(VoxelithError) in
      let source = try openLabels(folder)
      var solver = try TransportSolver(
        labels: source, conductivity: Conductivity([phase: 1]),
        options: TransportOptions(tolerance: tolerance), resources: resources)
      var report = TransportReport(
        file: (labels.map { ($0 as NSString).lastPathComponent }) ?? "", grid: source.grid,
        conductivity: [phase: 1], tolerance: tolerance)
      for axis in axes { report.add(try solver.transport(along: axis)) }
      try JSONOutput.write(report, to: work + "/transport.json", overwrite: true)
    }
  }
}
