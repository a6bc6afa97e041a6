import Foundation
import Readers
import Transport
public import Volumetry

extension DiffuseSettings {
  /// What is written.
  public static let outputs = [
    "diffusivity.json", "model.tif", "pulls.tif", "diffusivity.png", "diffusivity.pdf",
  ]

  /// Every file that is read, for checksums.
  public func inputs() throws(VoxelithError) -> [String] {
    guard let series else { throw VoxelithError(.usage, "series: needs the folder that series wrote") }
    return try OperandoSeries.files(series) + files
  }

  /// Fits and writes the folder: the numbers, x of the model in each state, its deviations over their errors, and the figure.
  ///
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; `data` where the files do not fit each other; errors of the fit.
  @discardableResult
  public func write(
    to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> DiffusivityReport {
    try validate()
    try checkTransport()
    guard let series else { throw VoxelithError(.usage, "series: needs the folder that series wrote") }
    try OutputFile.prepareFolder(folder)
    for name in Self.outputs { try OutputFile.check(folder + "/" + name, overwrite: overwrite) }
    let data = try OperandoSeries(series, times: times)
    var model = self.model
    // A known x is that of the sample; the maps share an error by their standards.
    if boundaryX != nil {
      let own = model.boundaryXSigma
      model.boundaryXSigma = (own * own + data.sharedSigma * data.sharedSigma).squareRoot()
    }
    let pores = try transport.map { (path) throws(VoxelithError) in
      try ResultFile.read(PorePrediction.Pores.self, path)
    }
    let storage = try fractions.map { (path) throws(VoxelithError) in
      try Self.volume(try FractionFile.open(path)[0], like: data.grid, file: path)
    }
    let fit = try DiffusivityFit(
      grid: data.grid, states: data.states, storage: storage ?? [], regions: try labels(data.grid),
      model: model, resources: resources)
    let report = report(fit, data, pores, storage ?? [])
    try writeVolumes(fit, data, to: folder, overwrite: overwrite)
    try JSONOutput.write(report, to: folder + "/diffusivity.json", overwrite: overwrite)
    for ending in ["png", "pdf"] {
      try DiffusivityFigure.write(report, to: folder + "/diffusivity." + ending, overwrite: overwrite)
    }
    return report
  }

  private static func volume(
    _ source: any VolumeSource, like grid: Grid, file: String
  ) throws(VoxelithError) -> [Float] {
    guard source.grid.shape == grid.shape else {
      throw VoxelithError(
        .data, "the volume has \(source.grid.shape) voxels, the maps have \(grid.shape)", file: file)
    }
    return try source.readFloats(Region(whole: grid.shape))
  }

  /// A number for each voxel: of its layer, or of the file of regions.
  private func labels(_ grid: Grid) throws(VoxelithError) -> [Int] {
    if let regions {
      return try Self.volume(try VolumeFile.open(regions), like: grid, file: regions).map {
        $0.isFinite && $0 > 0 && $0 < 1e6 ? Int($0) : 0
      }
    }
    guard let layers, layers > 1 else { return [] }
    let count = grid.shape[axis]
    guard layers <= count else {
      throw VoxelithError(.usage, "layers: \(layers) layers of \(count) voxels")
    }
    var result = [Int](repeating: 0, count: grid.shape.count)
    for z in 0..<grid.shape.z {
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x {
          let place = Shape(z: z, y: y, x: x)[axis]
          let depth = separator == .lower ? place : count - 1 - place
          result[grid.shape.index(z: z, y: y, x: x)] = 1 + depth * layers / count
        }
      }
    }
    return result
  }

  private func report(
    _ fit: DiffusivityFit, _ data: OperandoSeries, _ pores: PorePrediction.Pores?, _ storage: [Float]
  ) -> DiffusivityReport {
    let grid = data.grid
    let profiles = DepthProfiles(data, fit, axis: axis, separator: separator)
    var offsets = fit.offsets.makeIterator()
    let states = data.states.indices.map { index in
      let state = data.states[index]
      return DiffusivityReport.State(
        name: data.names[index], seconds: state.seconds, commonSigma: state.commonSigma,
        offset: state.commonSigma > 0 ? offsets.next()?.tidy : nil, profile: profiles.layers[index],
        pattern: profiles.patterns[index])
    }
    let regions = fit.regions.map { region in
      DiffusivityReport.Zone(
        number: region.number, voxels: region.voxels,
        diffusivity: region.values.filter { $0.key != "plane_over_depth" }.mapValues(\.tidy),
        planeOverDepth: region.values["plane_over_depth"]?.tidy,
        tensor: region.tensor?.map { $0.map { rounded($0) } },
        tensorSigma: region.tensorSigma?.map { $0.map { rounded($0, digits: 4) } },
        prediction: pores.map {
          PorePrediction(
            $0, file: PathName.last(of: transport ?? ""), axis: axis, values: region.values,
            free: freeDiffusivity, freeSigma: freeDiffusivitySigma ?? 0
          ).tidy
        })
    }
    let isFlux = boundary == .flux
    let outside = fit.boundary.isEmpty ? nil : fit.boundary
    return DiffusivityReport(
      states: states, shape: [grid.shape.z, grid.shape.y, grid.shape.x],
      voxelSize: [grid.spacing.z, grid.spacing.y, grid.spacing.x], directions: directions, boundary: boundary,
      axis: axis.rawValue, separator: separator, regions: regions, exchange: fit.exchange?.tidy,
      boundaryX: isFlux ? nil : outside?.map(\.tidy),
      rate: isFlux ? outside?.map { $0.over(1 / 3600).tidy } : nil,
      test: fit.test, modes: fit.modes, initialModes: fit.initialModes, notices: notices(fit, grid, storage))
  }

