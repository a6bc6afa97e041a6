import Compton
import Readers
import Results
import Volumetry

/// The inputs as sources, each on the grid that the pipeline puts it on.
extension Pipeline {
  var spectralOptions: SpectralOpenOptions {
    var options = SpectralOpenOptions()
    options.dataset = file.inputs.xcsDataset
    options.voxelSize = file.inputs.xcsVoxelSize?.vector
    options.acquisition = Acquisition(
      incidentEnergy: file.inputs.incidentEnergy,
      scatteringAngle: file.inputs.scatteringAngle.map { .uniform($0) }, liveTime: file.inputs.liveTime)
    return options
  }

  func openXCS() throws(VoxelithError) -> any SpectralSource {
    try SpectralFile.open(resolve(file.inputs.xcs), options: spectralOptions)
  }

  /// The grid of the spectra, whose voxel size must be known.
  func coarseGrid() throws(VoxelithError) -> Grid {
    let grid = try openXCS().grid
    guard grid.hasKnownSpacing else {
      throw VoxelithError(
        .data, "the size of the XCS voxels is not known", file: resolve(file.inputs.xcs),
        advice: "give inputs.xcs_voxel_size_um (z, y, x) in \(path)")
    }
    return grid
  }

  private var fineOptions: VolumeOpenOptions {
    var options = VolumeOpenOptions()
    options.voxelSize = file.inputs.xctVoxelSize?.vector
    options.dataset = file.inputs.xctDataset
    return options
  }

  /// Path of the file that tells the fine grid: the XCT, or the labels where there is none.
  var finePath: String? { (file.inputs.xct ?? file.inputs.labels).map(resolve) }

  /// The XCT where there is one.
  func openXCT() throws(VoxelithError) -> (any VolumeSource)? {
    guard let xct = file.inputs.xct else { return nil }
    return try VolumeFile.open(resolve(xct), options: fineOptions)
  }

  /// The grid of XCT and labels, whose voxel size must be known.
  func fineGrid() throws(VoxelithError) -> Grid {
    guard let finePath else {
      throw VoxelithError(.internal, "a stage asks for a grid that the pipeline has not", file: path)
    }
    let grid = try VolumeFile.open(finePath, options: fineOptions).grid
    guard grid.hasKnownSpacing else {
      throw VoxelithError(
        .data, "the size of the XCT voxels is not known", file: finePath,
        advice: "give inputs.xct_voxel_size_um (z, y, x) in \(path)")
    }
    return grid
  }

  /// Path of the labels: those that are given, or those of the segmentation.
  func labelPath(_ folder: String) -> String? {
    if let labels = file.inputs.labels { return resolve(labels) }
    return plan.has(.segment) ? folder + "/segment/labels.tif" : nil
  }

  /// The labels on the fine grid.
  func openLabels(_ folder: String) throws(VoxelithError) -> any VolumeSource {
    guard let labels = labelPath(folder) else {
      throw VoxelithError(.internal, "a stage asks for labels that the pipeline has not", file: path)
    }
    var options = VolumeOpenOptions()
    options.voxelSize = file.inputs.xctVoxelSize?.vector
    let source = try VolumeFile.open(labels, options: options)
    let grid = try fineGrid()
    let apart = (source.grid.spacing - grid.spacing) / grid.spacing
    if source.grid.hasKnownSpacing, max(apart.max(), -apart.min()) > 1e-3 {
      throw VoxelithError(
        .data,
        "the voxels of the labels measure \(Self.text(source.grid)) um, those of the XCT \(Self.text(grid)) um",
        file: labels, advice: "give inputs.xct_voxel_size_um (z, y, x), which holds for both")
    }
    return try PlacedVolume(source, on: grid)
  }

  private static func text(_ grid: Grid) -> String {
    "\(grid.spacing.z) x \(grid.spacing.y) x \(grid.spacing.x)"
  }

  /// What is aligned with the intensity of the spectra: the XCT, or the active material where there are labels only.
  func openMoving(_ folder: String) throws(VoxelithError) -> any VolumeSource {
    if let xct = try openXCT() { return try PlacedVolume(xct, on: try fineGrid()) }
    return PhaseIndicator(labels: try openLabels(folder), phase: activeLabel)
  }

  /// A volume of an earlier stage on the grid of the spectra.
  func openCoarse(_ path: String, channel: Int? = nil) throws(VoxelithError) -> any VolumeSource {
    var options = VolumeOpenOptions()
    options.channel = channel
    return try PlacedVolume(try VolumeFile.open(path, options: options), on: try openXCS().grid)
  }
}
