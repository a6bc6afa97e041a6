public import Volumetry

/// The voxels of one material: those that a volume of labels on the grid of the spectra gives one label.
public struct VoxelSelection: Sendable {
  private let labels: any VolumeSource
  public let label: Int

  /// - Throws: `data` where the labels are not on the grid of the spectra.
  public init(_ labels: any VolumeSource, label: Int, grid: Grid) throws(VoxelithError) {
    guard labels.grid.shape == grid.shape else {
      throw VoxelithError(
        .data, "the labels have \(labels.grid.shape) voxels, the spectra \(grid.shape)", file: labels.name,
        advice: "give one label for every voxel of the spectra")
    }
    self.labels = labels
    self.label = label
  }

  /// Whether each voxel of a box, in z, y, x order, is of the material.
  func read(_ region: Region) throws(VoxelithError) -> [Bool] {
    try labels.readLabels(region).map { Int($0) == label }
  }
}
