import Foundation
public import Volumetry

/// Spectra in text files: CSV `energy_keV,counts`, or any table with a column of energies.
public enum SpectrumFile {
  /// Reads one spectrum.
  ///
  /// - Parameters:
  ///   - energyColumn: column of bin centres; by default the one whose name begins with `energy`, or
  ///     else the first that does not number the channels. Energies may fall.
  ///   - countsColumn: column of counts; by default the one named `counts`, or else the only other that holds neither
  ///     channels nor errors.
  ///   - energyUnit: unit of the energies; by default the one that the column's name ends in, or else
  ///     eV where they exceed 1000 and keV where they do not.
  ///   - energyCoefficients: keV at channel 0, keV a channel and further powers, where the energies are channels.
  /// - Throws: `missing`, and `data` where the energies neither rise nor fall, count channels, or a count is negative or not a
  ///   number; `usage` where the columns must be named.
  public static func read(
    _ path: String, energyColumn: TableColumn? = nil, countsColumn: TableColumn? = nil,
    energyUnit: EnergyUnit? = nil, energyCoefficients: [Double]? = nil
  ) throws(VoxelithError) -> Spectrum {
    if let spectra = try MultichannelSpectra.read(path) {
      guard energyCoefficients == nil else {
        throw VoxelithError(
          .data, "the file has energies of its own, and others are given", file: path,
          advice: "leave out energy_coefficients_keV")
      }
      return try spectra.spectrum(file: path)
    }
    let table = try DelimitedTable.read(path)
    let energyIndex = try self.energyColumn(of: table, asked: energyColumn)
    let countsIndex = try self.countsColumn(of: table, asked: countsColumn, energy: energyIndex)
    let (axis, isReversed) =
      if let energyCoefficients {
        try EnergyPolynomial(energyCoefficients).axis(channels: table.columns[energyIndex], file: path)
      } else { try self.axis(of: table, column: energyIndex, unit: energyUnit) }
    let liveTime = try liveTime(of: table)
    var counts = table.columns[countsIndex]
    if isReversed { counts.reverse() }
    if let seconds = try rate(of: table, column: countsIndex, liveTime: liveTime) {
      counts = counts.map { $0 * seconds }
    }
    return try Spectrum(energy: axis, counts: counts, liveTime: liveTime, file: path)
  }

  /// Writes `energy_keV,counts`, with the live time as a comment where it is known. Numbers are read
  /// back exactly.
  ///
  /// - Throws: `cannotCreate` where the file exists and may not be overwritten or its folder does not
  ///   take it.
  public static func write(
    _ spectrum: Spectrum, to path: String, comments: [String] = [], overwrite: Bool = false
  ) throws(VoxelithError) {
    var text = comments.map { "# \($0)\n" }.joined()
    if let liveTime = spectrum.liveTime { text += "# \(liveTimeKey): \(liveTime)\n" }
    text += "energy_keV,counts\n"
    for (energy, count) in zip(spectrum.energy.centers, spectrum.counts) {
      text += "\(energy),"
      text += Int64(exactly: count).map { "\($0)\n" } ?? "\(count)\n"
    }
    try OutputFile.write(text, to: path, overwrite: overwrite)
  }

  private static let liveTimeKey = "live_time_s"
  private static let liveTimeNames: Set<String> = [
    liveTimeKey, "live_time", "livetime", "live_time_(s)", "live_time_[s]", "活时间", "活时间(s)", "活时间[s]",
  ]

