import Foundation
public import Volumetry

/// The diffusivity of lithium from maps of several states of one sample.
///
/// x obeys f dx/dt = div(f D grad x) within the grid, nothing flows through the sides and the far face, and the separator's face has one of
/// the ``DiffusionModel/Boundary`` conditions. Unknown are D, the exchange coefficient, x (or the rate) at the boundary, the smooth modes of the first state, whose
/// own map is but a noisy witness of them, and an offset of every state within its common error. D is an effective diffusivity of x in µm²/s: that
/// at which patterns of x spread over the electrode, active material, pores and storage together.
public struct DiffusivityFit: Sendable {
  public struct Zone: Sendable {
    public let number: Int
    public let voxels: Int
    /// By name: `depth`, `plane`, their `plane_over_depth`; with directions of the grid also `x`, `y`, `z`.
    public let values: [String: UncertainValue]
    /// Rows and columns x, y, z, with the standard errors, where the whole tensor was asked for.
    public let tensor: [[Double]]?
    public let tensorSigma: [[Double]]?
  }

  public let regions: [Zone]
  /// In µm/s; nil where the boundary has none.
  public let exchange: UncertainValue?
  /// x outside, or the change of the mean x per second, for the whole time or for each interval.
  public let boundary: [UncertainValue]
  public let test: DiffusionTest
  /// Seconds since the first state.
  public let times: [Double]
  /// Number of modes, and of those that the first state may hold.
  public let modes: Int
  public let initialModes: Int
  /// x of the model in every voxel, with the offset of each state, and the offsets.
  public let model: [[Float]]
  public let offsets: [UncertainValue]

