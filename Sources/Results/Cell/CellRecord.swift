public import Compton
import Foundation
public import Readers
public import Volumetry

/// What is known of the cell whose states were measured: its cycler's record, the amount of active material, and the x that it began with.
public struct CellRecord: Codable, Sendable, Hashable {
  /// Which electrode the maps show; lithium leaves the positive one on charge and enters the negative one.
  public enum Electrode: String, Codable, Sendable, CaseIterable {
    case positive, negative
  }

  /// File of the cycler.
  public var cycler: String
  /// Columns by their headings, where their names are no maker's.
  public var columns: CyclerColumns?
  /// What the clock of the states shows at the record's time 0: 90s, 15m, 4h; negative where the record began first.
  public var startsAt: String?
  /// Mass of the active material in mg, with its formula and the x at which it was weighed (`initial_x` if not given).
  public var mass: Double?
  public var formula: String?
  public var weighedX: Double?
  /// Amount in mmol of formula units, instead of the mass.
  public var amount: Double?
  /// Relative standard deviation of the amount in percent.
  public var amountSigma: Double?
  /// x of the electrode at the first point of the record.
  public var initialX: Double?
  public var initialXSigma: Double?
  public var electrode: Electrode?

  enum CodingKeys: String, CodingKey {
    case cycler, columns, formula, electrode
    case startsAt = "starts_at"
    case mass = "active_material_mg"
    case weighedX = "weighed_x"
    case amount = "active_material_mmol"
    case amountSigma = "active_material_sigma_percent"
    case initialX = "initial_x"
    case initialXSigma = "initial_x_sigma"
  }

  public init(cycler: String) { self.cycler = cycler }

  /// Keys that YAML may hold.
  package static let keys = KeyTree(
    [
      "cycler", "starts_at", "active_material_mg", "formula", "weighed_x", "active_material_mmol",
      "active_material_sigma_percent", "initial_x", "initial_x_sigma", "electrode",
    ], deeper: ["columns": ["time", "voltage", "current", "charge"]])

  /// Reads a YAML file of these keys; `cycler` is relative to its folder.
  ///
  /// - Throws: `missing`, `data` where a key is unknown.
  public static func read(_ path: String) throws(VoxelithError) -> CellRecord {
    try YAMLFile.decode(CellRecord.self, from: path, allowed: keys)
  }

  /// - Throws: `usage` where the amount is missing or told twice, or a number is beyond its range.
  public func validate() throws(VoxelithError) {
    guard (mass == nil) != (amount == nil) else {
      throw VoxelithError(
        .usage,
        mass == nil
          ? "the amount of active material is missing: give active_material_mg or active_material_mmol"
          : "active_material_mg and active_material_mmol exclude each other")
    }
    try NumberRange.activeMass.check(mass)
    try NumberRange.activeAmount.check(amount)
    try NumberRange.percentSigma.check(amountSigma, place: "active_material_sigma_percent")
    try NumberRange.lithium.check(initialX, place: "initial_x")
    try NumberRange.lithium.check(weighedX, place: "weighed_x")
    try NumberRange.lithiumSigma.check(initialXSigma, place: "initial_x_sigma")
    guard mass != nil || weighedX == nil else {
      throw VoxelithError(.usage, "weighed_x is for active_material_mg")
    }
    guard initialXSigma == nil || initialX != nil else {
      throw VoxelithError(.usage, "initial_x_sigma needs initial_x")
    }
    _ = try start()
  }

  /// Seconds on the states' clock at the record's time 0.
  func start() throws(VoxelithError) -> Double {
    guard let startsAt else { return 0 }
    let isBefore = startsAt.hasPrefix("-")
    guard let seconds = TimeText.seconds(isBefore ? String(startsAt.dropFirst()) : startsAt) else {
      throw VoxelithError(.usage, "starts_at '\(startsAt)' is not a time: write 90s, 15m, -4h or 2d")
    }
    return isBefore ? -seconds : seconds
  }

  /// Moles of formula units.
  ///
  /// - Parameters:
  ///   - known: formula of the calibration, where the record has none.
  /// - Throws: `usage` where a mass has no formula or no x at which it was weighed.
  public func moles(formula known: ChemicalFormula?) throws(VoxelithError) -> Double {
    if let amount { return 1e-3 * amount }
    var own: ChemicalFormula?
    if let formula { own = try ChemicalFormula(formula) }
    guard let mass, let material = own ?? known else {
      throw VoxelithError(
        .usage, "active_material_mg needs the formula", advice: "give formula: LixNi0.8Mn0.1Co0.1O2")
    }
    guard let x = weighedX ?? initialX else {
      throw VoxelithError(
        .usage, "active_material_mg needs the x at which it was weighed",
        advice: "give weighed_x or initial_x")
    }
    return 1e-3 * mass / material.molarMass(x: x)
  }
}
