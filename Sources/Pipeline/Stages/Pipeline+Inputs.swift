import Compton
import Readers
import Results
import Volumetry

/// The inputs as sources, each on the grid that the pipeline puts it on.
extension Pipeline {
  /// How the spectra are opened, with the paths of its files.
  var spectralInput: SpectralInputSettings { file.inputs.spectra.resolved(resolve) }

  /// Paths of the files of spectra.
  var spectraPaths: [String] { file.inputs.files.xcs.all.map(resolve) }

  func openXCS() throws(VoxelithError) -> any SpectralSource {
    // Where the angle of a pinhole camera is not known, its map says so: grids and times do not need it.
    try spectralInput.open(spectraPaths, angle: 90)
  }

  /// The grid of the spectra, whose voxel size must be known.
  func coarseGrid() throws(VoxelithError) -> Grid {
    let grid = try openXCS().grid
    guard grid.hasKnownSpacing else {
      throw VoxelithError(
        .data, "the size of the XCS voxels is not known", file: spectraPaths.first,
        advice: "give inputs.xcs_voxel_size_um (z, y, x) in \(path)")
    }
    return grid
  }

  /// Path of the file that tells the fine grid: the XCT, or the labels where there is none.
  var finePath: String? { (file.inputs.files.xct ?? file.inputs.files.labels).map(resolve) }

  /// The XCT where there is one.
  func openXCT() throws(VoxelithError) -> (any VolumeSource)? {
    guard let xct = file.inputs.files.xct else { return nil }
    return try file.inputs.tomogram.open(resolve(xct))
  }

  /// The XCT of a stage that only a pipeline with one has.
  func requiredXCT() throws(VoxelithError) -> any VolumeSource {
    guard let xct = try openXCT() else {
      throw VoxelithError(.internal, "a stage asks for an XCT that the pipeline has not", file: path)
    }
    return xct
  }

  /// The grid of XCT and labels, whose voxel size must be known.
  func fineGrid() throws(VoxelithError) -> Grid {
    guard let finePath else {
      throw VoxelithError(.internal, "a stage asks for a grid that the pipeline has not", file: path)
    }
    let how = file.inputs.files.xct == nil ? file.inputs.labelVolume : file.inputs.tomogram
    let grid = try how.open(finePath).grid
    guard grid.hasKnownSpacing else {
      throw VoxelithError(
        .data, "the size of the XCT voxels is not known", file: finePath,
        advice: "give inputs.xct_voxel_size_um (z, y, x) in \(path)")
    }
    return grid
  }

  /// Path of the labels: those that are given, or those of the segmentation.
  func labelPath(_ folder: String) -> String? {
    if let labels = file.inputs.files.labels { return resolve(labels) }
    return plan.has("segment") ? folder + "/segment/labels.tif" : nil
  }

  /// The labels on the fine grid.
  func openLabels(_ folder: String) throws(VoxelithError) -> any VolumeSource {
    guard let labels = labelPath(folder) else {
      throw VoxelithError(.internal, "a stage asks for labels that the pipeline has not", file: path)
    }
    let isGiven = file.inputs.files.labels != nil
    let source = try (isGiven ? file.inputs.labelVolume : VolumeInputSettings()).open(labels)
    let grid = try fineGrid()
    try source.grid.requireVoxels(
      like: grid, within: 1e-3, own: "the labels", others: "the XCT", file: labels,
      advice: "give inputs.xct_voxel_size_um (z, y, x), which holds for both")
    return try PlacedVolume(source, on: grid)
  }

  /// What is aligned with the intensity of the spectra: the XCT, or the active material where there are labels only.
  func openMoving(_ folder: String) throws(VoxelithError) -> any VolumeSource {
    if let xct = try openXCT() { return try PlacedVolume(xct, on: try fineGrid()) }
    return PhaseIndicator(labels: try openLabels(folder), phase: file.phases.active)
  }

  /// A volume of an earlier stage on the grid of the spectra.
  func openCoarse(_ path: String, channel: Int? = nil) throws(VoxelithError) -> any VolumeSource {
    var options = VolumeOpenOptions()
    options.channel = channel
    return try PlacedVolume(try VolumeFile.open(path, options: options), on: try openXCS().grid)
  }
}