  /// The live time that a comment tells: `live_time_s: 600`, or with a unit `live time = 10 min`.
  ///
  /// - Throws: `data` where its unit is not understood.
  static func liveTime(of table: DelimitedTable) throws(VoxelithError) -> Double? {
    for comment in table.comments {
      let parts = comment.split { $0 == ":" || $0 == "=" }.map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 2 else {
        let words = comment.split(separator: " ")
        if words.count == 2, words[0] == liveTimeKey { return Double(words[1]) }
        continue
      }
      let key = parts[0].lowercased().replacingOccurrences(of: " ", with: "_")
      guard liveTimeNames.contains(key) else {
        continue
      }
      let words = parts[1].split(separator: " ", maxSplits: 1).map(String.init)
      guard let value = words.first.flatMap({ Double($0) }) else { continue }
      let unit = words.count > 1 ? words[1] : nil
      return value
        * (try Units.factor(
          of: unit, .time, assumed: 1, what: "the live time", option: "live_time_s", file: table.file,
          place: "comment"))
    }
    return nil
  }

  /// The column of energies: the one that is asked for, the one that its name tells, or the first that does not number
  /// the channels.
  static func energyColumn(
    of table: DelimitedTable, asked: TableColumn?
  ) throws(VoxelithError) -> Int {
    if let asked { return try table.index(of: asked) }
    let named = table.names?.firstIndex { name in
      let lower = name.lowercased()
      return lower.hasPrefix("energy") || lower == "kev" || lower == "ev" || lower.hasPrefix("e_")
        || lower.hasPrefix("能量") || lower.hasPrefix("e (") || lower == "e" || lower.hasPrefix("e[")
        || lower.hasPrefix("e [")
    }
    if let named { return named }
    return numbersChannels(table, 0) && table.columns.count > 2 && rises(table.columns[1]) ? 1 : 0
  }

  /// Whether a column numbers channels beside one of energies.
  private static func numbersChannels(_ table: DelimitedTable, _ column: Int) -> Bool {
    table.names.map { EnergyScale.isChannelName($0[column]) } ?? false
      || EnergyScale.countsUp(table.columns[column])
  }

  private static func rises(_ values: [Double]) -> Bool {
    let pairs = zip(values, values.dropFirst())
    return pairs.allSatisfy { $0 < $1 } || pairs.allSatisfy { $0 > $1 }
  }

  private static func countsColumn(
    of table: DelimitedTable, asked: TableColumn?, energy: Int
  ) throws(VoxelithError) -> Int {
    if let asked { return try table.index(of: asked) }
    guard table.columns.count >= 2 else {
      throw VoxelithError(.data, "a spectrum needs a column of energies and one of counts", file: table.file)
    }
    if let named = countsColumn(in: table) { return named }
    let candidates = countsColumns(of: table, energy: energy)
    if candidates.count == 1 { return candidates[0] }
    let known = table.names?.joined(separator: ", ") ?? "0 to \(table.columns.count - 1)"
    throw VoxelithError(
      .usage, "the table has \(table.columns.count) columns: say which holds the counts", file: table.file,
      advice:
        "its columns are \(known); leave one of energies and one of counts, or name one counts in a first line"
    )
  }

  /// The columns that hold counts: all but those of energies, of channels and of errors.
  static func countsColumns(of table: DelimitedTable, energy: Int) -> [Int] {
    let others = table.columns.indices.filter { column in
      if column == energy { return false }
      if let name = table.names?[column] { return !EnergyScale.isChannelName(name) && !isErrorName(name) }
      return !(column < energy && EnergyScale.countsUp(table.columns[column]))
    }
    // Without names an error shows by being the square root of the column before it.
    guard table.names == nil, others.count == 2 else { return others }
    let (counts, errors) = (table.columns[others[0]], table.columns[others[1]])
    let isRoot = zip(counts, errors).allSatisfy {
      abs($1 - max($0, 0).squareRoot()) <= 0.01 * max(1, abs($1))
    }
    return isRoot && counts.contains { $0 > 1 } ? [others[0]] : others
  }

  private static func isErrorName(_ name: String) -> Bool {
    let words = Set(name.lowercased().split { !$0.isLetter }.map(String.init))
    return !words.isDisjoint(with: [
      "error", "errors", "err", "sigma", "std", "stddev", "uncertainty", "unc", "esd", "dcounts", "delta",
      "误差", "不确定度", "标准差",
    ])
  }

