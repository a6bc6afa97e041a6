public import Compton
import Foundation
import Readers
public import Volumetry

/// Maps the states of a series with one calibration and compares them.
///
/// Every state has a folder with its map and, from the second on, `dx_first.tif` and `dx_previous.tif` with their
/// errors; above them lie `common_mask.tif`, `series.json`, `series.csv` and the figure.
public struct SeriesFolder: Sendable {
  public let states: [SeriesState]
  public let maps: [LithiumMap]
  public let method: MapMethod
  public let calibration: Calibration
  /// Whether other phases may be in the summed spectra.
  public let withComponents: Bool
  /// Whether the maps were made with the gains that drift gave them.
  public var isGainCorrected = false
  /// The cell that the states show; its balance is written where it is known and all states have times.
  public var cell: CellCharge?
  private let differences: StateDifferences

  public static let names = ["common_mask.tif", "series.json", "series.csv", "series.png", "series.pdf"]
  /// Figures beside them where the cell is known.
  public static let cellNames = ["balance.png", "balance.pdf"]

  /// - Throws: `data` where the states' grids differ or the calibration lacks the method.
  public init(
    states: [SeriesState], maps: [LithiumMap], method: MapMethod, calibration: Calibration,
    withComponents: Bool = false
  ) throws(VoxelithError) {
    guard states.count == maps.count, states.count >= 2, let first = maps.first?.source.grid else {
      throw VoxelithError(.usage, "a series needs two states or more, each with its map")
    }
    for (state, map) in zip(states, maps) where map.source.grid.shape != first.shape {
      throw VoxelithError(
        .data, "the state has \(map.source.grid.shape) voxels, the first one \(first.shape)",
        file: state.file,
        advice: "all states of a series must lie on one grid")
    }
    self.states = states
    self.maps = maps
    self.method = method
    self.calibration = calibration
    self.withComponents = withComponents
    differences = StateDifferences(try SharedCovariance(calibration, method: method))
  }

