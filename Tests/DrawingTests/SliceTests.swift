import Drawing
import TestSupport
import Testing
import Volumetry

@Suite struct SliceTests {
  /// A voxel's value tells its place.
  private func numbered(_ shape: Shape = Shape(z: 3, y: 4, x: 5)) -> Volume<Float> {
    let grid = Grid(shape: shape, spacing: SIMD3(1, 2, 5), origin: SIMD3(100, 0, 0))
    return Volume(grid: grid, voxels: (0..<shape.count).map { Float($0) })
  }

  @Test func slicesOfEveryAxis() throws {
    let volume = numbered()
    let z = try SliceImage(volume, .index(.z, 1))
    #expect(z.width == 5 && z.height == 4 && z.values[0] == 20 && z.values[5] == 25)
    #expect(z.pixelSize == (1, 2) && z.axes == ("x", "y"))
    let y = try SliceImage(volume, .index(.y, 2))
    #expect(y.width == 5 && y.height == 3 && y.values[0] == 10 && y.values[5] == 30)
    #expect(y.pixelSize == (1, 5) && y.axes == ("x", "z"))
    let x = try SliceImage(volume, .index(.x, 4))
    #expect(x.width == 4 && x.height == 3 && x.values[0] == 4 && x.values[4] == 24)
    #expect(x.pixelSize == (2, 5) && x.axes == ("y", "z"))
  }

  /// Every slice says which axes run to the right and down.
  @Test func slicesNameTheirAxes() throws {
    let y = try SliceImage(numbered(), .index(.y, 2))
    #expect(y.place.hasPrefix("x\u{A0}\u{2192}, z\u{A0}\u{2193}; y = "), "\(y.place)")
  }