  /// - Parameters:
  ///   - storage: share of active material of each voxel; 1 where empty.
  ///   - labels: a number from 1 up for each voxel, 0 for none; one region where empty.
  /// - Throws: `usage` for fewer than two states or times that do not rise; `data` where the maps do not fit the grid or hold too little.
  public init(
    grid: Grid, states: [OperandoState], storage: [Float] = [], regions labels: [Int] = [],
    model: DiffusionModel = DiffusionModel(), resources: Resources
  ) throws(VoxelithError) {
    let shape = grid.shape
    try Self.check(shape, states, storage, labels, model)
    var filled =
      storage.isEmpty ? [Double](repeating: 1, count: shape.count) : storage.map { max(0, Double($0)) }
    for voxel in filled.indices {
      if !filled[voxel].isFinite { filled[voxel] = 0 }
      // Where no state has a value and nobody told the storage, there is no sample.
      if storage.isEmpty, states.allSatisfy({ !$0.x[voxel].isFinite }) { filled[voxel] = 0 }
    }
    let numbers = labels.isEmpty ? [1] : Set(labels.filter { $0 > 0 }).sorted()
    let places = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, $0) })
    let region = labels.isEmpty ? [Int](repeating: 0, count: shape.count) : labels.map { places[$0] ?? -1 }
    for voxel in filled.indices where region[voxel] < 0 { filled[voxel] = 0 }
    let modes = try DiffusionModes(
      grid: grid, storage: filled, regions: region, regionCount: numbers.count, depth: model.depth,
      isUpper: model.face == .upper, detail: model.detail, withCross: model.directions == .tensor,
      threads: resources.threads)
    var evidence: [StateEvidence] = []
    for state in states {
      try resources.cancellation.check()
      evidence.append(try StateEvidence(state, storage: filled, modes: modes))
    }
    let sums = evidence.reduce((0.0, 0.0)) { sums, state in
      (
        sums.0 + DiffusionResponse.dot(state.projection, modes.constant),
        sums.1 + modes.information(state, along: modes.constant)
      )
    }
    let unknowns = LinearUnknowns(
      states, model: model, initialCount: modes.initial.columns, typical: sums.0 / sums.1)
    let problem = DiffusivityProblem(
      modes: modes, evidence: evidence, unknowns: unknowns,
      parameters: DiffusionParameters(
        directions: model.directions, depth: model.depth, regions: numbers.count,
        hasExchange: model.boundary == .exchange), model: model,
      thickness: Double(shape[model.depth]) * grid.spacing(along: model.depth))
    let (point, errors, reasons) = try Self.solve(problem, resources)
    times = unknowns.times
    self.modes = modes.count
    initialModes = modes.initial.columns
    var fields: [[Double]] = []
    for state in states.indices {
      let own = point.response.vectors * point.response.state(state)
      fields.append(try modes.field(own))
    }
    let residuals = zip(states, zip(evidence, fields)).map { state, other in
      state.x.indices.map { other.0.weights[$0] > 0 ? Double(state.x[$0]) - other.1[$0] : 0 }
    }
    test = try DiffusionTest(problem, point, residuals: residuals, fitted: errors.active.count)
    self.model = fields.map { field in
      field.indices.map { filled[$0] > 0 ? Float(field[$0]) : .nan }
    }
    let summary = DiffusivitySummary(problem, point, errors, reasons)
    self.regions = numbers.enumerated().map { index, number in
      summary.region(
        index, number: number, voxels: region.indices.count { region[$0] == index && filled[$0] > 0 })
    }
    exchange = summary.exchange
    (boundary, offsets) = summary.linear()
  }

  /// Fits, and leaves out what the maps do not determine, weakest first.
  private static func solve(
    _ problem: DiffusivityProblem, _ resources: Resources
  ) throws(VoxelithError) -> (DiffusivityProblem.Point, DiffusivityErrors, [Int: String]) {
    var active = Array(0..<problem.parameters.count)
    var point = try problem.start(resources)
    var reasons: [Int: String] = [:]
    while true {
      point = try problem.best(from: point, active: active, resources: resources)
      let (errors, weakest) = try DiffusivityErrors.judge(problem, point, active: active)
      if let errors { return (point, errors, reasons) }
      guard let weakest else {
        throw VoxelithError(.internal, "the errors of the diffusivity cannot be formed")
      }
      reasons[weakest] = DiffusivitySummary.reason(problem, point, weakest)
      active.removeAll { $0 == weakest }
      point = try problem.point(DiffusivitySummary.fixed(problem, point, weakest))
    }
  }

  private static func check(
    _ shape: Shape, _ states: [OperandoState], _ storage: [Float], _ labels: [Int], _ model: DiffusionModel
  ) throws(VoxelithError) {
    guard states.count >= 2 else {
      throw VoxelithError(.usage, "a diffusivity needs two states or more, not \(states.count)")
    }
    for (earlier, later) in zip(states, states.dropFirst()) where !(later.seconds > earlier.seconds) {
      throw VoxelithError(
        .usage, "the times of the states do not rise: \(later.seconds) s follows \(earlier.seconds) s")
    }
    for state in states where state.x.count != shape.count || state.sigma.count != shape.count {
      throw VoxelithError(.data, "a map has \(state.x.count) voxels, the grid \(shape.count)")
    }
    guard storage.isEmpty || storage.count == shape.count, labels.isEmpty || labels.count == shape.count
    else {
      throw VoxelithError(.data, "fractions and regions must lie on the grid of the maps")
    }
    guard labels.isEmpty || labels.contains(where: { $0 > 0 }) else {
      throw VoxelithError(.data, "the regions hold no number above 0")
    }
    for (name, list) in [("boundary_x", model.boundaryX), ("rates", model.rates)]
    where list.count > 1 && list.count != states.count - 1 {
      throw VoxelithError(
        .usage, "\(name): \(list.count) numbers for \(states.count - 1) intervals between states",
        advice: "give one number, or one for each interval")
    }
    guard shape[model.depth] >= 3 else {
      throw VoxelithError(
        .data,
        "the maps have \(shape[model.depth]) voxels along \(model.depth.rawValue), too few for a profile")
    }
  }
}

extension DiffusionModes {
  /// What a state knows of the amount of a field.
  func information(_ state: StateEvidence, along field: [Double]) -> Double {
    state.information.quadraticForm(field)
  }
}
