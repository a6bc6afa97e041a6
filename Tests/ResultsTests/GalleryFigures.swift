import Drawing
import Foundation
import Results
import Solids
import TestSupport
import Volumetry

/// Every kind of figure, drawn from closed forms.
enum GalleryFigures {
  static func lithium(
    shape: Shape = Shape(z: 24, y: 40, x: 48), spacing: SIMD3<Double> = SIMD3(10, 10, 10),
    state: Double = 0.5,
    missing: Bool = true, known: Bool = true
  ) -> Volume<Float> {
    var grid = Grid(shape: shape, spacing: spacing)
    grid.hasKnownSpacing = known
    var volume = Volume<Float>(grid: grid, repeating: 0)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let u = Double(x) / Double(shape.x)
          let v = Double(y) / Double(shape.y)
          let w = Double(z) / Double(shape.z)
          let hole = missing && hypot(u - 0.7, v - 0.35) < 0.12
          volume[z, y, x] =
            hole ? .nan : Float(state + 0.25 * (v - 0.5) + 0.12 * sin(7 * u + 3 * w) * cos(5 * v))
        }
      }
    }
    return volume
  }

  static func all() throws -> [(name: String, panel: any Panel, width: Double)] {
    let label = RichText("x in ") + RichText(formula: "LixNi0.8Mn0.1Co0.1O2")
    let volume = lithium()
    let sigma = Volume(
      grid: volume.grid,
      voxels: volume.voxels.enumerated().map { $1.isNaN ? .nan : 0.01 + 0.0004 * Float($0 % 48) })
    var figures: [(name: String, panel: any Panel, width: Double)] = []
    figures.append(
      ("slice", try SliceFigure(volume, label: label, title: "Lithium after discharge"), 85))
    figures.append(
      (
        "slice-anisotropic",
        try SliceFigure(
          lithium(spacing: SIMD3(2, 2, 25)), plane: .middle(.y), map: .viridis, label: label), 85
      ))
    figures.append(
      (
        "slice-unscaled",
        try SliceFigure(lithium(known: false), plane: .index(.x, 3), map: .cividis, label: label), 85
      ))
    figures.append(
      (
        "slice-difference",
        try SliceFigure(
          Volume(grid: volume.grid, voxels: volume.voxels.map { $0 - 0.55 }), map: .vik, center: 0,
          label: "\u{0394}x, discharged \u{2212} charged"), 85
      ))
    figures.append(
      ("value-and-sigma", try PanelFigure.valueAndSigma(value: volume, sigma: sigma, label: "x"), 180))
    figures.append(
      (
        "states",
        try PanelFigure.slices(
          [
            (SliceImage(lithium(state: 0.35), .middle(.z)), "charged"),
            (SliceImage(lithium(state: 0.6), .middle(.z)), "half charged"),
            (SliceImage(lithium(state: 0.85), .middle(.z)), "discharged"),
          ], label: label), 180
      ))
    figures.append(("histogram", errorHistogram(), 85))
    figures.append(("calibration", calibration(), 85))
    figures.append(("spectrum", spectrum(), 85))
    figures.append(("depth-profile", depthProfile(), 85))
    figures.append(("compton-profile", comptonProfile(), 85))
    figures.append(("joint-density", jointDensity(), 85))
    figures.append(("scatter-log", logScatter(), 85))
    return figures + (try microstructure()) + (try solids())
  }

  /// Pores in three dimensions beside voxel maps of lithium: two structures, two states, one scale of colours.
  static func solids() throws -> [(name: String, panel: any Panel, width: Double)] {
    func pores(_ isDirectional: Bool) -> Volume<Float> {
      let shape = Shape(z: 64, y: 64, x: 64)
      let grid = Grid(shape: shape, spacing: SIMD3(repeating: 5))
      return Volume(
        grid: grid,
        voxels: (0..<shape.count).map { index in
          let (x, y) = (Double(index % 64), Double(index / 64 % 64))
          let z = Double(index / 4096)
          return isDirectional
            ? Float(cos(x * 0.39 + 0.4 * sin(z * 0.08)) + cos(y * 0.39) - 0.9)
            : Float(
              sin(x * 0.3) * cos(y * 0.3) + sin(y * 0.3) * cos(z * 0.3) + sin(z * 0.3) * cos(x * 0.3) - 0.35)
        })
    }
    let scale = try ColorScale(map: .batlow, lower: 0.2, upper: 0.95)
    var panels: [any Panel] = []
    for isDirectional in [true, false] {
      let mesh = try Mesh(isosurfaceOf: pores(isDirectional), level: 0)
      panels.append(
        VolumePanel(
          MeshRendering(mesh), grid: pores(isDirectional).grid, pixels: 700,
          title: isDirectional ? "directional pores" : "isotropic pores"))
      for state in [0.4, 0.75] {
        let map = lithium(
          shape: Shape(z: 16, y: 16, x: 16), spacing: SIMD3(repeating: 20), state: state, missing: false)
        let transfer = try TransferFunction(scale: scale, opacity: [(0, 1)])
        panels.append(
          VolumePanel(
            try VolumeRendering(map, transfer: transfer), pixels: 700,
            title: state < 0.5 ? "charged" : "discharged"))
      }
    }
    var figure = PanelFigure(panels, columns: 3)
    figure.sharedColorBar = ColorBar(scale, label: "x in Li_xNiO_2")
    let see = try TransferFunction(
      scale: try ColorScale(map: .lajolla, lower: -1, upper: 1.2),
      opacity: [(-0.2, 0), (0.2, 0.03), (1.2, 0.5)])
    var through = try VolumeRendering(pores(false), transfer: see)
    through.camera = Camera(azimuth: 35, elevation: 20, fieldOfView: 35)
    through.clipping = [.init(point: SIMD3(160, 160, 160), normal: SIMD3(1, 0.3, 0.2))]
    return [
      ("pores-and-lithium", figure, 180),
      (
        "volume-perspective",
        VolumePanel(through, pixels: 900, label: "value", title: "Perspective, cut open"), 85
      ),
    ]
  }

  /// Channels along a direction, in grey values with grain.
  static func grey(_ shape: Shape = Shape(z: 48, y: 120, x: 144)) -> Volume<Float> {
    let noise = NormalNumbers.normals(4096, seed: 21)
    var volume = Volume<Float>(grid: Grid(shape: shape, spacing: SIMD3(10.0 / 3, 10.0 / 3, 5)), repeating: 0)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let phase = Double(x) * 0.22 + 0.9 * sin(Double(y) * 0.05) + Double(z) * 0.03
          volume[z, y, x] = Float(
            tanh(3 * (cos(phase) - 0.3)) * 60 + 130 + 8 * noise[(x * 31 + y * 17 + z * 7) % 4096])
        }
      }
    }
    return volume
  }

  static func directions() -> [Volume<Float>] {
    let shape = Shape(z: 8, y: 60, x: 72)
    let grid = Grid(shape: shape, spacing: SIMD3(5, 5, 5))
    return (0..<3).map { part in
      Volume(
        grid: grid,
        voxels: (0..<shape.count).map { index in
          let x = Double(index % shape.x) - 36
          let y = Double(index / shape.x % shape.y) - 30
          let tilt = min(1, hypot(x, y) / 36) * Double.pi / 2
          let turn = atan2(y, x)
          return Float([sin(tilt) * cos(turn), sin(tilt) * sin(turn), cos(tilt)][part])
        })
    }
  }

  static func microstructure() throws -> [(name: String, panel: any Panel, width: Double)] {
    let volume = lithium()
    let lithiumSlice = try SliceImage(volume, .middle(.z))
    let front = try SliceFigure(lithiumSlice, label: "x in Li_xNiO_2")
    let overlay = try SliceFigure(grey(), map: .grey, label: "grey", title: "Lithium over XCT").overlaid(
      with: SliceOverlay(lithiumSlice, scale: front.scale, opacity: 0.55), label: "x in Li_xNiO_2")
    let sigma = SliceImage(
      values: lithiumSlice.values.enumerated().map { $1.isNaN ? .nan : 0.01 + 0.001 * Float($0 % 48) },
      width: 48,
      height: 40, pixelSize: (10, 10))
    let oblique = try SliceFigure(
      SliceImage(
        grey(), ObliquePlane(center: grey().grid.middle, normal: SIMD3(0.5, 0.3, 0.9))), map: .grey,
      label: "grey value")
    let v = directions()
    let orientation = try OrientationFigure(vectors: (v[0], v[1], v[2]), title: "Direction of pores")
    let azimuth = try OrientationFigure(vectors: (v[0], v[1], v[2]), colors: .azimuth)
    let angles =
      NormalNumbers.normals(4000, seed: 33).map { 62 + 18 * $0 } + (0..<1500).map { Double($0) * 0.12 }
    var rose = RosePlot(angles: angles, label: "pore direction in the xz plane", title: "Orientation")
    rose.curve = (0..<180).map { 1 + 0.9 * cos(2 * (Double($0) * 2 - 62) * .pi / 180) }
    let hours = (0..<25).map { Double($0) * 0.5 }
    let series = Plot(
      x: PlotAxis("time (h)"), y: PlotAxis("mean x"), title: "Lithium during discharge",
      ["near separator", "middle", "near collector"].enumerated().flatMap { index, name in
        let mean = hours.map { 0.3 + 0.55 * (1 - exp(-$0 / (3 + 2 * Double(index)))) }
        return [
          Series.band(
            hours, lower: mean.map { $0 - 0.02 }, upper: mean.map { $0 + 0.02 },
            color: FigureStyle.color(index)),
          .line(hours, mean, label: RichText(plain: name), color: FigureStyle.color(index)),
        ]
      })
    return [
      ("overlay", overlay, 85), ("faded-by-sigma", try front.faded(by: sigma), 85), ("oblique", oblique, 85),
      ("orientation", orientation, 85), ("orientation-azimuth", azimuth, 85), ("rose", rose, 70),
      ("time-series", series, 85),
    ]
  }

  static func errorHistogram() -> Plot {
    .histogram(
      of: NormalNumbers.normals(20000), bins: 48, normal: (0, 1), xLabel: "(x \u{2212} truth) / \u{03C3}(x)",
      title: "Errors divided by their error bars")
  }

  static func calibration() -> StackedPlot {
    let x = [0.1, 0.3, 0.5, 0.7, 0.9]
    let noise = NormalNumbers.normals(5, seed: 4)
    let y = zip(x, noise).map { 0.41 + 0.12 * $0 + 0.002 * $1 }
    return Plot.fitWithResiduals(
      x: PlotAxis("x in Li_xNiO_2"), y: PlotAxis("S-parameter"),
      points: (x, y, [Double](repeating: 0.002, count: 5)),
      pointsLabel: "standards", fitLabel: "weighted line", title: "Calibration",
      notes: ["S = 0.410 + 0.120 x", "\u{03C7}^2/dof = 1.1"]
    ) { (0.41 + 0.12 * $0, 0.001 + 0.001 * abs($0 - 0.5)) }
  }

  static func spectrum() -> StackedPlot {
    let energy = (0..<120).map { 80 + 0.25 * Double($0) }
    func model(_ e: Double) -> Double {
      200 + 9000 * exp(-pow((e - 94) / 3, 2) / 2) + 2500 / (1 + pow((e - 94) / 5, 4))
    }
    let counts = zip(energy, NormalNumbers.normals(120, seed: 9)).map {
      model($0) + $1 * model($0).squareRoot()
    }
    return Plot.fitWithResiduals(
      x: PlotAxis("energy (keV)"), y: PlotAxis("counts per 0.25 keV"),
      points: (energy, counts, energy.map { model($0).squareRoot() }), fitLabel: "profile fit",
      asCurve: true
    ) { (model($0), 0.02 * model($0)) }
  }

  static func depthProfile() -> Plot {
    let depth = (0..<40).map { 12.5 + 25 * Double($0) }
    let mean = depth.map { 0.45 + 0.3 * ($0 / 1000) + 0.02 * sin($0 / 60) }
    return .profile(
      x: PlotAxis("depth from separator (\u{00B5}m)"), y: PlotAxis("mean x"), depth: depth, mean: mean,
      lower: mean.map { $0 - 0.03 }, upper: mean.map { $0 + 0.03 })
  }

  static func comptonProfile() -> Plot {
    let p = (0..<81).map { -4 + 0.1 * Double($0) }
    func biggs(_ p: Double) -> Double { 1.1 * exp(-p * p / 1.8) + 1.0 / (1 + pow(abs(p) / 1.9, 3)) }
    let noise = NormalNumbers.normals(81, seed: 7)
    return Plot(
      x: PlotAxis("p_z (atomic units)"), y: PlotAxis("J(p_z) (electrons per a.u.)"),
      [
        .line(p, p.map(biggs), label: "Biggs, carbon", color: FigureStyle.color(1)),
        .points(
          p, zip(p, noise).map { biggs($0) + 0.03 * $1 }, yErrors: p.map { _ in 0.03 },
          label: "measured, analyser 1",
          color: FigureStyle.color(0)),
      ])
  }

  static func jointDensity() -> Plot {
    let a = NormalNumbers.normals(30000, seed: 11)
    let b = NormalNumbers.normals(30000, seed: 12)
    return .jointDensity(
      x: PlotAxis("Compton intensity (10^6 counts)"), y: PlotAxis("valence / core ratio"),
      values: (a.map { 1.2 + 0.15 * $0 }, zip(a, b).map { 0.52 + 0.01 * $0 + 0.02 * $1 }), bins: 60)
  }

  static func logScatter() -> Plot {
    let counts = [1e4, 3e4, 1e5, 3e5, 1e6, 3e6]
    return Plot(
      x: PlotAxis("counts per voxel", logarithmic: true), y: PlotAxis("\u{03C3}(x)", logarithmic: true),
      [
        .points(counts, counts.map { 13 / $0.squareRoot() }, label: "profile fit", marker: .square),
        .line(
          counts, counts.map { 12.8 / $0.squareRoot() }, label: "Cram\u{00E9}r\u{2013}Rao bound",
          dash: .dashed),
        .points(counts, counts.map { 34 / $0.squareRoot() }, label: "S-parameter", marker: .triangle),
      ])
  }
}
