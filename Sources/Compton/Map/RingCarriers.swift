import Volumetry

/// What carries the spectra of each ring of pixels, or of the one geometry of the standards, to a pixel.
struct RingCarriers: Sendable {
  struct Ring: Sendable {
    let calibration: Calibration
    let carrier: BasisCarrier
  }

  private let rings: [Ring]

  init(_ calibration: Calibration) throws(VoxelithError) {
    rings = try calibration.ofRings.map { (own) throws(VoxelithError) in
      Ring(calibration: own, carrier: try BasisCarrier(own))
    }
  }

  /// The ring whose angle is nearest.
  func nearest(_ angle: Double) -> Ring {
    var best = rings[0]
    for ring in rings.dropFirst()
    where abs(ring.calibration.scatteringAngle - angle) < abs(best.calibration.scatteringAngle - angle) {
      best = ring
    }
    return best
  }
}
