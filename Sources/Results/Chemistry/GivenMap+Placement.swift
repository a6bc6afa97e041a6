import Foundation
import Readers
package import Registration
package import Volumetry

/// Maps of other quantities on the grid of the spectra: a TIFF each, one of its errors where they are known, and `maps.json`.
package enum GivenMapFolder {
  package static let index = "maps.json"

  /// A map on the grid of the spectra.
  package struct Entry: Sendable, Codable {
    package var name: String
    package var unit: String
    package var meaning: String
    /// Voxels of the spectra that have a value, of how many.
    package var voxels: Int
    package var ofVoxels: Int
    package var mean: Double?
    package var standardDeviation: Double?
    /// Typical standard error of a voxel; nil where no errors are known.
    package var sigma: Double?

    package var file: String { name + ".tif" }
    package var sigmaFile: String { name + "_sigma.tif" }

    enum CodingKeys: String, CodingKey {
      case name, unit, meaning, voxels, mean
      case ofVoxels = "of_voxels"
      case standardDeviation = "standard_deviation"
      case sigma = "sigma_of_a_voxel"
    }
  }
}

extension GivenMap {
  /// Means of the map in the voxels of the spectra, written into a folder.
  ///
  /// The error of a mean is that of voxels whose errors are independent: root mean square of their errors, times the root of the sum
  /// of the squared weights (``FieldProjection/squaredWeight(fine:)``), over the part of the voxel that has values.
  ///
  /// - Parameters:
  ///   - projection: onto the grid of the spectra, through the transform from there to the map.
  ///   - frame: grid of the volume that the map lies on, whose place it takes where both span the same box.
  /// - Throws: `data` where the voxel size is not known, is several times that of the spectra, or nothing overlaps.
  package func write(
    through projection: FieldProjection, on frame: Grid?, to folder: String, resources: Resources
  ) throws(VoxelithError) -> GivenMapFolder.Entry {
    let target = projection.target
    let grid = try grid(on: frame)
    try checkSize(grid, scale: projection.transform.scale, target)
    let placed = FiniteVolume(try PlacedVolume(value, on: grid))
    let errors = try sigma.map { (source) throws(VoxelithError) in try PlacedVolume(source, on: grid) }
    let mean: Volume<Float>
    var error: Volume<Float>?
    if grid == target, projection.transform == .identity {
      mean = try placed.loadFloats()
      error = try errors.map { (source) throws(VoxelithError) in
        let squares = try SquaredVolume(source, where: placed).loadFloats()
        return Volume(grid: target, voxels: squares.voxels.map { $0.squareRoot() })
      }
    } else {
      let squares = errors.map { SquaredVolume($0, where: placed) }
      let all = try projection.meansAndCoverage(
        of: [placed] + [squares].compactMap { $0 }, resources: resources)
      mean = all.means[0]
      if all.means.count > 1 {
        let weight = projection.squaredWeight(fine: grid)
        error = Volume(
          grid: target,
          voxels: zip(all.means[1].voxels, all.coverage.voxels).map { (square, part) in
            (square * Float(weight) / max(part, .leastNormalMagnitude)).squareRoot()
          })
      }
    }
    var values = Moments()
    for voxel in mean.voxels where voxel.isFinite { values.add(Double(voxel)) }
    guard values.count > 0 else {
      throw VoxelithError(
        .data, "the map '\(settings.name)' has no value in any voxel of the spectra", file: settings.file,
        advice: "check its place and its voxel size")
    }
    var typical = Moments()
    for voxel in error?.voxels ?? [] where voxel.isFinite { typical.add(Double(voxel) * Double(voxel)) }
    let entry = GivenMapFolder.Entry(
      name: settings.name, unit: unit, meaning: meaning, voxels: Int(values.count),
      ofVoxels: target.shape.count, mean: rounded(values.mean),
      standardDeviation: rounded(values.standardDeviation),
      sigma: typical.count > 0 ? rounded(typical.mean.squareRoot()) : nil)
    try FractionFolder.save([mean], [entry.name], to: folder + "/" + entry.file)
    if let error {
      try FractionFolder.save([error], [entry.name + "_sigma"], to: folder + "/" + entry.sigmaFile)
    }
    return entry
  }

  /// The map's grid: its own, at the place of the volume that it lies on, which must span the same box.
  private func grid(on frame: Grid?) throws(VoxelithError) -> Grid {
    var own = value.grid
    guard let frame else {
      try own.requireSpacing(settings.file)
      return own
    }
    if own.shape == frame.shape {
      try own.requireVoxels(
        like: frame, within: Self.rounding, own: "the map '\(settings.name)'",
        others: "the volume that it lies on", file: settings.file, advice: Self.sizeAdvice)
      return frame
    }
    try own.requireSpacing(settings.file)
    func side(_ grid: Grid) -> SIMD3<Double> {
      SIMD3(Double(grid.shape.x), Double(grid.shape.y), Double(grid.shape.z)) * grid.spacing
    }
    let apart = side(own) - side(frame)
    let half = 0.5 * pointwiseMax(own.spacing, frame.spacing)
    guard (0..<3).allSatisfy({ abs(apart[$0]) <= half[$0] }) else {
      func text(_ grid: Grid) -> String {
        let sides = side(grid)
        return [sides.z, sides.y, sides.x].map { "\(rounded($0, digits: 6))" }.joined(separator: " x ")
      }
      throw VoxelithError(
        .data,
        "the map '\(settings.name)' spans \(text(own)) µm (z, y, x), the volume that it lies on \(text(frame)) µm",
        file: settings.file,
        advice: "correct its voxel size, or give as place a transform from the spectra to the map")
    }
    own.origin = frame.origin
    return own
  }

  /// What writing would refuse before it reads a value.
  package func check(onto target: Grid, on frame: Grid?) throws(VoxelithError) {
    try checkSize(try grid(on: frame), scale: 1, target)
  }

  private func checkSize(_ grid: Grid, scale: Double, _ target: Grid) throws(VoxelithError) {
    let ratio = grid.spacing / scale / target.spacing
    guard ratio.max() <= 4 else {
      throw VoxelithError(
        .data,
        "the voxels of the map '\(settings.name)' are \(rounded(ratio.max(), digits: 2)) times as wide as those of the spectra",
        file: settings.file, advice: "a map of more than 4 times tells nothing of single voxels")
    }
  }
}
