import ArgumentParser
import Voxelith

/// Numbers of voxels along z, y, x: one for all, or three.
struct VoxelCounts: ExpressibleByArgument, Sendable {
  let shape: Shape

  init(_ each: Int) { shape = Shape(z: each, y: each, x: each) }

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let values = numbers.compactMap { $0 }.filter { $0 >= 1 }
    guard values.count == numbers.count, values.count == 1 || values.count == 3 else { return nil }
    shape =
      values.count == 1
      ? Shape(z: values[0], y: values[0], x: values[0])
      : Shape(z: values[0], y: values[1], x: values[2])
  }

  var defaultValueDescription: String { "\(shape.z)" }
}
