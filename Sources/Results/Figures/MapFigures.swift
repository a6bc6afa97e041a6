public import Compton
package import Drawing
import Readers
public import Volumetry

/// Figures of a lithium map.
public enum MapFigures {
  /// Writes the map with its error, the calibration with residuals and, where a truth is known, the distribution of
  /// errors over sigma.
  ///
  /// - Throws: `usage` for an unknown colour map; `data` where a slice holds no value.
  public static func write(
    map folder: String, calibration: Calibration, truth: String?, axis: Axis, colorMap: String,
    to output: String
  ) throws(VoxelithError) {
    let colors = try ColorMap.named(colorMap)
    let value = try VolumeFile.open(folder + "/li.tif")
    let sigma = try VolumeFile.open(folder + "/li_sigma.tif")
    let title = calibration.formula.map { RichText(formula: $0) }
    let figure = try PanelFigure.valueAndSigma(
      value: value, sigma: sigma, plane: .middle(axis), map: colors,
      range: .fixed(calibration.range[0], calibration.range[1]), label: "lithium content x", title: title)
    try figure.write(to: output + "/lithium.png")
    try calibrationFigure(calibration).write(
      to: output + "/calibration.png", options: FigureOptions(width: .millimetres(180)))
    if let truth {
      let pulls = try pulls(value: value, sigma: sigma, truth: try VolumeFile.open(truth))
      try Plot.histogram(
        of: pulls, range: -4.5...4.5, normal: (0, 1), xLabel: "(x \u{2212} truth) / \u{03C3}(x)"
      ).write(to: output + "/errors.png")
    }
  }

  /// A map of another quantity on the grid of the spectra.
  package struct Other {
    var name: String
    var unit: String
    var value: any VolumeSource
    var sigma: (any VolumeSource)?

    package init(name: String, unit: String, value: any VolumeSource, sigma: (any VolumeSource)?) {
      self.name = name
      self.unit = unit
      self.value = value
      self.sigma = sigma
    }
  }

  /// Lithium and maps of other quantities, one a row, each beside its errors; maps without errors come last.
  package static func beside(
    lithium: any VolumeSource, sigma: any VolumeSource, range: ClosedRange<Double>, colors: ColorMap,
    maps: [Other], axis: Axis
  ) throws(VoxelithError) -> PanelFigure {
    var panels = try PanelFigure.valueAndSigma(
      value: lithium, sigma: sigma, plane: .middle(axis), map: colors,
      range: .fixed(range.lowerBound, range.upperBound), label: "lithium content x"
    ).panels
    for map in maps.filter({ $0.sigma != nil }) + maps.filter({ $0.sigma == nil }) {
      let label = RichText(plain: QuantityName.words(map.name))
      let unit = map.unit == "1" ? nil : UnitText.plain(map.unit)
      guard let error = map.sigma else {
        panels.append(
          try SliceFigure(map.value, plane: .middle(axis), map: .viridis, label: label, units: unit))
        continue
      }
      panels += try PanelFigure.valueAndSigma(
        value: map.value, sigma: error, plane: .middle(axis), map: .viridis, label: label, units: unit
      ).panels
    }
    return PanelFigure(panels, columns: 2)
  }

  /// The S-parameter of every standard against x with the fitted line, and what the profile fit finds in them.
  ///
  /// - Throws: as ``CalibrationSummary/figure(method:title:)``.
  static func calibrationFigure(_ calibration: Calibration) throws(VoxelithError) -> PanelFigure {
    let value = try JSONValue(encoding: calibration)
    let summary = try SettingsCoding.decode(CalibrationSummary.self, from: value)
    let panels: [(any Panel)?] = [try summary.figure(method: "s-parameter"), summary.profileFigure]
    return PanelFigure(panels.compactMap { $0 })
  }

  private static func pulls(
    value: any VolumeSource, sigma: any VolumeSource, truth: any VolumeSource
  ) throws(VoxelithError) -> [Double] {
    var result: [Double] = []
    let shape = value.grid.shape
    for z in 0..<shape.z {
      try Cancellation.poll()
      let region = Region(slices: z..<(z + 1), of: shape)
      let x = try value.readFloats(region)
      let s = try sigma.readFloats(region)
      let t = try truth.readFloats(region)
      for index in x.indices {
        let pull = Double(x[index] - t[index]) / Double(s[index])
        if pull.isFinite { result.append(pull) }
      }
    }
    return result
  }
}
