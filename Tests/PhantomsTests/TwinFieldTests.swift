import Foundation
import Phantoms
import Testing
import Volumetry

/// What a twin says its voxels hold, against closed forms.
@Suite struct TwinFieldTests {
  /// A face across x at 80 um, where two voxels of 40 um meet.
  private static func fields(pointSpread: Double) throws -> TwinFields {
    let grid = Grid(shape: Shape(z: 40, y: 40, x: 80), spacing: SIMD3(repeating: 2))
    var voxels: [UInt16] = []
    for _ in 0..<(grid.shape.z * grid.shape.y) { for x in 0..<80 { voxels.append(x < 40 ? 1 : 0) } }
    var settings = TwinSettings()
    settings.ratio = 20
    settings.pointSpread = pointSpread
    return try Twin(
      labels: LabelVolume(grid: grid, voxels: voxels), settings: settings, resources: Resources()
    ).spectra.fields
  }

  @Test("a face blurred by the point spread and averaged over a voxel", arguments: [0.0, 5, 10])
  func face(sigma: Double) throws {
    let fields = try Self.fields(pointSpread: sigma)
    let shape = fields.grid.shape
    // What lies beyond the ends of the labels is empty, and blurs into the outermost voxels: the middle two are told.
    for x in 1...2 {
      var mean = 0.0
      for k in 0..<2000 {
        let u = 40 * (Double(x) + (Double(k) + 0.5) / 2000)
        let part = sigma > 0 ? 0.5 * erfc((u - 80) / sigma / 2.0.squareRoot()) : (u < 80 ? 1 : 0)
        mean += part / 2000
      }
      // Along y and z two voxels stand for the whole: the ends take the same part of both.
      var side = 0.0
      for k in 0..<2000 {
        let u = 40 * (Double(k) + 0.5) / 2000
        let lost = sigma > 0 ? 0.5 * erfc(u / sigma / 2.0.squareRoot()) : 0
        let gained = sigma > 0 ? 0.5 * erfc((80 - u) / sigma / 2.0.squareRoot()) : 0
        side += (1 - lost - gained) / 2000
      }
      let found = Double(fields.active[shape.index(z: 0, y: 0, x: x)])
      #expect(abs(found - mean * side * side) < 2e-4, "\(x): \(found), \(mean * side * side)")
    }
  }
}