  /// The column whose name says that it holds counts.
  static func countsColumn(in table: DelimitedTable) -> Int? {
    guard let names = table.names else { return nil }
    let wanted = ["counts", "count", "intensity", "cts", "events", "photons", "计数", "强度"]
    let lower = names.map { $0.lowercased() }
    if let exact = lower.firstIndex(where: { wanted.contains($0) }) { return exact }
    let found = names.indices.filter { CountUnit(in: names[$0]) != nil && !isErrorName(names[$0]) }
    return found.count == 1 ? found[0] : nil
  }

  /// The number by which the column of counts is multiplied, where its name says that it has rates or multiples of counts.
  ///
  /// - Throws: `data` where it does and the live time is not known.
  static func rate(
    of table: DelimitedTable, column: Int, liveTime: Double?
  ) throws(VoxelithError) -> Double? {
    guard let name = table.names?[column] else { return nil }
    guard !CountUnit.isStrange(name) else {
      throw VoxelithError(
        .data, "the unit of the column \(name) is not understood", file: table.file,
        advice: "name the column by a unit that is: \(CountUnit.list)")
    }
    guard let unit = CountUnit(in: name), unit != .counts else { return nil }
    guard unit.isRate else { return unit.factor }
    guard let liveTime else {
      throw VoxelithError(
        .data,
        "the column \(name) has counts per second, and the counts cannot be known without the live time",
        file: table.file,
        advice: "write a line '# live_time_s: SECONDS' above the numbers, or give --live-time")
    }
    return liveTime * unit.factor
  }

  /// The energies of a column in keV, the lowest first, and whether the table has the highest first.
  static func axis(
    of table: DelimitedTable, column: Int, unit: EnergyUnit?, keepsDetectorUnits: Bool = false
  ) throws(VoxelithError) -> (axis: EnergyAxis, isReversed: Bool) {
    let energies = table.columns[column]
    let name = table.names?[column] ?? ""
    var factor = 1.0
    if let unit {
      factor = unit.inKeV
    } else {
      factor = try EnergyScale.factor(
        of: energies, units: nil, name: name, keepsDetectorUnits: keepsDetectorUnits, file: table.file)
      if !keepsDetectorUnits { try checkEnergies(energies, name: name, file: table.file) }
    }
    let scaled = factor == 1 ? energies : energies.map { $0 * factor }
    if !keepsDetectorUnits {
      try EnergyScale.checkSteps(scaled, file: table.file, place: name.isEmpty ? nil : name)
    }
    let isReversed = scaled.count >= 2 && zip(scaled, scaled.dropFirst()).allSatisfy { $0 > $1 }
    return (try EnergyAxis(centers: isReversed ? scaled.reversed() : scaled, file: table.file), isReversed)
  }

  /// Parts of the names that columns of energies have.
  private static let energyNames = [
    "energ", "photon", "bin", "axis", "center", "centre", "edge", "position", "能量",
  ]

  /// - Throws: `data` for a column whose name is that of another quantity, or whose numbers count up as channels do whatever
  ///   its name says.
  private static func checkEnergies(
    _ values: [Double], name: String, file: String
  ) throws(VoxelithError) {
    if EnergyScale.countsUp(values) {
      throw VoxelithError(
        .data, "the energies are 0, 1, 2, ...: the numbers of channels", file: file,
        place: name.isEmpty ? nil : name,
        advice: "give energy_coefficients_keV (keV at channel 0, keV a channel), or a column of energies")
    }
    let words = name.lowercased()
    guard !name.isEmpty, EnergyUnit(in: name) == nil, words.count > 2,
      !energyNames.contains(where: { words.contains($0) })
    else { return }
    throw VoxelithError(
      .data, "the column '\(name)' is not known to hold energies", file: file,
      advice: "name it energy_keV (or energy_eV), or give energy_coefficients_keV where it counts channels")
  }
}
