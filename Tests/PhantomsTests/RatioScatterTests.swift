import Compton
import Phantoms
import Testing
import Volumetry

/// A ratio of two lines bends: the standards say so, and sigma of the ratio methods holds it.
@Suite struct RatioScatterTests {
  @Test func bentLineWidensSigma() throws {
    var settings = TwinSettings()
    settings.counts = 1e6
    settings.backgroundFraction = 0
    settings.ratio = 1
    settings.standards = [0, 0.25, 0.5, 0.75, 1]
    settings.standardLiveTime = settings.voxelLiveTime * 1e4
    let labels = LabelVolume(grid: Grid(unscaled: Shape(z: 1, y: 1, x: 1)), repeating: 1)
    let twin = try Twin(labels: labels, settings: settings, resources: Resources())
    let line = try Calibration(twin.standards.set).methods.sParameter
    #expect(line.probability < 0.05)
    let scatter = try #require(line.scatter)
    // What the standards without noise leave of the best line is of the size of the scatter.
    let residual = (line.points.reduce(0.0) { $0 + $1.residual * $1.residual } / 3).squareRoot()
    print("scatter \(scatter), residuals \(residual), in x \(scatter / line.slope), chi2 \(line.chiSquared)")
    #expect(scatter > 0.5 * residual && scatter < 2 * residual)
    // Each standard seen as a sample: x off by less than 2.5 sigma of the line.
    for point in line.points {
      let found = line.lithium(ratio: point.value, sigma: 0)
      #expect(abs(found.x - point.x) < 2.5 * found.sharedSigma)
    }
  }

  /// Standards of few counts lie on their line within errors: nothing is widened, as often as chance has it.
  @Test func straightLineIsLeftAlone() throws {
    var widened = 0
    for seed in 0..<20 {
      var settings = TwinSettings()
      settings.counts = 1e4
      settings.backgroundFraction = 0
      settings.ratio = 1
      settings.seed = UInt64(100 + seed)
      settings.standards = [0, 0.25, 0.5, 0.75, 1]
      settings.standardLiveTime = settings.voxelLiveTime * 1e3
      let labels = LabelVolume(grid: Grid(unscaled: Shape(z: 1, y: 1, x: 1)), repeating: 1)
      let twin = try Twin(labels: labels, settings: settings, resources: Resources())
      let options = CalibrationOptions(sWindows: try .sParameter(d: 2, r: 8))
      if try Calibration(twin.standards.set, options: options).methods.sParameter.scatter != nil {
        widened += 1
      }
    }
    #expect(widened <= 4)
  }
}
