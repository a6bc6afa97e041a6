import ArgumentParser
import Foundation
import Voxelith

/// Diffusion through the pores.
struct TransportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transport",
    abstract:
      "Compute the effective diffusivity and tortuosity factor of one or more phases of a label volume.",
    discussion: """
      Examples:
        voxelith transport labels.tif --phase 0 -o transport.json --axes z
        voxelith transport labels.tif --conductivity 0=1.0,2=0.05 -o transport.json --tensor
        voxelith transport labels.tif --phase 0 -o t.json --axes z --electrode --separator upper
        voxelith transport labels.tif --phase 0 -o t.json --sides periodic
        voxelith transport labels.tif --phase 0 -o t.json --axes z --flux-map flux.tif
        voxelith transport labels.tif --phase 0 -o t.json --axes z --local-grid xcs.nxs --local-map local.tif

      The tortuosity factor is the total porosity over the relative effective diffusivity; with several phases
      the mean relative diffusivity over it. Concentrations are fixed on the faces of the volume, so an open box
      gives exactly 1. A phase that does not percolate gives null and a reason, and so does
      the axis across a single image. Voxels without a label (NaN) insulate.

      --electrode adds the tortuosity that impedance measurements of a symmetric cell with blocking electrodes would give: ions
      from the separator into the double layer of all of the pore's surface and of the collector.
      """)

  @Argument(help: "The label volume.")
  var labels: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "The JSON file to write.")
  var output: String

  @Option(help: TransportSettings.text(.phase))
  var phase: LabelList?

  @Option(help: TransportSettings.text(.conductivity))
  var conductivity: ConductivityList?

  @Option(help: TransportSettings.text(.axes))
  var axes: String?

  @Option(help: TransportSettings.text(.tolerance))
  var tolerance: Double?

  @Option(help: TransportSettings.text(.maximumIterations))
  var maxIterations: Int?

  @Flag(help: TransportSettings.flag(.tensor))
  var tensor = false

  @Option(help: TransportSettings.text(.sides))
  var sides: TransportSides?

  @Flag(help: TransportSettings.flag(.electrode))
  var electrode = false

  @Option(help: TransportSettings.text(.separator))
  var separator: SeparatorFace?

  @Flag(help: TransportSettings.flag(.chargedSides))
  var chargedSides = false

  @Option(
    help:
      "Write the flux relative to an empty box: channels x, y, z, magnitude of a TIFF, or as many files for another ending (.mha, .nrrd, ...). Needs one axis."
  )
  var fluxMap: String?

  @Option(
    help:
      "Write the values in cells: channels diffusivity, tortuosity factor, porosity of a TIFF, or as many files for another ending. Needs one axis."
  )
  var localMap: String?

  @OptionGroup var cells: CellOptions
  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  private var settings: TransportSettings {
    var settings = TransportSettings()
    settings.phase = phase.map { LabelSet($0.labels) }
    settings.conductivity = conductivity?.values
    settings.axes = axes ?? settings.axes
    settings.tolerance = tolerance ?? settings.tolerance
    settings.maximumIterations = maxIterations ?? settings.maximumIterations
    settings.tensor = tensor
    settings.sides = sides ?? settings.sides
    settings.electrode = electrode
    settings.separator = separator ?? settings.separator
    settings.chargedSides = chargedSides
    return settings
  }

  func validate() throws {
    guard (phase == nil) != (conductivity == nil) else {
      throw ValidationError("give either --phase or --conductivity")
    }
    guard electrode || (separator == nil && !chargedSides) else {
      throw ValidationError("--separator and --charged-sides are for --electrode")
    }
    do {
      try CellSettings.validate(cells.localGrid, cells.localVoxelUm)
    } catch {
      throw ValidationError(error.message)
    }
    guard cells.isGiven == (localMap != nil) else {
      throw ValidationError("--local-map needs --local-grid or --local-voxel-um, and they need it")
    }
    guard (fluxMap == nil && localMap == nil) || settings.axes.count == 1 else {
      throw ValidationError("--flux-map and --local-map need a single axis, as --axes z")
    }
  }

  func run() throws {
    let settings = settings
    let source = try input.open(labels, console: common.console)
    let performance = try Performance(
      "transport",
      .file(
        output,
        others: (fluxMap.map { MapChannels.paths($0, MapChannels.flux) } ?? [])
          + (localMap.map { MapChannels.paths($0, MapChannels.local) } ?? [])), common,
      overwrite: outputOptions.overwrite,
      settings: [
        "transport": settings, "labels": input.settings, "local_grid": cells.localGrid,
        "local_voxel_um": cells.localVoxelUm,
      ], inputs: [labels] + [CellSettings.file(cells.localGrid)].compactMap { $0 })
    let hasMaps = fluxMap != nil || localMap != nil
    let report = try performance.run { resources in
      let report = try settings.solve(
        source, file: labels, resources: resources,
        perAxis: hasMaps
          ? { (axis, solver) throws(VoxelithError) in try solve(axis, &solver, resources) } : nil)
      try JSONOutput.write(report, to: output, overwrite: outputOptions.overwrite)
      return report
    }.result
    try common.console.result(report)
    for axis in Axis.allCases.reversed() { if let result = report.axes[axis.rawValue] { describe(result) } }
    if let tensor = report.tensor { describe(tensor) }
    for axis in Axis.allCases.reversed() {
      if let result = report.electrode?[axis.rawValue] { describe(result) }
    }
    common.console.say("wrote \(output)")
  }

  /// Solves along an axis and writes the maps.
  private func solve(
    _ axis: Axis, _ solver: inout TransportSolver, _ resources: Resources
  ) throws(VoxelithError) -> AxisTransport {
    guard let field = try solver.field(along: axis) else {
      common.console.notice("nothing flows along \(axis.rawValue), so no map was written")
      return try solver.transport(along: axis)
    }
    let result = try field.transport()
    if let fluxMap {
      let maps: [DiffusionField.FluxMap] = [.component(.x), .component(.y), .component(.z), .magnitude]
      let sinks = try MapChannels.sinks(
        fluxMap, field.grid, MapChannels.flux, overwrite: outputOptions.overwrite)
      for (sink, map) in zip(sinks, maps) { try field.write(map, into: sink, resources: resources) }
    }
    if let choice = try CellSettings.choice(cells.localGrid, cells.localVoxelUm), let localMap {
      let local = try field.local(on: choice.map(on: field.grid).coarse)
      let sinks = try MapChannels.sinks(
        localMap, local.grid, MapChannels.local, overwrite: outputOptions.overwrite)
      for (sink, map) in zip(sinks, [local.effectiveDiffusivity, local.tortuosityFactor, local.porosity]) {
        try sink.write(.float32(map), to: Region(whole: local.grid.shape))
        try sink.finish()
      }
    }
    return result
  }

  private func describe(_ result: AxisTransport) {
    let axis = result.axis.rawValue
    guard let factor = result.tortuosityFactor, let percolating = result.tortuosityFactorPercolating else {
      return common.console.say(
        "\(axis): \(result.effectiveDiffusivity.isNaN ? "none" : "not percolating"): \(result.reason ?? "")")
    }
    common.console.say(
      "\(axis): tortuosity factor \(Format.fixed(factor, 4)) (percolating part \(Format.fixed(percolating, 4))), "
        + "effective diffusivity \(Format.fixed(result.effectiveDiffusivity, 5)), "
        + "porosity \(Format.fixed(result.porosity, 4)), \(result.iterations) iterations")
  }

  private func describe(_ result: ElectrodeTransport) {
    guard let factor = result.tortuosityFactor else {
      return common.console.say("\(result.axis): no electrode tortuosity: \(result.reason ?? "")")
    }
    common.console.say(
      "\(result.axis): electrode tortuosity factor \(Format.fixed(factor, 4)) (accessible part "
        + "\(Format.fixed(result.tortuosityFactorAccessible, 4))), \(result.iterations) iterations")
  }

  private func describe(_ tensor: TransportTensor) {
    common.console.say("effective diffusivity tensor, rows and columns x, y, z:")
    for row in tensor.diffusivity {
      common.console.say("  " + row.map { Format.fixed($0, 5) }.joined(separator: "  "))
    }
  }
}

/// Labels, `0` or `0,2`.
struct LabelList: ExpressibleByArgument, Sendable {
  let labels: [UInt32]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    labels = parts.compactMap { UInt32($0) }
    guard !labels.isEmpty, labels.count == parts.count else { return nil }
  }
}

/// Diffusivities by label, `0=1.0,2=0.05`.
struct ConductivityList: ExpressibleByArgument, Sendable {
  let values: [String: Double]

  init?(argument: String) {
    var values: [String: Double] = [:]
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, let label = UInt32(sides[0]), let value = Double(sides[1]),
        values["\(label)"] == nil
      else { return nil }
      values["\(label)"] = value
    }
    self.values = values
  }
}
