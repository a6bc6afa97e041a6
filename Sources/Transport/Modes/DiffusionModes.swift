import Volumetry

/// Diffusion in the box of a grid, reduced to smooth modes by Galerkin's method.
///
/// With the storage f and the diffusivity D the weak form of f dx/dt = div(f D grad x), no flow through the sides and f h (b - x) through the
/// separator's face, tested with every mode, is c' = -K c + h b s for coefficients c of fields that are orthonormal under f: K is the sum of
/// the stiffness matrices times the elements of D, and h times that of the face. In time it is solved exactly, by eigenvalues.
/// (C. Canuto, M. Y. Hussaini, A. Quarteroni, T. A. Zang, Spectral Methods: Fundamentals in Single Domains, 2006, chapters 1 and 5.)
struct DiffusionModes: Sendable {
  /// Pairs of axes in the order in which elements of D are listed: zz, yy, xx, zy, zx, yx.
  static let pairs: [(Axis, Axis)] = [(.z, .z), (.y, .y), (.x, .x), (.z, .y), (.z, .x), (.y, .x)]

  let axes: [ModeAxis]
  let sums: ModeSums
  /// Coefficients of the modes are this times the orthonormal ones.
  let whitening: Matrix
  /// The orthonormal coefficients of x = 1 everywhere.
  let constant: [Double]
  /// Those of each mode that the first state may hold, in columns.
  let initial: Matrix
  /// By region, then by pair of axes.
  let stiffness: [[Matrix]]
  let face: Matrix
  /// Modes that the voxels can tell apart, and those among them that are the same everywhere in the plane.
  let visible: [Int]
  let depthOnly: [Int]

  var count: Int { constant.count }

  /// - Parameters:
  ///   - storage: share of active material of each voxel.
  ///   - regions: number of each voxel's region.
  ///   - withCross: whether the elements of D off the diagonal are wanted.
  /// - Throws: `data` where the storage holds nothing.
  init(
    grid: Grid, storage: [Double], regions: [Int], regionCount: Int, depth: Axis, isUpper: Bool,
    detail: DiffusionDetail, withCross: Bool, threads: Int
  ) throws(VoxelithError) {
    let shape = grid.shape
    func count(_ axis: Axis) -> Int {
      if shape[axis] == 1 { return 1 }
      return axis == depth ? detail.depth : min(detail.plane, shape[axis])
    }
    let axes = Axis.allCases.map { axis in
      ModeAxis(
        axis == depth ? .legendre : .cosine, cells: shape[axis], count: count(axis),
        length: Double(shape[axis]) * grid.spacing(along: axis))
    }
    let modes = Mode.all(counts: (count(.z), count(.y), count(.x)))
    let sums = ModeSums(shape: shape, modes: modes, threads: threads)
    self.axes = axes
    self.sums = sums
    let (z, y, x) = (axes[0], axes[1], axes[2])
    let mass = try sums.gram(storage, z.valueTable, y.valueTable, x.valueTable)
    guard mass[0, 0] > 0 else { throw VoxelithError(.data, "there is no active material in the maps") }
    let system = try EigenSystem(mass)
    let largest = system.values.last ?? 1
    let kept = system.values.indices.filter { system.values[$0] > 1e-9 * largest }
    var whitening = Matrix(zeros: modes.count, kept.count)
    for (column, source) in kept.enumerated() {
      let scale = 1 / system.values[source].squareRoot()
      for row in 0..<modes.count { whitening[row, column] = scale * system.vectors[row, source] }
    }
    self.whitening = whitening
    let transposed = whitening.transposed
    let backwards = transposed.times(mass, threads: threads)
    constant = (0..<kept.count).map { backwards[$0, 0] }
    visible = modes.indices.filter { modes[$0][depth] < min(shape[depth], detail.depth) }
    depthOnly = visible.filter { mode in Axis.allCases.allSatisfy { $0 == depth || modes[mode][$0] == 0 } }
    let start = visible.filter { modes[$0][depth] < detail.initialDepth }
    var initial = Matrix(zeros: kept.count, start.count)
    for (column, mode) in start.enumerated() {
      for row in 0..<kept.count { initial[row, column] = backwards[row, mode] }
    }
    self.initial = initial
    func orthonormal(_ matrix: Matrix) -> Matrix {
      transposed.times(matrix.times(whitening, threads: threads), threads: threads)
    }
    func tables(_ pair: (Axis, Axis)) -> [ModeSums.Table] {
      zip(axes, Axis.allCases).map { functions, axis in
        switch (axis == pair.0, axis == pair.1) {
        case (true, true): functions.slopeTable
        case (true, false): functions.mirroredTable
        case (false, true): functions.mixedTable
        case (false, false): functions.valueTable
        }
      }
    }
    var stiffness: [[Matrix]] = []
    for region in 0..<regionCount {
      let own = zip(storage, regions).map { $1 == region ? $0 : 0 }
      var elements: [Matrix] = []
      for pair in Self.pairs.prefix(withCross ? 6 : 3) {
        let table = tables(pair)
        let half = orthonormal(try sums.gram(own, table[0], table[1], table[2]))
        elements.append(pair.0 == pair.1 ? half : half + half.transposed)
      }
      stiffness.append(elements)
    }
    self.stiffness = stiffness
    let ends = zip(axes, Axis.allCases).map { functions, axis in
      axis == depth ? functions.endTable(isUpper: isUpper) : functions.valueTable
    }
    let length = Double(shape[depth]) * grid.spacing(along: depth)
    face = (1 / length) * orthonormal(try sums.gram(storage, ends[0], ends[1], ends[2]))
  }

  /// What voxels of given weights know of the modes.
  func information(_ weights: [Double]) throws(VoxelithError) -> Matrix {
    try sums.gram(weights, axes[0].meanTable, axes[1].meanTable, axes[2].meanTable)
  }

  /// A form of the modes as one of the orthonormal coefficients.
  func whitened(_ matrix: Matrix) -> Matrix {
    whitening.transposed.times(matrix.times(whitening, threads: sums.threads), threads: sums.threads)
  }

  /// The mean over every voxel of the field with orthonormal coefficients.
  func field(_ coefficients: [Double]) throws(VoxelithError) -> [Double] {
    try sums.field(whitening * coefficients, axes)
  }
}

/// How fine the modes are.
public struct DiffusionDetail: Sendable, Hashable {
  /// Polynomials along the depth, and patterns along each axis in the plane.
  public var depth: Int
  public var plane: Int
  /// Polynomials along the depth that the first state may hold.
  public var initialDepth: Int

  public init(depth: Int = 14, plane: Int = 8, initialDepth: Int = 9) {
    self.depth = depth
    self.plane = plane
    self.initialDepth = initialDepth
  }
}
