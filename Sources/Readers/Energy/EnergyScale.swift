import Volumetry

/// From the numbers along an axis of energies to keV.
enum EnergyScale {
  /// keV in one of the axis's numbers.
  ///
  /// The unit that the file gives counts first, then one that ends the name of the axis. Without either the numbers are
  /// judged: whole numbers that count up from 0 or 1 are channels, others eV above 1000 and keV below.
  ///
  /// - Parameter keepsDetectorUnits: whether channels, and units that are not understood, are passed on as they are.
  /// - Throws: `data` where they are channels, or their unit is not one of energy.
  static func factor(
    of values: [Double], units: String?, name: String, keepsDetectorUnits: Bool = false, file: String
  ) throws(VoxelithError) -> Double {
    if let units, !Units.normalized(units).isEmpty {
      if let factor = Units.factor(units, .energy) { return factor }
      if keepsDetectorUnits { return 1 }
      if Units.isChannel(units) { throw channels(file: file, place: name) }
      throw VoxelithError(
        .data, "the unit '\(units)' of the energies is not understood", file: file, place: name,
        advice: "give --energy-coefficients (keV at channel 0, keV a channel); units that are understood: "
          + Units.list(.energy))
    }
    if let unit = EnergyUnit(in: name) { return unit.inKeV }
    if keepsDetectorUnits { return 1 }
    if let unit = bracketed(name) {
      throw VoxelithError(
        .data, "the unit '\(unit)' of the energies is not understood", file: file, place: name,
        advice: "give --energy-coefficients (keV at channel 0, keV a channel); units that are understood: "
          + Units.list(.energy))
    }
    if isChannelName(name) || countsUp(values) { throw channels(file: file, place: name) }
    return EnergyUnit.judged(from: values).inKeV
  }

  /// The name of an axis that numbers channels.
  static func isChannelName(_ name: String) -> Bool {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return Units.isChannel(last)
      || ["channel", "通道", "道址", "道数"].contains { last.lowercased().hasPrefix($0) }
  }

  /// Whether numbers are 0, 1, 2, ... or 1, 2, 3, ...: what channels are, and energies in keV never are to so many.
  static func countsUp(_ values: [Double]) -> Bool {
    guard values.count >= 32, let first = values.first, first == 0 || first == 1 else { return false }
    return values.indices.allSatisfy { values[$0] == first + Double($0) }
  }

  /// What stands in brackets at the end of a name: `energy (adu)`.
  private static func bracketed(_ name: String) -> String? {
    for (open, close) in [("(", ")"), ("[", "]")] where name.hasSuffix(close) {
      guard let start = name.lastIndex(of: Character(open)) else { continue }
      let inner = name[name.index(after: start)...].dropLast()
      if !inner.isEmpty { return String(inner) }
    }
    return nil
  }

  /// Bins reach half way to their neighbours, so that where some are left out the ones beside the gap would seem wide and
  /// nearly empty.
  ///
  /// - Parameter energies: in keV, rising or falling.
  /// - Throws: `data` where a step is wider than all others, which are even.
  static func checkSteps(_ energies: [Double], file: String, place: String?) throws(VoxelithError) {
    var steps = zip(energies, energies.dropFirst()).map { $1 - $0 }
    if steps.allSatisfy({ $0 < 0 }) { steps = steps.map { -$0 } }
    // Energies that neither rise nor fall are told elsewhere.
    guard steps.count >= 8, steps.allSatisfy({ $0 > 0 }) else { return }
    let usual = steps.sorted()[steps.count / 2]
    let wide = steps.indices.dropFirst().dropLast().filter {
      steps[$0] > 1.5 * max(steps[$0 - 1], steps[$0 + 1])
    }
    // Energies at uneven steps are points of a scan, or rounded.
    guard let gap = wide.first,
      steps.indices.allSatisfy({ wide.contains($0) || abs(steps[$0] - usual) < 0.02 * usual })
    else { return }
    throw VoxelithError(
      .data,
      "bins are missing between \(energies[gap]) and \(energies[gap + 1]) keV, where others are \(usual) keV apart",
      file: file, place: place,
      advice: "put them into the file, with nan for counts that are not known, or keep one side of the gap")
  }

  static func channels(file: String, place: String?) -> VoxelithError {
    VoxelithError(
      .data, "the axis of energies counts channels and gives no energies", file: file, place: place,
      advice:
        "give --energy-coefficients (keV at channel 0, keV a channel, further powers), or name the file's "
        + "own energies or coefficients with --energy-dataset")
  }
}
