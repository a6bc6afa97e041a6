import Volumetry

/// Spectra of multichannel analysers that carry a calibration in place of energies, as SPEC, BLISS and PyMca store them: a
/// group with the counts, `channels`, and `calibration`, the coefficients of a polynomial of the channel.
enum MultichannelData {
  private static let signals = ["data", "counts", "spectrum", "spectra", "mca"]
  static let calibrations = ["calibration", "energy_calibration", "calib", "calibration_coefficients"]

  /// The sets of a file, each array once.
  static func all(in found: NexusDiscovery) -> [NexusData] {
    var seen = Set<HDF5Identity>()
    return found.groups.compactMap { group in
      guard calibration(in: group) != nil,
        let signal = signals.lazy.compactMap({ group.datasetIfPresent($0) }).first(where: { $0.type != nil }),
        !signal.shape.isEmpty, let identity = try? signal.identity(), seen.insert(identity).inserted
      else { return nil }
      return NexusData(signal: signal, in: group)
    }
  }

  /// The coefficients of a group: two to six, or so many for each of several elements.
  static func calibration(in group: HDF5Group) -> HDF5Dataset? {
    calibrations.lazy.compactMap { group.datasetIfPresent($0) }.first { isCalibration($0) }
  }

  static func isCalibration(_ dataset: HDF5Dataset) -> Bool {
    dataset.type != nil && (1...2).contains(dataset.shape.count)
      && dataset.shape.last.map { (2...6).contains($0) } == true
  }

  /// The polynomials of a dataset in keV, one for each element.
  ///
  /// - Parameter channels: highest channel, which tells eV from keV where the file gives no unit.
  /// - Throws: `data` where the unit is not one of energy.
  static func polynomials(_ dataset: HDF5Dataset, channels: Double) throws(VoxelithError)
    -> [EnergyPolynomial]
  {
    let numbers = try dataset.readNumbers()
    let width = dataset.shape.last ?? 1
    let units = dataset.attribute("units")?.string
    let factor = try Units.factor(
      of: units, .energy,
      assumed: EnergyUnit.judged(from: [EnergyPolynomial(Array(numbers.prefix(width))).energy(channels)])
        .inKeV,
      what: "the energy calibration", option: "--energy-coefficients", file: dataset.file.path,
      place: dataset.path)
    return stride(from: 0, to: numbers.count, by: width).map { start in
      EnergyPolynomial(numbers[start..<(start + width)].map { $0 * factor })
    }
  }
}

extension NexusData {
  /// The axis that the file calls channels.
  var channelAxis: Int? {
    axisNames.lastIndex { $0.map(EnergyScale.isChannelName) ?? false }
  }

  /// Numbers of the channels along an axis, where the file tells them; nil for 0, 1, 2, ...
  func channels(along dimension: Int) -> [Double]? {
    let count = signal.shape[dimension]
    if let axis = axes[dimension], axis.values.count == count,
      EnergyScale.isChannelName(axis.name) || axis.units.map(Units.isChannel) == true
        || EnergyScale.countsUp(axis.values)
    {
      return axis.values
    }
    for name in ["channels", "channel"] {
      if let dataset = group.datasetIfPresent(name), dataset.shape == [count],
        let values = try? dataset.readNumbers()
      {
        return values
      }
    }
    return nil
  }
}
