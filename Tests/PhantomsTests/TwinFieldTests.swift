import Foundation
import Phantoms
import Testing
import Volumetry

/// What a twin says its voxels hold, against closed forms.
@Suite struct TwinFieldTests {
  /// A face across x, seen by voxels of 40 um.
  private static func fields(face: Int, pointSpread: Double) throws -> TwinFields {
    let grid = Grid(shape: Shape(z: 80, y: 80, x: 80), spacing: SIMD3(repeating: 2))
    var voxels: [UInt16] = []
    for _ in 0..<(grid.shape.z * grid.shape.y) { for x in 0..<80 { voxels.append(2 * x < face ? 1 : 0) } }
    var settings = TwinSettings()
    settings.ratio = 20
    settings.pointSpread = pointSpread
    return try Twin(
      labels: LabelVolume(grid: grid, voxels: voxels), settings: settings, resources: Resources()
    ).spectra.fields
  }

  /// Cells stand for the blur as steps, whose error of 0.001 depends on where among them a face lies. Over all places of it
  /// nothing is left but the blur's width.
  @Test("a face blurred by the point spread and averaged over a voxel", arguments: [0.0, 5, 10])
  func face(sigma: Double) throws {
    let faces = [80, 82, 84, 86, 88]
    let seen = try faces.map { try Self.fields(face: $0, pointSpread: sigma) }
    for x in 1...2 {
      var error = 0.0
      for (face, fields) in zip(faces, seen) {
        var mean = 0.0
        for k in 0..<2000 {
          let beyond = 40 * (Double(x) + (Double(k) + 0.5) / 2000) - Double(face)
          let part = sigma > 0 ? 0.5 * erfc(beyond / sigma / 2.0.squareRoot()) : (beyond < 0 ? 1 : 0)
          mean += part / 2000
        }
        let found = Double(fields.active[fields.grid.shape.index(z: 1, y: 1, x: x)])
        #expect(abs(found - mean) < (sigma > 0 ? 2e-3 : 1e-6), "\(face): \(found), \(mean)")
        error += (found - mean) / Double(faces.count)
      }
      #expect(abs(error) < 2e-4, "\(x): \(error)")
    }
  }
}
