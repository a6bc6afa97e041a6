import Foundation
public import Transport
import Volumetry

/// What `transport` computed of the pores, beside what the maps say.
public struct PorePrediction: Codable, Sendable {
  public var file: String
  /// Relative effective diffusivity by axis, along the depth and in the plane.
  public var relative: [String: Double]
  public var planeOverDepth: Double?
  /// Measured diffusivity over the relative one: that of a free medium, which is the same in all directions where pores explain
  /// the difference.
  public var free: [String: UncertainValue]
  /// The measured ratio of plane and depth over the predicted one: 1 where pores explain it.
  public var anisotropyOverPredicted: UncertainValue?
  /// Measured over predicted diffusivity, where the free one is known.
  public var overPredicted: [String: UncertainValue]?

  enum CodingKeys: String, CodingKey {
    case file
    case relative = "relative_diffusivity"
    case planeOverDepth = "plane_over_depth"
    case free = "free_diffusivity_um2_per_s"
    case anisotropyOverPredicted = "plane_over_depth_over_predicted"
    case overPredicted = "diffusivity_over_predicted"
  }

  /// The relative diffusivities in a file of `transport`.
  struct Pores: Decodable {
    struct One: Decodable {
      let value: Double?
      enum CodingKeys: String, CodingKey { case value = "effective_diffusivity" }
    }
    let axes: [String: One]
  }

  /// - Parameter values: of a region, by name.
  init(
    _ pores: Pores, file: String, axis: Axis, values: [String: UncertainValue], free: Double?,
    freeSigma: Double
  ) {
    self.file = file
    var relative = pores.axes.compactMapValues(\.value).filter { $0.value > 0 }
    let plane = Axis.allCases.filter { $0 != axis }.compactMap { relative[$0.rawValue] }
    relative["depth"] = relative[axis.rawValue]
    relative["plane"] = plane.count == 2 ? (plane[0] + plane[1]) / 2 : nil
    self.relative = relative
    var own: [String: UncertainValue] = [:]
    for (name, value) in values { if let part = relative[name] { own[name] = value.over(part) } }
    self.free = own
    if let along = relative["depth"], let across = relative["plane"] {
      planeOverDepth = across / along
      anisotropyOverPredicted = values["plane_over_depth"]?.over(across / along)
    }
    guard let free else { return }
    overPredicted = own.mapValues { value in
      guard let number = value.value, let sigma = value.sigma, let ownSigma = value.ownSigma else {
        return value
      }
      // The error of the free diffusivity is one that all directions share.
      let (measured, known) = (sigma / number, freeSigma / free)
      return UncertainValue(
        number / free, relative: (measured * measured + known * known).squareRoot(), own: ownSigma / number)
    }
  }
}
