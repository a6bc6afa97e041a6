import Foundation
public import Volumetry

/// Beam, sample and camera of a simulation of multiple scattering.
///
/// The camera sees along one direction, that of the scattering angle, and does not tell depths along it: what it sees is a
/// column, as a pixel of a pinhole camera does. The beam is a column as well.
public struct ScatteringScene: Sendable {
  /// A column of rectangular cross-section: in the plane of scattering, and across it; nil for all space.
  public struct Column: Sendable, Hashable {
    public let center: SIMD3<Double>
    public let width: Double
    public let height: Double

    /// - Throws: `data` where a side is not positive.
    public init(center: SIMD3<Double>, width: Double, height: Double) throws(VoxelithError) {
      guard width > 0, height > 0, width.isFinite, height.isFinite,
        (0..<3).allSatisfy({ center[$0].isFinite })
      else {
        throw VoxelithError(
          .data, "a beam or view of \(width) x \(height) µm has no cross-section",
          advice: "size_um needs two positive numbers: in the plane of scattering, and across it")
      }
      self.center = center
      self.width = width
      self.height = height
    }
  }

  public let phases: [AbsorbingPhase]
  public let body: ScatteringBody
  public let geometry: ScatteringGeometry
  public let beam: Column?
  public let view: Column?
  let beamDirection: SIMD3<Double>
  let exitDirection: SIMD3<Double>
  /// In the plane of scattering across the beam, across the exit, and out of the plane.
  let beamSide: SIMD3<Double>
  let exitSide: SIMD3<Double>
  let normal: SIMD3<Double>

  /// Directions are those of ``Absorption``.
  ///
  /// - Throws: `data` where the sample makes no sense; `usage` where the directions make no plane.
  public init(
    phases: [AbsorbingPhase], body: ScatteringBody, geometry: ScatteringGeometry, beam: Column? = nil,
    view: Column? = nil, beamDirection: SIMD3<Double> = SIMD3(1, 0, 0),
    cameraDirection: SIMD3<Double> = SIMD3(0, 0, -1)
  ) throws(VoxelithError) {
    guard !phases.isEmpty else { throw VoxelithError(.data, "the sample has no materials") }
    try body.validate(names: phases.map(\.name))
    let frame = try Absorption(
      phases: phases,
      field: PhaseField(
        grid: Grid(shape: Shape(z: 1, y: 1, x: 1), spacing: SIMD3(1, 1, 1)),
        fractions: phases.map { _ in [0] }), beam: beamDirection, camera: cameraDirection)
    self.phases = phases
    self.body = body
    self.geometry = geometry
    self.beam = beam
    self.view = view
    self.beamDirection = frame.beam
    exitDirection = frame.exit(angle: geometry.angle)
    beamSide = frame.side
    let radians = geometry.angle * .pi / 180
    exitSide = cos(radians) * frame.side - sin(radians) * frame.beam
    normal = SIMD3(
      frame.beam.y * frame.side.z - frame.beam.z * frame.side.y,
      frame.beam.z * frame.side.x - frame.beam.x * frame.side.z,
      frame.beam.x * frame.side.y - frame.beam.y * frame.side.x)
  }

  /// Whether the camera sees a point.
  func isSeen(_ point: SIMD3<Double>) -> Bool {
    guard let view else { return true }
    let offset = point - view.center
    return abs((offset * exitSide).sum()) <= 0.5 * view.width
      && abs((offset * normal).sum()) <= 0.5 * view.height
  }
}
