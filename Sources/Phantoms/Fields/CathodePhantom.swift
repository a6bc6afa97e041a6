import Foundation
public import Volumetry

/// A cathode with pores of known character, made voxel by voxel on request: labels 0 pore, 1 active material,
/// 2 carbon and binder.
public struct CathodePhantom: VolumeSource {
  /// How the pores run.
  public enum Pores: String, Sendable, Hashable, Codable, CaseIterable {
    /// Channels along an axis, as directional ice templating makes them.
    case directional
    /// No preferred direction.
    case isotropic
  }

  public let grid: Grid
  public let name: String
  private let pores: PlaneWaveField
  private let binder: PlaneWaveField
  private let poreLevel: Float
  private let binderLevel: Float
  private let made: MadeRows

  /// - Parameters:
  ///   - porosity: part of the volume that is pore, 0 to 1.
  ///   - binderFraction: part of the volume that is carbon and binder.
  ///   - poreSpacing: distance between neighbouring pores in micrometres.
  ///   - tilt: angle in degrees between the channels and z, towards x.
  /// - Throws: `usage` where fractions or spacing make no sense.
  public init(
    grid: Grid, pores kind: Pores, porosity: Double = 0.4, binderFraction: Double = 0.1,
    poreSpacing: Double = 60, tilt: Double = 0, seed: UInt64
  ) throws(VoxelithError) {
    guard porosity > 0, binderFraction >= 0, porosity + binderFraction < 1 else {
      throw VoxelithError(
        .usage, "a porosity of \(porosity) and \(binderFraction) of binder leave no active material")
    }
    guard poreSpacing > 0, poreSpacing.isFinite, abs(tilt) < 90 else {
      throw VoxelithError(.usage, "the pore spacing must be positive and the tilt below 90 degrees")
    }
    self.grid = grid
    name = "\(kind.rawValue) cathode phantom"
    let angle = tilt * .pi / 180
    let direction: SIMD3<Double>? = kind == .directional ? SIMD3(sin(angle), 0, cos(angle)) : nil
    pores = PlaneWaveField(seed: seed, stream: 1, wavelength: poreSpacing, direction: direction)
    binder = PlaneWaveField(seed: seed, stream: 2, wavelength: max(0.25 * poreSpacing, 3 * grid.spacing.x))
    poreLevel = Float(Distributions.normalQuantile(1 - porosity))
    binderLevel = Float(Distributions.normalQuantile(1 - binderFraction / (1 - porosity)))
    made = MadeRows(grid.shape)
  }

  public var voxelType: VoxelType { .uint8 }
  public var chunkShape: Shape { Shape(z: 1, y: 1, x: grid.shape.x) }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    let lanes = PlaneWaveField.lanes
    let bands = (region.shape.y + lanes - 1) / lanes
    let rows = try Parallel.map(region.shape.z * bands) { (band) throws(VoxelithError) -> [UInt8] in
      let z = region.lower.z + band / bands
      let first = band % bands * lanes
      let y = (region.lower.y + first)..<(region.lower.y + min(first + lanes, region.shape.y))
      if let known = made.rows(z: z, y: y, x: region.x) { return known }
      let pore = pores.rows(z: z, y: y, grid: grid)
      // Without binder nothing asks for it.
      let carbon = binderLevel.isFinite ? binder.rows(z: z, y: y, grid: grid) : []
      let all = pore.indices.map { place -> UInt8 in
        pore[place] > poreLevel ? 0 : !carbon.isEmpty && carbon[place] > binderLevel ? 2 : 1
      }
      made.keep(all, z: z, y: y)
      return y.indices.flatMap { row in
        let start = (row - y.lowerBound) * grid.shape.x
        return all[(start + region.x.lowerBound)..<(start + region.x.upperBound)]
      }
    }
    return .uint8(rows.flatMap { $0 })
  }
}
