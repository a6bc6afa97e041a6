import Compton
import Phantoms
import Testing
import Volumetry

/// Pixels that see other angles and energies than the standards did.
@Suite struct PixelGeometryTests {
  /// Least-squares slope of the error over the detector's width, from column means weighted alike, and its error.
  static func trend(_ map: LithiumMap, x: Double) throws -> (slope: Double, sigma: Double) {
    let shape = map.source.grid.shape
    var columns = [Moments](repeating: Moments(), count: shape.x)
    _ = try map.run(resources: Resources()) { (block, result) throws(VoxelithError) in
      for (index, value) in result.x.enumerated() where value.isFinite {
        columns[block.core.lower.x + index % block.core.shape.x].add(Double(value) - x)
      }
    }
    var sxx = 0.0
    var sxy = 0.0
    var variance = 0.0
    for (column, moments) in columns.enumerated() {
      let place = Double(column) / Double(shape.x - 1) - 0.5
      sxx += place * place
      sxy += place * moments.mean
      variance += place * place * moments.variance / Double(moments.count)
    }
    return (sxy / sxx, variance.squareRoot() / sxx)
  }

  static func twin(
    counts: Double, spread: Double, x: Double = 0.6, resolution: Double = 0.8, columns: Int = 24,
    depth: Int = 40
  ) throws -> Twin {
    var settings = TwinSettings()
    settings.counts = counts
    settings.ratio = 1
    settings.lithiumMean = x
    settings.lithiumGradient = 0
    settings.lithiumAmplitude = 0
    settings.angleSpread = spread
    settings.energyResolution = resolution
    // Standards that add next to nothing to the error, so that a trend shows.
    settings.standardLiveTime = 1e9
    let grid = Grid(shape: Shape(z: depth, y: 8, x: columns), spacing: .one)
    return try Twin(labels: LabelVolume(grid: grid, repeating: 1), settings: settings, resources: Resources())
  }

  @Test(arguments: [0.5, 0.8, 1.2])
  func errorsHaveNoTrendWithTheAngle(resolution: Double) throws {
    let twin = try Self.twin(counts: 1e7, spread: 4, resolution: resolution)
    let calibration = try Calibration(twin.standards.set)
    let map = try LithiumMap(source: twin.spectra, calibration: calibration)
    let (slope, sigma) = try Self.trend(map, x: 0.6)
    #expect(abs(slope) < 0.01)
    #expect(sigma < 0.004)
  }
}
