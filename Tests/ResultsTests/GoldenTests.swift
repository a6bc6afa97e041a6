import Drawing
import TestSupport
import Testing
import Volumetry

@Suite struct GoldenTests {
  @Test func slice() throws {
    let figure = try SliceFigure(GalleryFigures.lithium(), label: "x in Li_xNiO_2", title: "Lithium")
    try Golden.check(figure.scene(width: .millimetres(85)), "slice")
  }

  @Test func valueAndSigma() throws {
    let volume = GalleryFigures.lithium()
    let sigma = Volume(grid: volume.grid, voxels: volume.voxels.map { 0.02 * $0 })
    let figure = try PanelFigure.valueAndSigma(value: volume, sigma: sigma, label: "x")
    try Golden.check(figure.scene(width: .millimetres(140)), "valueAndSigma")
  }

  @Test func calibration() throws {
    try Golden.check(GalleryFigures.calibration().scene(width: .millimetres(85)), "calibration")
  }

  @Test func histogram() throws {
    try Golden.check(GalleryFigures.errorHistogram().scene(width: .millimetres(85)), "histogram")
  }

  /// The comparison sees a scale bar that is longer or shifted by two pixels of 200.
  @Test func movedScaleBarIsSeen() throws {
    var figure = try SliceFigure(GalleryFigures.lithium(), label: "x")
    let raster = try figure.scene(width: .millimetres(85)).raster(dpi: 100)
    let pixelsPerMicrometre = 100 / 72 * figure.pictureWidth(.millimetres(85)) / 480
    figure.scaleBar = ScaleBar(length: figure.scaleBar.length + 2 / pixelsPerMicrometre, isPhysical: true)
    let longer = try figure.scene(width: .millimetres(85)).raster(dpi: 100)
    #expect(Golden.difference(raster, longer) > Golden.tolerance)
    #expect(Golden.difference(raster, raster) == 0)
  }
}

extension SliceFigure {
  /// Width of the picture on the page in points, found from its own pixels.
  func pictureWidth(_ width: Length) -> Double {
    do {
      let edges = try PictureFrame.edges(of: scene(width: width).raster(dpi: 300))
      return (edges.right - edges.left) * 72 / 300
    } catch {
      return .nan
    }
  }
}
