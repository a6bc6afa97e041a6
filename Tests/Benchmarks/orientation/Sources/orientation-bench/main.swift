// Speed of the structure tensor on a raw volume, and its directions for comparison with a peer.
//
//   orientation-bench FILE.raw SIDE uint8|uint16 SIGMA RHO [--threads N] [--memory MB] [--stride N]
//                     [--depth SLICES] [--from-disk] [--save DIRECTIONS.raw]
//   orientation-bench accuracy        prints the table of angles of the room's README
//
// Directions are saved as float32 in the order component (x, y, z), z, y, x.
import Foundation
import Microstructure
import Volumetry

/// A headerless stack that is read slice by slice.
struct RawStack: VolumeSource {
  let grid: Grid
  let voxelType: VoxelType
  let name: String
  var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    switch voxelType {
    case .uint8: .uint8(try voxels(region, UInt8.self))
    default: .uint16(try voxels(region, UInt16.self))
    }
  }

  private func voxels<Voxel: FixedWidthInteger>(
    _ region: Region, _: Voxel.Type
  ) throws(VoxelithError) -> [Voxel] {
    let descriptor = open(name, O_RDONLY)
    defer { close(descriptor) }
    let whole = region.shape.x == grid.shape.x
    let size = MemoryLayout<Voxel>.size
    let bytes = (whole ? region.shape.y * region.shape.x : region.shape.x) * size
    var isComplete = descriptor >= 0
    let values = [Voxel](unsafeUninitializedCapacity: region.count) { buffer, count in
      let target = UnsafeMutableRawBufferPointer(buffer)
      var done = 0
      for z in region.z {
        for y in whole ? region.y.lowerBound..<(region.y.lowerBound + 1) : region.y {
          let start = grid.shape.index(z: z, y: y, x: region.x.lowerBound) * size
          let part = UnsafeMutableRawBufferPointer(rebasing: target[done..<(done + bytes)])
          isComplete = isComplete && pread(descriptor, part.baseAddress, bytes, off_t(start)) == bytes
          done += bytes
        }
      }
      count = region.count
    }
    guard isComplete else { throw VoxelithError(.io, "cannot read all voxels", file: name) }
    return values
  }
}

let arguments = CommandLine.arguments
func option(_ name: String) -> String? {
  arguments.firstIndex(of: name).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
}
if arguments.count > 1, arguments[1] == "accuracy" {
  try Accuracy.printTable()
  exit(0)
}
guard arguments.count > 5, let side = Int(arguments[2]), let type = VoxelType(rawValue: arguments[3]),
  let sigma = Double(arguments[4]), let rho = Double(arguments[5])
else {
  print("usage: orientation-bench FILE.raw SIDE uint8|uint16 SIGMA RHO [options]")
  exit(64)
}
let shape = Shape(z: option("--depth").flatMap(Int.init) ?? side, y: side, x: side)
let stack = RawStack(grid: Grid(unscaled: shape), voxelType: type, name: arguments[1])
var source: any VolumeSource = stack
if !arguments.contains("--from-disk") {
  switch try stack.read(Region(whole: shape)) {
  case .uint8(let values): source = Volume(grid: stack.grid, voxels: values)
  case .uint16(let values): source = Volume(grid: stack.grid, voxels: values)
  default: break
  }
}
let step = option("--stride").flatMap(Int.init) ?? 1
let resources = Resources(
  threads: option("--threads").flatMap(Int.init) ?? Parallel.availableThreads,
  memory: (option("--memory").flatMap(Int.init) ?? 2000) * 1_000_000)
let start = ContinuousClock.now
let tensor = try StructureTensor(
  source: source,
  options: StructureTensorOptions(
    sigma: sigma, rho: rho, stride: Shape(z: step, y: step, x: step)), resources: resources)
var saved: [[Float]] = [[], [], []]
var anisotropy = 0.0
try tensor.run(resources: resources) { (slab) throws(VoxelithError) in
  anisotropy += Double(slab.value(.linearity, at: slab.region.count - 1))
  if option("--save") != nil {
    for (index, field) in [OrientationSlab.Field.x, .y, .z].enumerated() {
      saved[index] += slab.field(field)
    }
  }
}
let seconds = (ContinuousClock.now - start) / .seconds(1)
if let path = option("--save") {
  let all = saved[0] + saved[1] + saved[2]
  try all.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: path))
}
let rate = Double(shape.count) / seconds / 1e6
print(
  "{\"seconds\": \(seconds), \"mvoxels_per_s\": \(rate), \"planned_mb\": \(try tensor.peakBytes(resources: resources) / 1_000_000), \"check\": \(anisotropy)}"
)
