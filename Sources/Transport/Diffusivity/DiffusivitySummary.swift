import Foundation
import Volumetry

/// The numbers that are told, from the parameters and their covariance.
struct DiffusivitySummary {
  private let problem: DiffusivityProblem
  private let point: DiffusivityProblem.Point
  private let errors: DiffusivityErrors
  private let reasons: [Int: String]

  init(
    _ problem: DiffusivityProblem, _ point: DiffusivityProblem.Point, _ errors: DiffusivityErrors,
    _ reasons: [Int: String]
  ) {
    self.problem = problem
    self.point = point
    self.errors = errors
    self.reasons = reasons
  }

  private var parameters: DiffusionParameters { problem.parameters }

  /// Why a parameter is not determined.
  static func reason(_ problem: DiffusivityProblem, _ point: DiffusivityProblem.Point, _ index: Int) -> String
  {
    let parameters = problem.parameters
    if index == parameters.diffusivityCount {
      return isFast(problem, point)
        ? "the exchange is faster than the maps can tell from a fixed x at the face"
        : "the maps do not tell how fast the exchange at the face is"
    }
    let own = index % parameters.perRegion
    let depth = problem.model.depth.rawValue
    switch parameters.directions {
    case .isotropic: return "x changes in no pattern whose spreading would tell the diffusivity"
    case .axial:
      return own == 0
        ? "the maps hold no gradient along \(depth) that fades and would tell the diffusivity"
        : "the maps hold no gradients across \(depth) that fade and would tell the diffusivity in the plane"
    case .diagonal:
      return
        "the maps hold no gradient along \(Axis.allCases[own].rawValue) that fades and would tell the diffusivity"
    case .tensor: return "the maps hold too few gradients to tell all elements of the tensor"
    }
  }

  private static func isFast(_ problem: DiffusivityProblem, _ point: DiffusivityProblem.Point) -> Bool {
    guard let exchange = problem.parameters.exchange(point.values) else { return false }
    let depth = problem.parameters.elements(point.values, region: 0)[
      Axis.allCases.firstIndex(of: problem.model.depth) ?? 0]
    return exchange * problem.thickness / depth > 20
  }

  /// The values with one parameter put where it does least harm: as along the depth, no share off the diagonal, a very fast exchange.
  static func fixed(
    _ problem: DiffusivityProblem, _ point: DiffusivityProblem.Point, _ index: Int
  ) -> [Double] {
    var values = point.values
    let parameters = problem.parameters
    if index == parameters.diffusivityCount {
      if isFast(problem, point) {
        let depth = parameters.elements(values, region: 0)[
          Axis.allCases.firstIndex(of: problem.model.depth) ?? 0]
        values[index] = log(DiffusionModel.fastBiot * depth / problem.thickness)
      }
      return values
    }
    let start = index / parameters.perRegion * parameters.perRegion
    switch parameters.directions {
    case .isotropic: break
    case .axial: if index == start + 1 { values[index] = values[start] }
    case .diagonal:
      let depth = start + (Axis.allCases.firstIndex(of: problem.model.depth) ?? 0)
      if index != depth { values[index] = values[depth] }
    case .tensor: if index >= start + 3 { values[index] = 0 }
    }
    return values
  }

  /// Why nothing that depends on the flow through the face is told; nil where the exchange is known, or so fast that it does not matter.
  ///
  /// With two states a fast exchange and a slow one of another x outside tell the same story.
  private var openFace: String? {
    let exchange = parameters.diffusivityCount
    guard parameters.hasExchange, reasons[exchange] != nil,
      problem.unknowns.times.count == 2 || !Self.isFast(problem, point)
    else { return nil }
    return
      "the maps do not tell the exchange at the face, on which it depends: map more states, or give the boundary"
  }

  /// A positive function of the parameters with its error.
  ///
  /// - Parameter needsFace: whether it follows from what flows through the face.
  private func value(needsFace: Bool = false, _ function: ([Double]) -> Double) -> UncertainValue {
    if needsFace, let openFace { return UncertainValue(reason: openFace) }
    let center = function(point.values)
    let slopes = point.values.indices.map { index in
      let step = 1e-4
      var (up, down) = (point.values, point.values)
      up[index] += step
      down[index] -= step
      return (log(function(up)) - log(function(down))) / (2 * step)
    }
    if let sigma = errors.sigma(slopes) { return UncertainValue(center, relative: sigma.all, own: sigma.own) }
    let size = slopes.map(abs).max() ?? 0
    let missing = slopes.indices.first { abs(slopes[$0]) > 1e-3 * size && reasons[$0] != nil }
    return UncertainValue(reason: missing.flatMap { reasons[$0] } ?? "it is not determined")
  }