  @Test func errorsOfAnotherGridAreRefused() throws {
    let value = numbered()
    for sigma in [
      numbered(Shape(z: 3, y: 4, x: 6)),
      Volume(grid: Grid(shape: value.grid.shape, spacing: SIMD3(1, 2, 4)), voxels: value.voxels),
    ] {
      #expect(throws: VoxelithError.self) {
        try PanelFigure.valueAndSigma(value: value, sigma: sigma, label: "x")
      }
    }
    let pair = try PanelFigure.valueAndSigma(value: value, sigma: value, label: "lithium content x")
    #expect((pair.panels[1] as? SliceFigure)?.label.plain == "\u{3C3}(x)")
  }

  /// The last digits of Float are no structure.
  @Test func rangesAreWiderThanRounding() throws {
    let noise = (0..<1000).map { 1 - Float($0 % 3) * 6e-8 }
    let (low, high) = try ValueRange.automatic.resolve(noise)
    #expect(low < 0.96 && high > 1.04)
  }

  /// Half of the colours' range is white and nothing is full colour; a part more of sigma pales by that part more.
  @Test func fadingIsInProportionToSigma() throws {
    let figure = try SliceFigure(SliceImage(numbered(), .index(.z, 0)), range: .fixed(0, 0.4), label: "x")
    var sigma = [Float](repeating: 0.046, count: 20)
    (sigma[0], sigma[1], sigma[2]) = (0, 0.2, 0.054)
    let faded = try figure.faded(
      by: SliceImage(values: sigma, width: 5, height: 4, pixelSize: (1, 2)))
    let weights = try #require(faded.weights)
    #expect(weights[0] == 1 && abs(weights[1]) < 1e-6)
    #expect(abs(weights[3] - 0.77) < 1e-6 && abs(weights[2] - 0.73) < 1e-6)
    #expect(faded.note?.plain.contains("white from 0.2 (half of the bar)") == true)
  }

  @Test func positionsAreMicrometresInTheFrameOfTheGrid() throws {
    let grid = numbered().grid
    #expect(try SlicePlane.position(.x, um: 100.5).index(in: grid) == 0)
    #expect(try SlicePlane.position(.x, um: 105).index(in: grid) == 4)
    #expect(try SlicePlane.position(.z, um: 7).index(in: grid) == 1)
    #expect(try SlicePlane.middle(.y).index(in: grid) == 2)
  }

  @Test func slicesOutsideAreNamed() {
    let volume = numbered()
    for plane in [
      SlicePlane.index(.z, 3), .index(.z, -1), .position(.x, um: 99), .position(.x, um: 106),
      .position(.z, um: .nan),
    ] {
      let error = #expect(throws: VoxelithError.self) { try SliceImage(volume, plane) }
      #expect(error?.code == .usage)
      #expect(error?.advice != nil)
    }
  }

  @Test func missingSliceIsNamed() {
    let grid = Grid(shape: Shape(z: 1, y: 3, x: 3), spacing: .one)
    let error = #expect(throws: VoxelithError.self) {
      try SliceFigure(Volume<Float>(grid: grid, repeating: .nan))
    }
    #expect(error?.code == .data)
    let empty = #expect(throws: VoxelithError.self) {
      try SliceFigure(Volume<Float>(grid: grid, repeating: 1), range: .fixed(2, 2))
    }
    #expect(empty?.code == .usage)
  }

  /// Missing voxels have neither the colour of zero nor of the page, and a pattern of their own.
  @Test func missingVoxelsAreDistinct() throws {
    let grid = Grid(shape: Shape(z: 1, y: 10, x: 30), spacing: .one)
    var volume = Volume<Float>(grid: grid, repeating: 1)
    for y in 0..<10 {
      for x in 0..<10 { volume[0, y, x] = 0 }
      for x in 20..<30 { volume[0, y, x] = .nan }
    }
    for map in ColorMap.all {
      var figure = try SliceFigure(volume, map: map, range: .full, label: "x")
      figure.showsColorBar = false
      let raster = try figure.scene(width: .millimetres(60)).raster(dpi: 200)
      func colors(_ part: Double) -> Set<Color> {
        let left = Int(Double(raster.width) * part)
        return Set((left..<(left + 40)).map { raster[$0, raster.height / 3] })
      }
      let zero = colors(0.1)
      let one = colors(0.45)
      let missing = colors(0.8)
      #expect(zero.count == 1 && one.count == 1 && missing.count > 2, "\(map.name)")
      #expect(zero.isDisjoint(with: missing) && one.isDisjoint(with: missing))
      #expect(missing.allSatisfy { $0.bytes != (255, 255, 255, 255) })
    }
  }

  /// Voxels five times as high as wide are drawn so.
  @Test func anisotropicVoxelsKeepTheirShape() throws {
    let wide = numbered(Shape(z: 3, y: 4, x: 40))
    func picture(_ plane: SlicePlane) throws -> (figure: SliceFigure, height: Double) {
      var figure = try SliceFigure(wide, plane: plane, label: "x")
      figure.showsColorBar = false
      return (figure, figure.height(forWidth: 200, style: .standard))
    }
    let across = try picture(.middle(.z))
    let along = try picture(.middle(.y))
    #expect(across.figure.slice.extent == (40, 8) && along.figure.slice.extent == (40, 15))
    #expect(abs(along.height - across.height - 200 * (15.0 - 8) / 40) < 1e-9)
  }

  @Test func constantSliceHasARange() throws {
    let grid = Grid(shape: Shape(z: 1, y: 1, x: 1), spacing: .one)
    let figure = try SliceFigure(Volume<Float>(grid: grid, repeating: 3))
    #expect(figure.scale.range.contains(3) && figure.scale.range.lowerBound < 3)
    _ = try figure.scene(width: .millimetres(40)).raster(dpi: 100)
  }

  /// Outliers neither set the range nor stay unsaid.
  @Test func robustRangeShowsItsOutliers() throws {
    var values = (0..<10000).map { Float($0 % 100) }
    values[7] = 1e6
    let slice = SliceImage(values: values, width: 100, height: 100, pixelSize: (1, 1))
    let figure = try SliceFigure(slice, label: "x")
    #expect(figure.scale.range.upperBound <= 99)
    #expect(figure.colorBar.extendsAbove)
    #expect(try SliceFigure(slice, range: .full, label: "x").colorBar.extendsAbove == false)
  }

  @Test func reductionLeavesOutMissing() {
    let slice = SliceImage(
      values: [1, 3, .nan, .nan, 5, .nan, .nan, .nan], width: 4, height: 2, pixelSize: (1, 1))
    let half = slice.reduced(toFit: 2)
    #expect(half.width == 2 && half.height == 1)
    #expect(half.values[0] == 3 && half.values[1].isNaN)
    #expect(half.extent == slice.extent)
  }

  @Test func badOutputsAreNamed() throws {
    let folder = try TemporaryFolder()
    let figure = try SliceFigure(numbered(), label: "x")
    func code(_ path: String, width: Double = 60) -> VoxelithError.Code? {
      #expect(throws: VoxelithError.self) {
        try figure.write(to: path, options: FigureOptions(width: .millimetres(width), dpi: 50))
      }?.code
    }
    #expect(code(folder.file("figure.jpg")) == .usage)
    #expect(code(folder.file("figure")) == .usage)
    #expect(code(folder.file("none/figure.png")) == .cannotCreate)
    #expect(code("/proc/figure.png") == .cannotCreate)
    #expect(code(folder.file("wide.png"), width: 1) == .usage)
    try figure.write(to: folder.file("a.png"), options: FigureOptions(dpi: 50))
    #expect(code(folder.file("a.png")) == .cannotCreate)
    try figure.write(to: folder.file("a.png"), options: FigureOptions(dpi: 50, overwrite: true))
    #expect(folder.entries == ["a.png"])
  }

  /// Names that are code elsewhere are text here.
  @Test func namesAreEscapedInSVG() throws {
    let figure = try SliceFigure(
      numbered(), label: "x", title: RichText(plain: "<script>alert('a & b')</script>\u{0}\u{1B}"))
    let svg = figure.scene(width: .millimetres(80)).svg()
    #expect(!svg.contains("<script"))
    #expect(svg.contains("&lt;script&gt;") && svg.contains("&amp;"))
    #expect(!svg.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
  }

  @Test func sameFigureSameBytes() throws {
    for format in FigureFormat.allCases {
      let one = try SliceFigure(numbered(), label: "x").scene(width: .millimetres(60)).encoded(
        format, dpi: 80)
      let two = try SliceFigure(numbered(), label: "x").scene(width: .millimetres(60)).encoded(
        format, dpi: 80)
      #expect(one == two, "\(format)")
    }
  }
}
