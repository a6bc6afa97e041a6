import Foundation
import Volumetry

/// The numbers that are fitted, and the matrices that they make.
///
/// For each region the logarithms of the diffusivities, for a tensor those of the diagonal of its Cholesky factor and three shares off it;
/// at the end the logarithm of the exchange coefficient, where there is one.
struct DiffusionParameters: Sendable {
  let directions: DiffusionModel.Directions
  let depth: Axis
  let regions: Int
  let hasExchange: Bool

  var perRegion: Int {
    switch directions {
    case .isotropic: 1
    case .axial: 2
    case .diagonal: 3
    case .tensor: 6
    }
  }

  var diffusivityCount: Int { regions * perRegion }
  var count: Int { diffusivityCount + (hasExchange ? 1 : 0) }

  /// The same diffusivity everywhere.
  func uniform(_ diffusivity: Double, exchange: Double) -> [Double] {
    let level = log(diffusivity)
    let one: [Double] =
      directions == .tensor
      ? [0.5 * level, 0.5 * level, 0.5 * level, 0, 0, 0] : Array(repeating: level, count: perRegion)
    return (0..<regions).flatMap { _ in one } + (hasExchange ? [log(exchange)] : [])
  }

  /// Elements zz, yy, xx, zy, zx, yx of the diffusivity of a region.
  func elements(_ parameters: [Double], region: Int) -> [Double] {
    let own = Array(parameters[(region * perRegion)..<((region + 1) * perRegion)])
    switch directions {
    case .isotropic:
      let value = exp(own[0])
      return [value, value, value, 0, 0, 0]
    case .axial:
      let (along, across) = (exp(own[0]), exp(own[1]))
      return Axis.allCases.map { $0 == depth ? along : across } + [0, 0, 0]
    case .diagonal: return own.map { exp($0) } + [0, 0, 0]
    case .tensor:
      let (a, b, c) = (exp(own[0]), exp(own[1]), exp(own[2]))
      let (p, q, r) = (own[3], own[4], own[5])
      return [
        a * a, b * b * (1 + p * p), c * c * (1 + q * q + r * r), a * b * p, a * c * q, b * c * (p * q + r),
      ]
    }
  }

  func exchange(_ parameters: [Double]) -> Double? { hasExchange ? exp(parameters[count - 1]) : nil }

  /// Derivatives of a region's elements by one of its parameters.
  private func slopes(_ parameters: [Double], _ index: Int) -> [Double] {
    let step = 1e-5
    var (up, down) = (parameters, parameters)
    up[index] += step
    down[index] -= step
    let region = index / perRegion
    return zip(elements(up, region: region), elements(down, region: region)).map { ($0 - $1) / (2 * step) }
  }

  /// The matrix K of diffusion and exchange.
  func matrix(_ parameters: [Double], _ modes: DiffusionModes, exchange: Double) -> Matrix {
    var sum = exchange * modes.face
    for region in 0..<regions {
      for (value, part) in zip(elements(parameters, region: region), modes.stiffness[region]) where value != 0
      {
        sum = sum + value * part
      }
    }
    return sum
  }

  /// The derivative of K by one parameter.
  func slope(_ parameters: [Double], _ index: Int, _ modes: DiffusionModes) -> Matrix {
    if index == diffusivityCount { return exp(parameters[index]) * modes.face }
    var sum = Matrix(zeros: modes.count, modes.count)
    for (value, part) in zip(slopes(parameters, index), modes.stiffness[index / perRegion]) where value != 0 {
      sum = sum + value * part
    }
    return sum
  }
}