  func region(_ index: Int, number: Int, voxels: Int) -> DiffusivityFit.Zone {
    let depth = Axis.allCases.firstIndex(of: problem.model.depth) ?? 0
    let plane = [0, 1, 2].filter { $0 != depth && problem.modes.axes[$0].cells > 1 }
    func element(_ values: [Double], _ place: Int) -> Double {
      parameters.elements(values, region: index)[place]
    }
    func inPlane(_ values: [Double]) -> Double {
      plane.isEmpty
        ? element(values, depth)
        : plane.map { element(values, $0) }.reduce(0, +) / Double(plane.count)
    }
    var result = ["depth": value(needsFace: true) { element($0, depth) }]
    if parameters.directions != .isotropic {
      if plane.isEmpty {
        let flat = UncertainValue(reason: "the maps are one voxel wide")
        result["plane"] = flat
        result["plane_over_depth"] = flat
      } else {
        result["plane"] = value(inPlane)
        result["plane_over_depth"] = value(needsFace: true) { inPlane($0) / element($0, depth) }
      }
    } else {
      result["all"] = result["depth"]
      result["depth"] = nil
    }
    if parameters.directions == .diagonal || parameters.directions == .tensor {
      for (place, axis) in Axis.allCases.enumerated() {
        result[axis.rawValue] = value(needsFace: place == depth) { element($0, place) }
      }
    }
    let tensor = parameters.directions == .tensor ? tensor(index) : nil
    return DiffusivityFit.Zone(
      number: number, voxels: voxels, values: result, tensor: tensor?.0, tensorSigma: tensor?.1)
  }

  /// Rows and columns x, y, z; nil where an element is not determined.
  private func tensor(_ region: Int) -> ([[Double]], [[Double]])? {
    let center = parameters.elements(point.values, region: region)
    var values = [[Double]](repeating: [0, 0, 0], count: 3)
    var sigmas = values
    for (place, pair) in DiffusionModes.pairs.enumerated() {
      let slopes = point.values.indices.map { index in
        let step = 1e-4
        var (up, down) = (point.values, point.values)
        up[index] += step
        down[index] -= step
        return
          (parameters.elements(up, region: region)[place] - parameters.elements(down, region: region)[place])
          / (2 * step)
      }
      guard let sigma = errors.sigma(slopes) else { return nil }
      let (a, b) = (Self.column(pair.0), Self.column(pair.1))
      values[a][b] = center[place]
      values[b][a] = center[place]
      sigmas[a][b] = sigma.all
      sigmas[b][a] = sigma.all
    }
    return (values, sigmas)
  }

  private static func column(_ axis: Axis) -> Int {
    switch axis {
    case .x: 0
    case .y: 1
    case .z: 2
    }
  }

  var exchange: UncertainValue? {
    parameters.hasExchange ? value { exp($0[parameters.diffusivityCount]) } : nil
  }

  /// The values at the boundary and the offsets, with errors that include those of the parameters.
  func linear() -> (boundary: [UncertainValue], offsets: [UncertainValue]) {
    let unknowns = problem.unknowns
    let covariance = point.response.factor.inverse
    let first = unknowns.initialCount
    let answers = errors.active.map { index -> [Double] in
      // By how much the linear unknowns move with a parameter.
      var (up, down) = (point.values, point.values)
      up[index] += 1e-3
      down[index] -= 1e-3
      guard let high = try? problem.point(up), let low = try? problem.point(down) else {
        return [Double](repeating: 0, count: unknowns.extraCount)
      }
      return (0..<unknowns.extraCount).map {
        (high.response.solution[first + $0] - low.response.solution[first + $0]) / 2e-3
      }
    }
    let all = (0..<unknowns.extraCount).map { index -> UncertainValue in
      let own = covariance[first + index, first + index]
      let moved = errors.covariance.quadraticForm(answers.map { $0[index] })
      return UncertainValue(point.response.solution[first + index], sigma: max(0, own + moved).squareRoot())
    }
    let count = unknowns.sources.count
    let known = all[..<count].map { one in openFace.map { UncertainValue(reason: $0) } ?? one }
    return (known, Array(all[count...]))
  }
}
