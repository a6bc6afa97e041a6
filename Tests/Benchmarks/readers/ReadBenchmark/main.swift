// Reads a whole volume into memory and prints how long that took inside the process, as JSON.
import Foundation
import Readers
import Volumetry

let arguments = CommandLine.arguments
guard arguments.count >= 2 else {
  print("usage: ReadBenchmark FILE [THREADS]")
  exit(64)
}
let threads = arguments.count > 2 ? Int(arguments[2]) ?? 1 : Parallel.availableThreads
do {
  let clock = ContinuousClock()
  var answer: VoxelBuffer?
  var shape = Shape(z: 0, y: 0, x: 0)
  let time = try clock.measure {
    let source = try VolumeFile.open(arguments[1], options: VolumeOpenOptions(threads: threads))
    shape = source.grid.shape
    answer = try source.read(Region(whole: shape))
  }
  let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
  guard let answer else { exit(70) }
  var sum = 0.0
  switch answer {
  case .uint16(let values): for value in values { sum += Double(value) }
  default: sum = answer.doubles().reduce(0, +)
  }
  let bytes = Double(answer.count * answer.type.size)
  print(
    "{\"reader\": \"voxelith\", \"seconds\": \(seconds), \"mb_per_s\": \(bytes / seconds / 1e6), "
      + "\"shape\": [\(shape.z), \(shape.y), \(shape.x)], \"mean\": \(sum / Double(answer.count))}")
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(65)
}