  /// What a reader of the numbers must know.
  private func notices(_ fit: DiffusivityFit, _ grid: Grid, _ storage: [Float]) -> [String] {
    var result: [String] = []
    if fit.test.verdict == .notDescribed {
      let isDepth = fit.test.depthProbability < fit.test.probability
      result.append(
        "diffusion with these assumptions does not describe the maps (chi-squared per degree of freedom "
          + "\(rounded(fit.test.chiSquaredPerDof, digits: 3)), of the depth profiles "
          + "\(rounded(fit.test.depthChiSquaredPerDof, digits: 3))): look at "
          + (isDepth
            ? "the boundary (another kind, or one value for each interval)"
            : "pulls.tif, layers and regions, and whether x moves only by diffusion"))
    }
    let rough = fit.test.roughness.max() ?? 0
    if rough > 0 {
      result.append(
        "x varies from voxel to voxel by up to \(rounded(rough, digits: 2)) beyond its errors; this was added to them"
      )
    }
    if Axis.allCases.contains(where: { $0 != axis && grid.shape[$0] > 1 }) {
      result.append(
        "no flow through the sides is assumed; if the sample was cut from a wider electrode, the diffusivities, above all in the "
          + "plane, may be wrong by more than their errors")
    }
    if fit.regions.count > 1 {
      result.append(
        "where the diffusivity jumps, x bends more sharply than the patterns of the fit can: values of layers and regions may be off by "
          + "some 5 %")
    }
    if Self.isRough(storage, grid.shape) {
      result.append(
        "the fractions change from voxel to voxel, and diffusion through them is averaged: the diffusivity may be some per cent too low"
      )
    }
    return result
  }

  /// Whether fractions of neighbours differ by more than a fifth of their mean.
  private static func isRough(_ values: [Float], _ shape: Shape) -> Bool {
    guard values.count == shape.count, shape.x > 1 else { return false }
    var (difference, pairs, sum, number) = (0.0, 0.0, 0.0, 0.0)
    for voxel in values.indices where values[voxel].isFinite && values[voxel] > 0 {
      sum += Double(values[voxel])
      number += 1
      guard voxel % shape.x + 1 < shape.x, values[voxel + 1].isFinite, values[voxel + 1] > 0 else { continue }
      difference += Double(abs(values[voxel + 1] - values[voxel]))
      pairs += 1
    }
    return number > 0 && pairs > 0 && difference / pairs > 0.2 * sum / number
  }

  private func writeVolumes(
    _ fit: DiffusivityFit, _ data: OperandoSeries, to folder: String, overwrite: Bool
  ) throws(VoxelithError) {
    let whole = Region(whole: data.grid.shape)
    let pulls = zip(data.states, fit.model).map { state, model in
      model.indices.map { (state.x[$0] - model[$0]) / state.sigma[$0] }
    }
    for (name, fields) in [("model.tif", fit.model), ("pulls.tif", pulls)] {
      let writer = try TIFFVolumeWriter(
        path: folder + "/" + name, grid: data.grid, type: .float32, channels: fields.count,
        channelNames: data.names, overwrite: overwrite)
      for (channel, field) in fields.enumerated() {
        try writer.write(.float32(field), channel: channel, to: whole)
      }
      try writer.finish()
    }
  }
}

extension UncertainValue {
  /// The same to digits that mean something.
  var tidy: UncertainValue {
    var result = self
    result.value = value.map { rounded($0, digits: 7) }
    result.sigma = sigma.map { rounded($0, digits: 4) }
    result.ownSigma = ownSigma.map { rounded($0, digits: 4) }
    result.commonSigma = commonSigma.map { rounded($0, digits: 4) }
    result.interval = interval.map { $0.map { rounded($0, digits: 6) } }
    return result
  }
}

extension PorePrediction {
  fileprivate var tidy: PorePrediction {
    var result = self
    result.free = free.mapValues(\.tidy)
    result.anisotropyOverPredicted = anisotropyOverPredicted?.tidy
    result.overPredicted = overPredicted?.mapValues(\.tidy)
    return result
  }
}
