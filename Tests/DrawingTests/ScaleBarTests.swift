import Drawing
import TestSupport
import Testing
import Volumetry

@Suite struct ScaleBarTests {
  /// Length of the longest dark run below half the width of the lower third of the picture, in pixels with parts of pixels.
  static func barLength(of raster: Raster) -> Double {
    var best = 0.0
    for y in (raster.height * 2 / 3)..<raster.height {
      var run = 0.0
      var longest = 0.0
      var darkest = 0.0
      for x in 0..<raster.width {
        let dark = 1 - raster[x, y].red
        run = dark > 0.02 ? run + dark : 0
        darkest = dark > 0.02 ? max(darkest, dark) : 0
        // The lower line of the frame is as long as the picture, the bar at most a third of it; rows that a line
        // only touches are not dark.
        if x + 1 == raster.width || 1 - raster[x + 1, y].red <= 0.02, darkest > 0.98,
          run < 0.5 * Double(raster.width)
        {
          longest = max(longest, run)
        }
      }
      best = max(best, longest)
    }
    return best
  }

  /// A white picture without colour bar, so that only frame, bar and letters are dark.
  private func figure(width: Int, height: Int, spacing: Double, known: Bool = true) throws -> SliceFigure {
    var grid = Grid(shape: Shape(z: 1, y: height, x: width), spacing: SIMD3(spacing, spacing * 1.7, 1))
    grid.hasKnownSpacing = known
    var figure = try SliceFigure(
      Volume<Float>(grid: grid, repeating: 1), map: .grey, range: .fixed(0, 1), label: "x")
    figure.showsColorBar = false
    figure.showsPlace = false
    return figure
  }

  @Test(
    arguments: [(100, 0.37), (64, 1.0), (333, 2.6), (57, 25), (1000, 0.004), (200, 130)], [96.0, 150, 300])
  func drawnLengthIsTheLabels(_ size: (Int, Double), dpi: Double) throws {
    let (count, spacing) = size
    let figure = try figure(width: count, height: max(10, count / 2), spacing: spacing)
    let raster = try figure.scene(width: .millimetres(80)).raster(dpi: dpi)
    let frame = PictureFrame.edges(of: raster)
    let expected = (frame.right - frame.left) * figure.scaleBar.length / (Double(count) * spacing)
    #expect(abs(Self.barLength(of: raster) - expected) < 0.5, "\(count) x \(spacing) um at \(dpi) dpi")
  }

  @Test func lengthsArePreferredAndUnitsSuit() {
    func text(_ extent: Double) -> String { ScaleBar(for: extent, isPhysical: true).text.plain }
    #expect(text(480) == "100\u{A0}µm")
    #expect(text(1500) == "500\u{A0}µm")
    #expect(text(3000) == "1\u{A0}mm")
    #expect(text(7.2) == "2\u{A0}µm")
    #expect(text(0.9) == "200\u{A0}nm")
    #expect(text(0.0031) == "1\u{A0}nm")
    for exponent in -3...5 {
      for extent in [1.1, 2.9, 3.0, 5.9, 6.1, 9.9] {
        let whole = extent * Elementary.power(10, exponent)
        let bar = ScaleBar(for: whole, isPhysical: true)
        #expect(bar.length <= whole / 3 * 1.000001 && bar.length > whole / 3 / 2.51)
      }
    }
  }

  @Test func unknownSizeIsSaid() throws {
    let figure = try figure(width: 90, height: 40, spacing: 1, known: false)
    #expect(figure.scaleBar.text.plain == "20 voxels (size unknown)")
    #expect(ScaleBar(for: 2, isPhysical: false).text.plain == "1 voxel (size unknown)")
  }
}

enum Elementary {
  static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1.0) { value, _ in exponent > 0 ? value * base : value / base }
  }
}
