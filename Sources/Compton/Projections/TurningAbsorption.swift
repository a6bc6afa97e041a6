import Foundation
public import Volumetry

/// What absorption leaves of the photons of one row of a turning sample.
public struct TurningAbsorption: Sendable {
  /// Part that reaches the detector, at the mean energy of the scattered photons: (angle, z, x).
  public var transmission: [Float]
  /// Paths in cm on the way out through each phase: (phase, angle, z, x).
  public var exits: [[Float]]
}

extension LithiumMap {
  /// Traces the photons of every voxel of a row at every angle.
  ///
  /// The beam and the camera of ``Absorption`` stand still, in the frame of the sample at the angle 0; the sample turns about +y by the
  /// right hand. Beer and Lambert, from the voxel's centre. What ``Absorption/layers`` take is the same for all voxels and left out.
  ///
  /// - Parameters:
  ///   - grid: voxels of the sample (z, y, x).
  ///   - angles: in radians.
  /// - Returns: nil where nothing absorbs.
  /// - Throws: errors of the analyzers.
  public func turningAbsorption(
    row: Int, grid: Grid, angles: [Double]
  ) throws(VoxelithError) -> TurningAbsorption? {
    let analyzer = try analyzers.typical()
    guard let absorption, let attenuation = analyzer.attenuation else { return nil }
    let (entrance, exit) = attenuation.meanCoefficients(of: analyzer.pixel)
    let out = absorption.exit(
      angle: source.acquisition.scatteringAngle?.mean ?? calibration.scatteringAngle)
    let phases = entrance.count
    let slice = grid.shape.z * grid.shape.x
    var result = TurningAbsorption(
      transmission: [Float](repeating: 1, count: angles.count * slice),
      exits: [[Float]](
        repeating: [Float](repeating: 0, count: angles.count * slice), count: phases))
    guard let field = absorption.field else { return result }
    var lengths = [Float](repeating: 0, count: 2 * phases)
    for (index, angle) in angles.enumerated() {
      let from = Self.turned(-1 * absorption.beam, by: angle)
      let towards = Self.turned(out, by: angle)
      for z in 0..<grid.shape.z {
        for x in 0..<grid.shape.x {
          let point =
            grid.origin + (SIMD3(Double(x), Double(row), Double(z)) + 0.5) * grid.spacing
          for place in lengths.indices { lengths[place] = 0 }
          field.addPaths(from: point, along: from, into: &lengths, at: 0)
          field.addPaths(from: point, along: towards, into: &lengths, at: phases)
          let voxel = index * slice + z * grid.shape.x + x
          var depth = 0.0
          for phase in 0..<phases {
            depth += Double(lengths[phase]) * entrance[phase] + Double(lengths[phases + phase]) * exit[phase]
            result.exits[phase][voxel] = lengths[phases + phase]
          }
          result.transmission[voxel] = Float(exp(-depth))
        }
      }
    }
    return result
  }

  /// A direction of the laboratory as the sample sees it that was turned by an angle about +y.
  private static func turned(_ v: SIMD3<Double>, by angle: Double) -> SIMD3<Double> {
    let (c, s) = (cos(angle), sin(angle))
    return SIMD3(v.x * c - v.z * s, v.y, v.x * s + v.z * c)
  }
}
