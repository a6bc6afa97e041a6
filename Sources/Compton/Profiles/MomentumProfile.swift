/// A Compton profile J(pz) in electrons per atomic unit of momentum.
public protocol MomentumProfile: Sendable {
  /// J at momentum `pz` (atomic units) from the electrons that an energy loss of `loss` keV can free.
  func value(at pz: Double, loss: Double) -> Double
  /// Number of electrons.
  var electrons: Double { get }
}

extension MomentumProfile {
  /// J at momentum `pz` of all electrons.
  public func value(at pz: Double) -> Double { value(at: pz, loss: .infinity) }

  /// Integral of J from `low` to `high` (atomic units), all electrons, by Simpson's rule on `intervals` pieces.
  public func integral(from low: Double, to high: Double, intervals: Int = 2000) -> Double {
    let step = (high - low) / Double(intervals)
    var sum = value(at: low) + value(at: high)
    for index in 1..<intervals {
      sum += (index % 2 == 1 ? 4 : 2) * value(at: low + Double(index) * step)
    }
    return sum * step / 3
  }
}

/// A Gaussian profile: the momentum density of a narrow or a model shell.
public struct GaussianProfile: MomentumProfile {
  public let electrons: Double
  /// Standard deviation in atomic units.
  public let width: Double

  public init(electrons: Double = 1, width: Double) {
    self.electrons = electrons
    self.width = width
  }

  public func value(at pz: Double, loss: Double) -> Double {
    let z = pz / width
    return electrons * exponential(-0.5 * z * z) / (width * (2 * Double.pi).squareRoot())
  }
}
