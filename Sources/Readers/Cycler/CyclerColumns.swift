import Volumetry

/// Which columns of a cycler's file to take, by their headings; what is nil is found by the names that makers use.
public struct CyclerColumns: Sendable, Hashable, Codable {
  public var time: String?
  public var voltage: String?
  public var current: String?
  public var charge: String?

  public init(
    time: String? = nil, voltage: String? = nil, current: String? = nil, charge: String? = nil
  ) {
    self.time = time
    self.voltage = voltage
    self.current = current
    self.charge = charge
  }
}

extension CyclerChoice {
  /// Columns that every point must have.
  var needed: [Int] {
    [time, charge, counters?.charge, counters?.discharge, charge == nil && counters == nil ? current : nil]
      .compactMap { $0 }
  }
}

extension CyclerColumns {
  /// What the heading of a column is told to be; with its unit or without.
  func quantity(of heading: String) -> CyclerColumn.Quantity? {
    let pairs: [(String?, CyclerColumn.Quantity)] = [
      (time, .time), (voltage, .voltage), (current, .current), (charge, .charge),
    ]
    return pairs.first { name, _ in name.map { Self.fits($0, heading) } ?? false }?.1
  }

  /// Whether a name is that of a heading, with its unit or without, whatever the case.
  static func fits(_ name: String, _ heading: String) -> Bool {
    name.lowercased() == heading.lowercased()
      || CyclerColumn.parts(name).name == CyclerColumn.parts(heading).name
  }
}

/// The columns of a table that a record is made from.
struct CyclerChoice {
  var time: Int?
  var stepTime: Int?
  var date: Int?
  var voltage: Int?
  var current: Int?
  var charge: Int?
  var counters: (charge: Int, discharge: Int)?
  var stepCounter: Int?
  var step: Int?
  var stepType: Int?
  /// Whether the caller said which column gives the charge.
  var isNamed = false

  /// Names of one quantity in the order in which they are preferred.
  private static let order = [
    "totaltime", "testtime", "总时间", "测试时间", "time", "时间", "ecell", "ewe-ece", "ewe",
  ]

  /// - Throws: `usage` where a column that is named is not there; `data` where there is neither a time, nor charge or current.
  init(_ table: CyclerTable, named: CyclerColumns, file: String) throws(VoxelithError) {
    var found: [(column: Int, name: String, quantity: CyclerColumn.Quantity)] = []
    for (column, heading) in table.headings.enumerated() {
      guard let parsed = CyclerColumn.parse(heading) else { continue }
      found.append((column, CyclerColumn.parts(heading).name, parsed.quantity))
    }
    func rank(_ name: String) -> Int { Self.order.firstIndex(of: name) ?? Self.order.count }
    func first(_ quantity: CyclerColumn.Quantity) -> Int? {
      found.filter { $0.quantity == quantity }.min {
        (rank($0.name), $0.column) < (rank($1.name), $1.column)
      }?.column
    }
    func chosen(_ name: String?, _ quantity: CyclerColumn.Quantity) throws(VoxelithError) -> Int? {
      guard let name else { return first(quantity) }
      if let column = table.headings.firstIndex(where: { $0.lowercased() == name.lowercased() }) {
        return column
      }
      if let column = table.headings.firstIndex(where: { CyclerColumns.fits(name, $0) }) { return column }
      throw VoxelithError(
        .usage,
        "there is no column '\(name)': the file has \(table.headings.filter { !$0.isEmpty }.joined(separator: ", "))",
        file: file)
    }
    time = try chosen(named.time, .time)
    stepTime = first(.stepTime)
    date = first(.date)
    voltage = try chosen(named.voltage, .voltage)
    current = try chosen(named.current, .current)
    charge = try chosen(named.charge, .charge)
    // What is named is taken, whatever else there is.
    let isFree = named.charge == nil && named.current == nil
    if !isFree && named.charge == nil { charge = nil }
    if isFree, let down = first(.dischargeCounter) {
      if let up = first(.chargeCounter) {
        counters = (up, down)
      } else if let up = charge {
        // A charge beside a discharge has no sign.
        (charge, counters) = (nil, (up, down))
      }
    }
    stepCounter = isFree ? first(.stepCounter) : nil
    isNamed = !isFree
    step = first(.step)
    stepType = first(.stepType)
    guard time ?? stepTime ?? date != nil else {
      throw VoxelithError(
        .data, "the file has no column of time", file: file,
        advice: "name one: columns: {time: 'name of the column'}")
    }
    guard charge ?? counters?.charge ?? current != nil else {
      throw VoxelithError(
        .data, "the file has no column of charge or current", file: file,
        advice: "name one: columns: {current: 'name of the column'}")
    }
  }
}
