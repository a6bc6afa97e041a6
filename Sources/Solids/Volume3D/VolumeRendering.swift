import Foundation
public import Volumetry

/// A volume that is looked through: colour and opacity along every line of sight, from front to back
/// (M. Levoy, IEEE Computer Graphics and Applications 8, 29 (1988)).
public struct VolumeRendering: Sendable {
  /// A plane that cuts away the side its normal points to.
  public struct ClippingPlane: Sendable, Hashable {
    /// A point (x, y, z) of the plane in micrometres.
    public var point: SIMD3<Double>
    public var normal: SIMD3<Double>

    public init(point: SIMD3<Double>, normal: SIMD3<Double>) {
      self.point = point
      self.normal = normal
    }
  }

  private let volume: BrickedVolume
  private let grey: ByteVolume.Grey
  public let transfer: TransferFunction
  public var camera = Camera()
  public var clipping: [ClippingPlane] = []
  /// Light on the surfaces, from 0 (none) to 1.
  public var shading = 0.7
  /// Part of its colour that a flat face beside the light loses under the full ``shading``.
  public static let darkening = 0.15
  /// Whether every voxel is drawn as the block that it is, instead of a smooth course between voxels.
  public var showsVoxels = false
  /// Samples for each voxel side along a line of sight; coarse volumes get at least 500 along the diagonal.
  public var quality = 1.0
  private let empty: MacroCells

  /// The grid that is looked through: coarser than the source's where that has more than `limit` voxels.
  public let grid: Grid

  /// Loads a volume: two bytes for each voxel of ``grid``.
  ///
  /// - Throws: `usage` where that exceeds the memory, and what reading throws.
  public init(
    _ source: any VolumeSource, transfer: TransferFunction, limit: Int = 1 << 27,
    resources: Resources = Resources()
  ) throws(VoxelithError) {
    try source.grid.validate(file: source.name)
    self.transfer = transfer
    let places = transfer.opacity.map(\.value)
    let lower = min(transfer.scale.range.lowerBound, places.first ?? 0)
    let upper = max(transfer.scale.range.upperBound, places.last ?? 1)
    let bytes = try ByteVolume(
      source, lower: lower, upper: upper, limit: min(max(1, limit), 1 << 28), resources: resources)
    grid = bytes.grid
    grey = bytes.grey
    let isVisible = (0...255).map { byte in
      byte > 0 && transfer.opacity(at: lower + (upper - lower) * Double(byte - 1) / 254) > 0
    }
    empty = MacroCells(bytes, isVisible: isVisible)
    volume = BrickedVolume(bytes, threads: resources.threads)
  }

  package var projection: Projection {
    Projection(camera, center: grid.middle, extent: grid.extent)
  }

  /// The picture on a clear ground.
  public func render(
    width: Int, height: Int, threads: Int = Parallel.availableThreads
  ) -> Raster {
    precondition(width > 0 && height > 0)
    let tracer = RayTracer(grid: grid, grey: grey, volume: volume, cells: empty, rendering: self)
    let half = Double(min(width, height)) / 2
    // Squares of pixels, whose lines of sight pass the same voxels.
    let tile = RayKernel.lanes
    var pixels = [UInt8](repeating: 0, count: 4 * width * height)
    Parallel.forEachSlab(of: &pixels, stride: 4 * width * tile, threads: threads) { band, rows in
      var scratch = RayKernel.Scratch()
      for left in stride(from: 0, to: width, by: tile) {
        let places = (left..<min(width, left + tile)).map { (Double($0) + 0.5 - Double(width) / 2) / half }
        for y in 0..<(rows.count / (4 * width)) {
          let v = (Double(height) / 2 - Double(band * tile + y) - 0.5) / half
          for (offset, color) in tracer.trace(x: places, y: v, scratch: &scratch).enumerated() {
            for part in 0..<4 { rows[4 * (y * width + left + offset) + part] = color[part] }
          }
        }
      }
    }
    return Raster(width: width, height: height, pixels: pixels)
  }
}