  /// Writes everything.
  ///
  /// - Throws: `cannotCreate` where an output exists and may not be replaced; errors of the maps.
  @discardableResult
  public func write(
    to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> SeriesReport {
    try OutputFile.prepareFolder(folder)
    for name in Self.names + (cell == nil ? [] : Self.cellNames) {
      try OutputFile.check(folder + "/" + name, overwrite: overwrite)
    }
    if let cell {
      for state in states {
        guard let time = state.seconds else {
          throw VoxelithError(
            .usage, "the balance needs the times of all states", advice: "give at for every state, or --at")
        }
        _ = try cell.state(at: time)
      }
    }
    var reports: [MapReport] = []
    for (state, map) in zip(states, maps) {
      reports.append(
        try MapFolder.write(
          map, method: method, calibration: calibration, to: folder + "/" + state.name, overwrite: overwrite,
          resources: resources))
    }
    let sums = try compare(in: folder, overwrite: overwrite, resources: resources)
    let spectra = try summedSpectra(in: folder, resources: resources)
    var report = report(reports, sums: sums, spectra: spectra)
    report.balance = try balance(report, sums: sums)
    try JSONOutput.write(report, to: folder + "/series.json", overwrite: overwrite)
    try OutputFile.write(report.table, to: folder + "/series.csv", overwrite: overwrite)
    for ending in ["png", "pdf"] {
      try SeriesFigure.write(report, to: folder + "/series." + ending, overwrite: overwrite)
      if let cell {
        try BalanceFigure.write(
          report, cell: cell, to: folder + "/balance." + ending, overwrite: overwrite)
      }
    }
    return report
  }

  /// Lithium by the maps against lithium by charge; nil where the cell is not known or no voxel is good in all states.
  private func balance(
    _ report: SeriesReport, sums: [StateSums]
  ) throws(VoxelithError) -> SeriesBalance? {
    guard let cell else { return nil }
    let means = report.states.compactMap(\.meanX)
    let seconds = states.compactMap(\.seconds)
    guard means.count == states.count, seconds.count == states.count else { return nil }
    let instrument = InstrumentErrors(report.states.map(\.misfit))
    let total = report.states.map { $0.meanXSigma ?? .nan }
    var covariance = Matrix(zeros: means.count, means.count)
    var largest = covariance
    for i in means.indices {
      covariance[i, i] = total[i] * total[i]
      for j in 0..<i {
        let change = sums[i].change(since: sums[j], reference: j)?.sigma ?? .nan
        let apart = change * change + instrument.varianceOfDifference(i, j)
        covariance[i, j] = 0.5 * (covariance[i, i] + covariance[j, j] - apart)
        covariance[j, i] = covariance[i, j]
        largest[i, j] =
          covariance[i, j] - instrument.covariance(i, j) + instrument.largestCovariance(i, j)
        largest[j, i] = largest[i, j]
      }
      largest[i, i] = covariance[i, i]
    }
    return try SeriesBalance(
      cell, means: means, covariance: covariance, orCovariance: largest, seconds: seconds,
      isFromCell: calibration.isFromCharge == true)
  }

  /// Writes mask and differences slice by slice and adds up the common voxels of every state.
  private func compare(
    in folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> [StateSums] {
    let grid = maps[0].source.grid
    var files: [[any VolumeSource]] = []
    for state in states {
      var own: [any VolumeSource] = []
      let shifts = MapFolder.shiftFiles(maps[0], .none)
      for name in ["li.tif", "li_sigma.tif", "mask.tif"] + shifts {
        own.append(try VolumeFile.open("\(folder)/\(state.name)/\(name)"))
      }
      files.append(own)
    }
    let mask = try TIFFVolumeWriter(
      path: folder + "/common_mask.tif", grid: grid, type: .uint8, overwrite: overwrite)
    var writers: [[TIFFVolumeWriter]] = []
    for state in states.dropFirst() {
      var own: [TIFFVolumeWriter] = []
      for name in ["dx_first", "dx_first_sigma", "dx_previous", "dx_previous_sigma"] {
        own.append(
          try TIFFVolumeWriter(
            path: "\(folder)/\(state.name)/\(name).tif", grid: grid, type: .float32, overwrite: overwrite))
      }
      writers.append(own)
    }
    var sums = states.map { _ in StateSums(differences) }
    for z in 0..<grid.shape.z {
      try resources.cancellation.check()
      let region = Region(slices: z..<(z + 1), of: grid.shape)
      var slices: [StateDifferences.State] = []
      for own in files {
        slices.append(
          StateDifferences.State(
            x: try own[0].readFloats(region), sigma: try own[1].readFloats(region),
            mask: try own[2].readFloats(region).map { UInt8(max(0, min(255, $0))) },
            fractionPulls: try own.dropFirst(3).map { (source) throws(VoxelithError) in
              try source.readFloats(region)
            }))
      }
      let common = StateDifferences.common(slices)
      try mask.write(.uint8(common.map { $0 ? 0 : 1 }), to: region)
      for index in states.indices {
        sums[index].add(
          slices[index], common: common, references: Array(slices[..<index]))
        guard index > 0 else { continue }
        for (place, earlier) in [0, index - 1].enumerated() {
          let change = differences.difference(slices[index], slices[earlier], common: common)
          try writers[index - 1][2 * place].write(.float32(change.value), to: region)
          try writers[index - 1][2 * place + 1].write(.float32(change.sigma), to: region)
        }
      }
    }
    try mask.finish()
    for own in writers {
      for writer in own { try writer.finish() }
    }
    return sums
  }

  /// Spectra of every state, added up over the common voxels.
  private func summedSpectra(
    in folder: String, resources: Resources
  ) throws(VoxelithError) -> [[Double]] {
    let mask = try VolumeFile.open(folder + "/common_mask.tif")
    var result: [[Double]] = []
    for map in maps {
      let source = map.source
      let bins = source.energy.count
      var total = [Double](repeating: 0, count: bins)
      try BlockStream.run(try map.plan(resources).blocks, stage: "drift", resources: resources) {
        (block) throws(VoxelithError) -> [Double] in
        let counts = try source.readCounts(block.core)
        let lost = try mask.readFloats(block.core)
        var sum = [Double](repeating: 0, count: bins)
        for voxel in lost.indices where lost[voxel] == 0 {
          for bin in 0..<bins { sum[bin] += Double(counts[voxel * bins + bin]) }
        }
        return sum
      } consume: { (_, sum) throws(VoxelithError) in
        for bin in 0..<bins { total[bin] += sum[bin] }
      }
      result.append(total)
    }
    return result
  }

  private func report(
    _ reports: [MapReport], sums: [StateSums], spectra: [[Double]]
  ) -> SeriesReport {
    let voxels = sums[0].voxels
    let axis = try? calibration.energyAxis()
    let fits = zip(spectra, maps).map { counts, map -> DriftFit? in
      // Where each pixel has energies of its own, the summed spectrum has none.
      guard axis?.matches(map.source.energy) == true else { return nil }
      return try? DriftFit(
        counts: counts, voxels: voxels, liveTime: map.source.acquisition.liveTime, calibration: calibration,
        withComponents: withComponents)
    }
    let peak = (try? calibration.geometry().peakEnergy) ?? .nan
    let shape = maps[0].source.grid.shape
    let basis = calibration.methods.profile
    let instrument = InstrumentErrors(reports.map(\.misfit))
    var entries: [SeriesReport.State] = []
    for index in states.indices {
      let mean = sums[index].meanX
      var entry = SeriesReport.State(state: states[index], mapped: reports[index].mapped)
      entry.meanX = mean?.value
      // Errors of the standards, and those by the instrument that states share, cancel in changes.
      entry.meanXSigma = mean.map { ($0.sigma * $0.sigma + instrument.covariance(index, index)).squareRoot() }
      entry.misfit = reports[index].misfit
      entry.meanXCountingSigma = mean?.counting
      entry.devianceRatio = reports[index].devianceRatio
      if index > 0 {
        func change(since earlier: Int, reference: Int) -> SeriesReport.Change? {
          let part = instrument.varianceOfDifference(index, earlier)
          return sums[index].change(since: sums[earlier], reference: reference).map {
            .init(
              value: $0.value, sigma: ($0.sigma * $0.sigma + part).squareRoot(),
              instrument: part.squareRoot())
          }
        }
        entry.sinceFirst = change(since: 0, reference: 0)
        entry.sincePrevious = change(since: index - 1, reference: index - 1)
      }
      let time = maps[index].source.acquisition.liveTime ?? 1
      if voxels > 0, spectra[index].count == basis.constant.count {
        let net = basis.fitRange.reduce(0.0) { sum, bin in
          sum + spectra[index][bin] / (time * Double(voxels)) - basis.background.rate[bin]
        }
        entry.rate = net
      }
      if let fit = fits[index] {
        if let first = fits[0] {
          let ratio = fit.amplitude / first.amplitude
          let parts = (fit.amplitudeSigma / fit.amplitude, first.amplitudeSigma / first.amplitude)
          entry.intensity = SeriesReport.Change(
            value: ratio,
            sigma: index == 0 ? 0 : ratio * (parts.0 * parts.0 + parts.1 * parts.1).squareRoot())
          entry.drift = Self.drift(fit, first: first, isFirst: index == 0, misfit: entry.misfit, peak: peak)
        }
      }
      entries.append(entry)
    }
    return SeriesReport(
      method: method.rawValue, shape: [shape.z, shape.y, shape.x], voxels: shape.count, commonVoxels: voxels,
      gainIsCorrected: isGainCorrected, states: entries)
  }

  /// The gain of a state: by its own fit where nothing else changed, else what the fit of all effects found; nil where the sum shows
  /// other things than a gain, by which a fit of the gain alone would be led astray.
  private static func drift(
    _ fit: DriftFit, first: DriftFit, isFirst: Bool, misfit: Misfit?, peak: Double
  ) -> SeriesReport.Drift? {
    let corrections = misfit?.corrections ?? []
    if misfit?.verdict == .notDescribed { return nil }
    if corrections.contains(where: { $0.name != "gain" }) {
      guard let gain = corrections.first(where: { $0.name == "gain" }) else { return nil }
      let change = gain.value - first.gain
      return SeriesReport.Drift(
        gain: gain.value, gainSigma: gain.sigma, sinceFirst: change,
        sinceFirstSigma: isFirst
          ? 0 : (gain.sigma * gain.sigma + first.gainSigma * first.gainSigma).squareRoot(),
        sinceFirstAtPeak: 1000 * peak * change, xShift: gain.biasOfX)
    }
    let change = fit.gain - first.gain
    return SeriesReport.Drift(
      gain: fit.gain,
      gainSigma: (fit.gainSigma * fit.gainSigma + fit.gainSharedSigma * fit.gainSharedSigma).squareRoot(),
      sinceFirst: change,
      sinceFirstSigma: isFirst
        ? 0 : (fit.gainSigma * fit.gainSigma + first.gainSigma * first.gainSigma).squareRoot(),
      sinceFirstAtPeak: 1000 * peak * change, xShift: fit.xShift)
  }
}
