import Compton
import Foundation
import Readers
import Tomography
import Volumetry

extension ReconstructionFolder {
  /// Voxels of the reconstruction: as wide as columns, z measured from the axis.
  static func grid(_ projections: Grid, axes: ProjectionAxes) -> Grid {
    let side = projections.shape.x
    let shape = Shape(z: side, y: projections.shape.y, x: side)
    guard let pitch = axes.columnPitch else { return Grid(unscaled: shape) }
    var grid = Grid(
      shape: shape, spacing: SIMD3(pitch, axes.rowPitch ?? pitch, pitch), origin: projections.origin)
    grid.origin.z = -0.5 * Double(side) * pitch
    grid.hasKnownSpacing = axes.rowPitch != nil || shape.y == 1
    return grid
  }

  func projections(_ amplitudes: AmplitudeRows) throws(VoxelithError) -> AmplitudeProjections {
    let shape = source.grid.shape
    return try AmplitudeProjections(
      angles: shape.z, rows: shape.y, columns: shape.x, first: amplitudes.first, second: amplitudes.second,
      noise: amplitudes.noise.map {
        PairNoise(perFirst: $0.perFirst, constant: $0.constant, oneCount: $0.oneCount)
      })
  }

  func turning(_ row: Int, _ geometry: ProjectionGeometry) throws(VoxelithError) -> TurningAbsorption? {
    try map.turningAbsorption(
      row: row, grid: Self.grid(source.grid, axes: axes), angles: geometry.angles)
  }

  /// What reaches the detector from the voxels of a row; nil where nothing absorbs.
  func transmission(
    _ geometry: ProjectionGeometry
  ) -> (@Sendable (Int) throws(VoxelithError) -> [Float])? {
    guard settings.absorption != nil else { return nil }
    return { (row: Int) throws(VoxelithError) -> [Float] in try turning(row, geometry)?.transmission ?? [] }
  }

  /// The amplitudes of spectra that absorption has changed in shape.
  func absorbedAmplitudes(
    _ plain: AmplitudeProjections, _ geometry: ProjectionGeometry, centers: [Double], resources: Resources
  ) throws(VoxelithError) -> AmplitudeRows {
    try map.amplitudeRows(
      exits: { (row: Int) throws(VoxelithError) -> [Float] in
        try exits(row, plain, geometry, center: centers[row])
      }, resources: resources)
  }

  /// Mean paths in cm on the way out of the photons of every ray (angle, column, phase).
  ///
  /// Voxels count as the filtered back projection of the absorbed projections has their density, and as they are absorbed: it tells a
  /// mean well enough for the slight change of the spectra's shape.
  func exits(
    _ row: Int, _ data: AmplitudeProjections, _ geometry: ProjectionGeometry, center: Double
  ) throws(VoxelithError) -> [Float] {
    guard let turning = try turning(row, geometry) else { return [] }
    let side = geometry.columns
    let density = FilteredBackProjection(geometry).slice(data, row: row, center: center).density
    let phases = turning.exits.count
    let middle = 0.5 * Double(side - 1)
    var result = [Float](repeating: 0, count: geometry.angles.count * side * phases)
    for (index, angle) in geometry.angles.enumerated() {
      var weights = [Float](repeating: 0, count: side)
      var sums = [Float](repeating: 0, count: side * phases)
      for z in 0..<side {
        for x in 0..<side {
          let place = geometry.seen(
            x: Double(x) - center, z: Double(z) - middle, angle: angle, center: center)
          let column = Int(place.column.rounded())
          guard column >= 0, column < side, density[z * side + x] > 0 else { continue }
          let voxel = (index * side + z) * side + x
          let weight = density[z * side + x] * turning.transmission[voxel]
          weights[column] += weight
          for phase in 0..<phases { sums[column * phases + phase] += weight * turning.exits[phase][voxel] }
        }
      }
      for column in 0..<side where weights[column] > 0 {
        for phase in 0..<phases {
          result[(index * side + column) * phases + phase] = sums[column * phases + phase] / weights[column]
        }
      }
    }
    return result
  }
}
