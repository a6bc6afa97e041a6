public import Volumetry

/// One row per voxel of the coarse grid that has values, one column per quantity.
public struct VoxelTable: Sendable {
  public struct Column: Sendable {
    /// Word without spaces, as in the header of the file.
    public let name: String
    /// "um", "deg", "1" for a pure number.
    public let unit: String
    /// One value per voxel of the grid, in z, y, x order; NaN where missing.
    public let values: [Double]
    /// For directions in degrees: the angle after which they repeat (180 for lines in a plane).
    public let period: Double?
  }

  public let grid: Grid
  public private(set) var columns: [Column] = []

  /// - Throws: `data` where the grid is unusable or the size of its voxels is not known.
  public init(grid: Grid) throws(VoxelithError) {
    try grid.validate()
    guard grid.hasKnownSpacing else {
      throw VoxelithError(
        .data, "the size of the voxels is not known", advice: "give the voxel size in µm (z, y, x)")
    }
    self.grid = grid
  }

  /// Adds a quantity from a field on the table's grid.
  ///
  /// - Throws: `data` where the grid of the field differs, `usage` for a name that is taken or unfit.
  public mutating func add(
    _ name: String, unit: String, period: Double? = nil, from field: any VolumeSource
  ) throws(VoxelithError) {
    guard field.grid.shape == grid.shape else {
      throw VoxelithError(
        .data, "the field \(name) has \(field.grid.shape) voxels and the table \(grid.shape)",
        file: field.name,
        advice: "resample it onto the coarse grid first")
    }
    let tolerance = 1e-6 * grid.spacing
    let apart = (field.grid.spacing - grid.spacing) / tolerance
    let shifted = (field.grid.origin - grid.origin) / (1000 * tolerance)
    guard
      !field.grid.hasKnownSpacing
        || (abs(apart.max()) <= 1 && abs(apart.min()) <= 1
          && abs(shifted.max()) <= 1 && abs(shifted.min()) <= 1)
    else {
      throw VoxelithError(
        .data, "the field \(name) lies on another grid than the table", file: field.name,
        advice: "voxel sizes and origins must agree; resample it onto the coarse grid first")
    }
    try add(
      name, unit: unit, period: period, values: try field.read(Region(whole: field.grid.shape)).doubles())
  }

  /// Adds a quantity given as one value per voxel.
  public mutating func add(
    _ name: String, unit: String, period: Double? = nil, values: [Double]
  ) throws(VoxelithError) {
    if let period, !(period > 0 && period.isFinite) {
      throw VoxelithError(
        .usage, "the directions \(name) repeat after \(period) degrees", advice: "give 180 or 360")
    }
    guard values.count == grid.shape.count else {
      throw VoxelithError(
        .data, "the column \(name) has \(values.count) values for \(grid.shape.count) voxels")
    }
    let reserved = ["z_index", "y_index", "x_index", "z_um", "y_um", "x_um"]
    guard !name.isEmpty, !name.contains(where: { $0 == "," || $0 == "\"" || $0.isWhitespace || $0 == "[" }),
      !reserved.contains(name), !columns.contains(where: { $0.name == name })
    else {
      throw VoxelithError(.usage, "the column name \"\(name)\" is taken or not a word")
    }
    columns.append(
      Column(name: name, unit: unit, values: values.map { $0.isFinite ? $0 : .nan }, period: period))
  }

  /// Gives a column other values.
  mutating func replace(_ index: Int, by values: [Double]) {
    let old = columns[index]
    columns[index] = Column(name: old.name, unit: old.unit, values: values, period: old.period)
  }

  /// - Throws: `usage` where there is no such column.
  public func column(_ name: String) throws(VoxelithError) -> Column {
    guard let column = columns.first(where: { $0.name == name }) else {
      throw VoxelithError(
        .usage, "there is no quantity \(name)",
        advice: "known are: \(columns.map(\.name).joined(separator: ", "))")
    }
    return column
  }

  /// Distance of each voxel's centre from the lower face along an axis, um.
  public func depth(along axis: Axis = .z) -> [Double] {
    let shape = grid.shape
    var result: [Double] = []
    result.reserveCapacity(shape.count)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let index =
            switch axis {
            case .z: z
            case .y: y
            case .x: x
            }
          result.append((Double(index) + 0.5) * grid.spacing(along: axis))
        }
      }
    }
    return result
  }

  /// Text of `voxels.csv`: indices, centres in um and every column, its unit in square brackets; a missing
  /// value is an empty cell. Voxels without any value are left out.
  public func csv() -> String {
    var text =
      (["z_index", "y_index", "x_index", "z[um]", "y[um]", "x[um]"]
      + columns.map { "\($0.name)[\($0.unit)]" }).joined(separator: ",") + "\n"
    let shape = grid.shape
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let at = shape.index(z: z, y: y, x: x)
          guard columns.contains(where: { !$0.values[at].isNaN }) else { continue }
          let center = grid.center(z: z, y: y, x: x)
          var cells = ["\(z)", "\(y)", "\(x)", "\(center.z)", "\(center.y)", "\(center.x)"]
          for column in columns {
            let value = column.values[at]
            cells.append(value.isNaN ? "" : "\(Float(value))")
          }
          text += cells.joined(separator: ",") + "\n"
        }
      }
    }
    return text
  }
}
