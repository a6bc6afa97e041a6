import Foundation
import Volumetry

/// How the axes of a file lie along x, y and z: in which order, and which of them fall.
struct AxisTurn: Sendable, Equatable {
  /// Axis of the file, from 0 for the fastest, that lies along x, y, z.
  var source: [Int]
  /// Whether the file has the far end of x, y, z first.
  var falls: [Bool]

  static let none = AxisTurn(source: [0, 1, 2], falls: [false, false, false])

  init(source: [Int], falls: [Bool]) {
    self.source = source
    self.falls = falls
  }

  /// - Parameter directions: directions in space of the file's axes, the fastest first; further ones are those of x, y, z.
  /// - Throws: `data` for axes that lie aslant, or two along one.
  init(directions: [SIMD3<Double>], file: String) throws(VoxelithError) {
    var source = [-1, -1, -1]
    var falls = [false, false, false]
    for axis in 0..<3 {
      let direction = axis < directions.count ? directions[axis] : Self.unit(axis)
      let length = (direction * direction).sum().squareRoot()
      guard length > 0, length.isFinite else {
        throw VoxelithError(.data, "the direction of an axis has no length", file: file)
      }
      guard let along = (0..<3).first(where: { abs(direction[$0]) >= (1 - 1e-6) * length }) else {
        throw Self.oblique(direction / length, file)
      }
      guard source[along] < 0 else {
        throw VoxelithError(.data, "two axes of the volume lie along one direction", file: file)
      }
      source[along] = axis
      falls[along] = direction[along] < 0
    }
    self.init(source: source, falls: falls)
  }

  /// Grids here are boxes along x, y, z: their place is an origin and a voxel size, with no directions.
  private static func oblique(_ direction: SIMD3<Double>, _ file: String) -> VoxelithError {
    let most = max(abs(direction.x), abs(direction.y), abs(direction.z))
    let angle = (acos(min(1, most)) * 1800 / .pi).rounded() / 10
    return VoxelithError(
      .data,
      "the axes of the volume lie aslant to x, y, z (by \(angle) degrees); volumes are read along x, y, z only",
      file: file,
      advice:
        "resample it on a grid with directions 1 0 0 0 1 0 0 0 1 (SimpleITK: Resample with outputDirection), or set its directions to that and let register find the turn"
    )
  }

  private static func unit(_ axis: Int) -> SIMD3<Double> {
    var result = SIMD3<Double>.zero
    result[axis] = 1
    return result
  }

  /// Sides x, y, z from those of the file's axes.
  func sides(_ file: [Int]) -> [Int] { source.map { file[$0] } }

  /// What to tell of it; nil where there is nothing to tell.
  var note: String? {
    if self == .none { return nil }
    let names = ["x", "y", "z"]
    let signed = (0..<3).map { (falls[$0] ? "-" : "") + names[$0] }
    let order = (0..<3).map { axis in source.firstIndex(of: axis).map { signed[$0] } ?? "" }
    return
      "the axes of the file lie along \(order.joined(separator: ", ")) (the fastest first): they are turned with their voxels"
  }
}
