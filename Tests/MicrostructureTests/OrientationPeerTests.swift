import Foundation
import Microstructure
import TestSupport
import Testing
import Volumetry

/// A real volume of fibres against structure-tensor 0.3 in double precision.
@Suite struct OrientationPeerTests {
  /// Angles where the axis is defined (linearity from 0.01) at places drawn at random, the border included.
  @Test(.enabled(if: SharedData.isPresent)) func fibrousPolymer() throws {
    let shape = Shape(z: 128, y: 128, x: 128)
    let path = SharedData.path("polymer-quanfima/polymer3d_8bit_128x128x128.raw")
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    try #require(bytes.count == shape.count)
    let grey = Volume(grid: Grid(shape: shape, spacing: .one), voxels: bytes)
    let field = try OrientationField(
      StructureTensor(source: grey, options: StructureTensorOptions(sigma: 1.5, rho: 4)))
    var worst = 0.0
    for sample in PolymerReference.samples {
      let i = shape.index(z: sample.z, y: sample.y, x: sample.x)
      worst = max(worst, OrientationPhantoms.angle(field.direction(i), sample.axis))
    }
    #expect(PolymerReference.samples.count == 120)
    // The reference has six decimals.
    #expect(worst < 0.01)
  }
}
