import CSolidsKernels
import Volumetry

/// The C kernel of lines of sight behind arrays.
///
/// Compiled for the processor it runs on, it takes a third of the time of the same loop in Swift, one line at a time.
enum RayKernel {
  static let lanes = Int(vrk_lanes)

  /// Lines of sight on their way in and colours on their way out.
  struct Scratch {
    fileprivate var lines = [Float](repeating: 0, count: 8 * RayKernel.lanes)
    fileprivate var colors = [Float](repeating: 0, count: 4 * RayKernel.lanes)

    mutating func clear() {
      for lane in 0..<RayKernel.lanes { lines[6 * RayKernel.lanes + lane] = 0 }
    }

    mutating func set(_ lane: Int, _ line: RayTracer.Line) {
      for axis in 0..<3 {
        lines[axis * RayKernel.lanes + lane] = line.start[axis]
        lines[(3 + axis) * RayKernel.lanes + lane] = line.step[axis]
      }
      lines[6 * RayKernel.lanes + lane] = Float(line.count)
      lines[7 * RayKernel.lanes + lane] = line.entering
    }

    func color(of lane: Int) -> SIMD4<Float> {
      SIMD4(colors[4 * lane], colors[4 * lane + 1], colors[4 * lane + 2], colors[4 * lane + 3])
    }
  }

  /// Looks along every line of `scratch` through the smooth course between voxels.
  static func march(_ tracer: RayTracer, _ scratch: inout Scratch) {
    let bricks = tracer.volume
    unsafe bricks.voxels.withUnsafeBufferPointer { voxels in
      unsafe bricks.placeX.withUnsafeBufferPointer { x in
        unsafe bricks.placeY.withUnsafeBufferPointer { y in
          unsafe bricks.placeZ.withUnsafeBufferPointer { z in
            unsafe tracer.cells.withUnsafeBufferPointer { cells in
              unsafe tracer.colors.withUnsafeBytes { colors in
                unsafe tracer.alphas.withUnsafeBufferPointer { alphas in
                  var volume = unsafe vrk_volume(
                    voxels: voxels.baseAddress, place_x: x.baseAddress, place_y: y.baseAddress,
                    place_z: z.baseAddress, size: parts(tracer.size), has_missing: tracer.hasMissing ? 1 : 0,
                    cells: cells.baseAddress,
                    cell_shape: (
                      Int32(tracer.cellShape.x), Int32(tracer.cellShape.y), Int32(tracer.cellShape.z)
                    ), cell_side: Float(MacroCells.side),
                    colors: colors.bindMemory(to: Float.self).baseAddress, alphas: alphas.baseAddress,
                    entries: Int32(alphas.count), fine: Float(RayTracer.fine), shading: tracer.shading,
                    light: parts(tracer.light), halfway: parts(tracer.halfway),
                    gradient_scale: parts(tracer.gradientScale), solid: RayTracer.solid)
                  unsafe vrk_march(&volume, scratch.lines, &scratch.colors)
                }
              }
            }
          }
        }
      }
    }
  }

  private static func parts(_ vector: SIMD3<Float>) -> (Float, Float, Float) {
    (vector.x, vector.y, vector.z)
  }
}
