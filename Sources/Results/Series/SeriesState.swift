import Foundation
public import Volumetry

/// One state of an operando series.
public struct SeriesState: Sendable, Hashable, Codable {
  /// Name of the state's folder.
  public var name: String
  public var file: String
  /// Time since some start, and voltage of the cell.
  public var seconds: Double?
  public var voltage: Double?
  public var liveTime: Double?

  enum CodingKeys: String, CodingKey {
    case name, file
    case seconds = "time_s"
    case voltage = "voltage_V"
    case liveTime = "live_time_s"
  }

  public init(
    name: String, file: String, seconds: Double? = nil, voltage: Double? = nil, liveTime: Double? = nil
  ) {
    self.name = name
    self.file = file
    self.seconds = seconds
    self.voltage = voltage
    self.liveTime = liveTime
  }

  /// States of plain files, with times or voltages for all of them or for none.
  ///
  /// - Throws: `usage` where their numbers differ or there are fewer than two.
  public static func states(
    _ files: [String], seconds: [Double] = [], voltages: [Double] = []
  ) throws(VoxelithError) -> [SeriesState] {
    guard seconds.isEmpty || seconds.count == files.count, voltages.isEmpty || voltages.count == files.count
    else {
      throw VoxelithError(
        .usage,
        "\(files.count) files, \(seconds.count) times and \(voltages.count) voltages do not fit together")
    }
    return try named(
      files.indices.map { index in
        SeriesState(
          name: "", file: files[index], seconds: seconds.isEmpty ? nil : seconds[index],
          voltage: voltages.isEmpty ? nil : voltages[index])
      })
  }

  /// Gives every state a folder name of its own: its number and, where it has none, the name of its file.
  ///
  /// - Throws: `usage` where there are fewer than two states, `data` where only some have a time or voltage.
  public static func named(_ states: [SeriesState]) throws(VoxelithError) -> [SeriesState] {
    guard states.count >= 2 else {
      throw VoxelithError(.usage, "a series needs two states or more, not \(states.count)")
    }
    for values in [states.map(\.seconds), states.map(\.voltage)] {
      let known = values.compactMap { $0 }
      guard known.isEmpty || known.count == states.count, known.allSatisfy(\.isFinite) else {
        throw VoxelithError(.data, "times and voltages must be given for all states or for none")
      }
    }
    return states.enumerated().map { index, state in
      var result = state
      let file = PathName.withoutEnding(PathName.last(of: state.file))
      let own = (state.name.isEmpty ? file : state.name).map { character in
        character.isLetter || character.isNumber || "-_.".contains(character) ? character : "_"
      }
      result.name = (index < 9 ? "0" : "") + "\(index + 1)-" + String(own)
      return result
    }
  }
}

/// `series.yaml`: the states of a sample in order.
public struct SeriesFile: Codable, Sendable {
  public var states: [Entry]
  /// What is known of the cell, for the balance of its lithium.
  public var cell: CellRecord?

  public struct Entry: Codable, Sendable {
    public var file: String
    public var name: String?
    /// Seconds, or with a unit: 90s, 15m, 4h, 2d.
    public var at: String?
    public var voltage: Double?
    public var liveTime: Double?

    enum CodingKeys: String, CodingKey {
      case file, name, at
      case voltage = "voltage_V"
      case liveTime = "live_time_s"
    }
  }

  /// Reads the file; paths of states are relative to its folder.
  ///
  /// - Throws: `missing`, `data` where a key is unknown or a time cannot be read.
  public static func read(_ path: String) throws(VoxelithError) -> (states: [SeriesState], cell: CellRecord?)
  {
    let file = try YAMLFile.decode(
      SeriesFile.self, from: path,
      allowed: KeyTree(
        [], deeper: ["states": ["file", "name", "at", "voltage_V", "live_time_s"], "cell": CellRecord.keys]))
    let folder = PathName.folder(of: path)
    var states: [SeriesState] = []
    for entry in file.states {
      var seconds: Double?
      if let at = entry.at {
        guard let value = TimeText.seconds(at) else {
          throw VoxelithError(
            .data, "'\(at)' is not a time", file: path, advice: "write it as 90s, 15m, 4h or 2d")
        }
        seconds = value
      }
      states.append(
        SeriesState(
          name: entry.name ?? "",
          file: entry.file.hasPrefix("/") || folder.isEmpty ? entry.file : folder + "/" + entry.file,
          seconds: seconds, voltage: entry.voltage, liveTime: entry.liveTime))
    }
    do {
      return (try SeriesState.named(states), file.cell)
    } catch {
      throw error.located(file: path)
    }
  }
}
