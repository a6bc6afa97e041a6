public import Volumetry

extension Calibration {
  /// The profile fit's spectra as the pixels of one scattering angle measured them: no carrying is needed there.
  public struct Ring: Sendable, Hashable, Codable {
    /// Degrees.
    public var angle: Double
    public var profile: ProfileBasis

    enum CodingKeys: String, CodingKey {
      case angle = "scattering_angle_deg"
      case profile
    }
  }

  /// A calibration whose profile fit knows rings of pixels; its ratios are those of `set`.
  ///
  /// - Parameters:
  ///   - rings: standards of each ring, on one axis, with its angle.
  /// - Throws: as ``init(_:options:)``, for any ring.
  public init(
    _ set: StandardSet, rings: [StandardSet], options: CalibrationOptions = CalibrationOptions()
  ) throws(VoxelithError) {
    try self.init(set, options: options)
    let window = methods.profile.window
    var made: [Ring] = []
    for ring in rings {
      do {
        made.append(
          Ring(
            angle: ring.geometry.angle, profile: try ProfileBasis(ring, window: window[0]...window[1])))
      } catch {
        throw error.located(place: "pixels of \(rounded(ring.geometry.angle)) degrees")
      }
    }
    self.rings = made
  }

  /// One calibration for each ring, or this one alone.
  var ofRings: [Calibration] {
    guard let rings, !rings.isEmpty else { return [self] }
    return rings.map { ring in
      var own = self
      own.rings = nil
      own.scatteringAngle = ring.angle
      own.methods.profile = ring.profile
      return own
    }
  }
}
