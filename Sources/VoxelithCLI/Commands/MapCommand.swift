import ArgumentParser
import Foundation
import Voxelith

/// Spectra to lithium.
struct MapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map", abstract: "Turn the spectrum of every voxel into lithium content x with its error.",
    discussion: """
      Examples:
        voxelith map xcs.nxs -c calibration.json -o map
        voxelith map morning.nxs evening.nxs -c calibration.json -o map

      Writes li.tif li_sigma.tif intensity.tif ratio.tif deviance.tif deviance_expected.tif mask.tif
      misfit.png map.json.
      Several files are exposures of the same voxels, whose counts and live times are added up, or parts of one scan;
      map.json tells whether the gain, or else the shape of the spectra, changed between them.
      With other phases in the voxels: --fractions F.tif (from registration), or --components free.
      Against noise: --bin-to-sigma S merges voxels until each bin has that sigma(x) (bins.tif bin_voxels.tif
      resolution.tif); --denoise smooths across neighbours, except at edges in a guide volume (li_measured.tif
      li_measured_sigma.tif li_posterior_sigma.tif resolution.tif misfit.tif).
      The mask holds 0 for a good voxel, 4 for an x outside the calibrated range, and a reason (see map.json)
      where x is NaN.
      """)

  @Argument(help: "The spectra: NeXus/HDF5, HEXITEC .hxt or text; several files are exposures of one scan.")
  var spectra: [String]

  @Option(name: [.short, .long], help: "The calibration (JSON).")
  var calibration: String?

  @OptionGroup var materials: MaterialOptions

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the map.")
  var output: String

  @Option(help: MapSettings.text(.copies))
  var copies: VolumeCopies?

  @Option(help: MapSettings.text(.format))
  var format: MapFormat?

  @OptionGroup var choices: MapChoices
  @OptionGroup var denoise: DenoiseOptions
  @OptionGroup var input: SpectralInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (calibration == nil) != materials.material.isEmpty else {
      throw ValidationError("give either --calibration, or --material for each label")
    }
    if !materials.material.isEmpty, denoise.isWanted || choices.fractions != nil || format == .nexus {
      throw ValidationError("--material goes without fractions, --format nexus and options against noise")
    }
  }

  func run() throws {
    guard let calibration else { return try runMaterials() }
    let console = common.console
    var settings = choices.settings
    denoise.apply(to: &settings)
    settings.copies = copies
    settings.format = format ?? settings.format
    let ready = settings
    let opening = input.settings
    let loaded = try CalibrationFile.read(calibration)
    let performance = try Performance(
      "map", .folder(output, files: try ready.outputs()), common,
      overwrite: outputOptions.overwrite, settings: ["map": ready, "spectra": opening],
      inputs: spectra + [calibration] + (try ready.files()) + opening.files, crate: crate)
    let source = try opening.open(spectra, angle: loaded.scatteringAngle)
    for notice in SpectralFile.notices(source) { console.notice(notice) }
    if let notice = VolumeFile.spacingNotice(source.grid, file: source.name) { console.notice(notice) }
    let (report, seconds) = try performance.run { resources in
      let map = try ready.map(
        source, input: opening, calibration: loaded, watches: true, resources: resources)
      let report = try ready.write(
        map, calibration: loaded, to: output, overwrite: outputOptions.overwrite, resources: resources)
      try ready.addFormat(in: output, grid: source.grid, overwrite: outputOptions.overwrite)
      return report
    }
    try console.result(report)
    MapCommand.describe(report, console: console)
    if seconds > 0 { console.say("\(Int(Double(report.voxels) / seconds)) spectra/s; wrote \(output)") }
  }

  /// One map of several materials.
  private func runMaterials() throws {
    let console = common.console
    var chosen = choices.settings
    chosen.copies = copies
    let settings = chosen
    let opening = input.settings
    let known = try materials.load()
    let labels = try materials.open()
    let performance = try Performance(
      "map", .folder(output, files: MaterialMaps.names + (copies?.names(of: MaterialMaps.names) ?? [])),
      common, overwrite: outputOptions.overwrite,
      settings: ["map": settings, "spectra": opening, "materials": materials.material],
      inputs: spectra + materials.inputs + (try settings.files()) + opening.files, crate: crate)
    let report = try performance.run { resources in
      try MaterialMaps.write(
        known, labels: labels, to: output, method: settings.method, copies: settings.copies,
        overwrite: outputOptions.overwrite, resources: resources
      ) { (material, selection) throws(VoxelithError) in
        try settings.map(
          try opening.open(spectra, angle: material.calibration.scatteringAngle), input: opening,
          calibration: material.calibration, selection: selection, watches: true, resources: resources)
      }
    }.result
    try console.result(report)
    for (name, entry) in report.materials.sorted(by: { $0.value.label < $1.value.label }) {
      console.say("\(name) (label \(entry.label))")
      MapCommand.describe(entry.map, console: console)
    }
    console.say("wrote \(output)")
  }

  /// The numbers of a map for people.
  static func describe(_ report: MapReport, console: Console) {
    for notice in report.notices {
      console.notice(notice)
    }
    console.say("\(report.mapped) of \(report.voxels) voxels mapped (\(report.method))")
    for (reason, entry) in report.mask.sorted(by: { $0.value.value < $1.value.value })
    where entry.voxels > 0 && reason != "good" {
      console.say("  \(entry.voxels) \(MapReport.words(ofReason: reason))")
    }
    let part = report.voxelsOfMean.map { " (of the \($0) voxels within the calibrated range)" } ?? ""
    console.say("mean x       \(Format.measured(report.meanX, report.meanXSigma))\(part)")
    if let parts = report.meanXSigmaParts {
      console.say(
        "  of which   counts \(Format.fixed(parts.counts, 4)), standards \(Format.fixed(parts.standards, 4)), their x \(Format.fixed(parts.standardsX, 4)), instrument \(Format.fixed(parts.instrument ?? 0, 4)), fractions \(Format.fixed(parts.fractions ?? 0, 4))"
      )
    }
    if let misfit = report.misfit { describe(misfit, console: console) }
    if let window = report.fitWindow, let cost = report.costOfWindow {
      console.say(
        "window       \(Format.fixed(window[0], 1)) to \(Format.fixed(window[1], 1)) a.u.: sigma(x) by counts is \(Format.fixed(cost, 3)) times that of all bins"
      )
    }
    if report.mask["good"]?.voxels ?? 0 > 0 {
      console.say(
        "sigma(x)     \(Format.fixed(report.meanSigma, 4)) per voxel, of which calibration \(Format.fixed(report.meanSharedSigma, 4))"
      )
    } else {
      console.say("sigma(x)     none: no voxel is good")
    }
    if let loss = report.lossOfFreeComponents {
      console.say("free fit     sigma(x) is \(Format.fixed(loss, 2)) times that with known fractions")
    }
    if let binning = report.binning {
      console.say(
        "bins         \(binning.independentValues) values of \(report.mapped) voxels, \(Format.significant(binning.medianVoxels, 3)) voxels each in the median"
      )
      say(resolution: binning.medianResolution, console)
      if binning.short > 0 {
        console.notice("\(binning.short) of \(binning.bins) bins have a larger sigma(x) than was asked for")
      }
    }
    if let prior = report.prior {
      console.say(
        "prior        guided by \(prior.guide), carries over \(Format.significant(prior.length, 3)) µm; \(Format.significant(prior.independentValues, 4)) independent values"
      )
      console.say(
        "sigma(x)     \(Format.fixed(prior.medianMeasuredSigma, 4)) measured, \(Format.fixed(prior.medianSigma, 4)) left (posterior \(Format.fixed(prior.medianPosteriorSigma, 4)))"
      )
      say(resolution: prior.medianResolution, console)
      if !prior.isCriterionMet {
        console.notice("the prior would have to reach further than \(prior.reach) voxels; it does not")
      }
      if prior.unseenStructure > 0 {
        console.notice(
          "in \(prior.unseenStructure) voxels the prior smoothed over structure that the guide does not show (misfit.tif)"
        )
      }
    }
    if let ratio = report.devianceRatio {
      console.say("deviance     \(Format.fixed(ratio, 4)) of the expected")
    }
  }

  private static func describe(_ misfit: Misfit, console: Console) {
    console.say(
      "sum          \(misfit.verdict.rawValue.replacingOccurrences(of: "_", with: " ")), chi2/dof \(Format.fixed(misfit.chiSquaredPerDOF, 2)) (\(Format.fixed(misfit.chiSquaredPerDOFBefore, 2)) before corrections)"
    )
    for correction in misfit.corrections {
      let unit = correction.unit.flatMap { $0.isEmpty ? nil : " " + $0 } ?? ""
      let place = correction.pixels.map { " (\($0))" } ?? ""
      console.say(
        "  \(correction.name) \(Format.significant(correction.value, 3)) +- \(Format.significant(correction.sigma, 2))\(unit)\(place), moved x by \(Format.fixed(correction.biasOfX, 4))"
      )
    }
    if let notice = misfit.notice { console.notice(notice) }
  }

  private static func say(resolution: Double?, _ console: Console) {
    guard let resolution else { return }
    console.say("resolution   \(Format.significant(resolution, 3)) µm (FWHM, median)")
  }
}
