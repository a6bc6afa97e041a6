/// x of an electrode while lithium spreads, by the explicit scheme in many small steps on a grid finer than the maps.
///
/// It is the truth for fits of the diffusivity, and shares nothing with them: no modes, no eigenvalues, no implicit step.
public struct SpreadingLithium: Sendable {
  /// Voxels z, y, x of the maps, and their sides in µm.
  public var shape = (z: 12, y: 16, x: 16)
  public var spacing = (z: 20.0, y: 40.0, x: 40.0)
  /// µm²/s along z, y, x.
  public var diffusivity = (z: 3.5, y: 1.2, x: 1.2)
  /// µm/s at the lower face across z; nothing flows at 0.
  public var exchange = 0.05
  /// x outside as a function of time.
  public var outside: @Sendable (Double) -> Double = { _ in 0.3 }
  /// x at the start as a function of the place (z, y, x), each from 0 to 1.
  public var start: @Sendable (Double, Double, Double) -> Double = { _, _, _ in 0.8 }
  /// By how much the diffusivity differs at a place and x.
  public var factor: @Sendable (_ z: Double, _ x: Double) -> Double = { _, _ in 1 }
  /// Points along the side of a voxel.
  public var fine = 2

  public init() {}

  public var count: Int { shape.z * shape.y * shape.x }

  /// x of every voxel at each time.
  public func maps(at times: [Double]) -> [[Double]] {
    let (nz, ny, nx) = (shape.z * fine, shape.y * fine, shape.x * fine)
    let (dz, dy, dx) = (
      spacing.z / Double(fine), spacing.y / Double(fine), spacing.x / Double(fine)
    )
    var u = [Double](repeating: 0, count: nz * ny * nx)
    func place(_ i: Int, _ n: Int) -> Double { (Double(i) + 0.5) / Double(n) }
    for z in 0..<nz {
      for y in 0..<ny {
        for x in 0..<nx { u[(z * ny + y) * nx + x] = start(place(z, nz), place(y, ny), place(x, nx)) }
      }
    }
    let rates = (diffusivity.z / (dz * dz), diffusivity.y / (dy * dy), diffusivity.x / (dx * dx))
    let longest = 0.4 / (rates.0 + rates.1 + rates.2)
    var now = 0.0
    var result: [[Double]] = []
    for time in times {
      let steps = Int(((time - now) / longest).rounded(.up))
      for step in 0..<max(0, steps) {
        let dt = (time - now) / Double(steps)
        u = advanced(u, rates, dt, at: now + (Double(step) + 0.5) * dt, faceCell: dz)
      }
      now = time
      result.append(averaged(u))
    }
    return result
  }

  private func advanced(
    _ u: [Double], _ rates: (Double, Double, Double), _ dt: Double, at time: Double, faceCell: Double
  ) -> [Double] {
    let (nz, ny, nx) = (shape.z * fine, shape.y * fine, shape.x * fine)
    let plane = ny * nx
    var next = u
    let isEven = factor(0.3, 0.2) == 1 && factor(0.7, 0.8) == 1
    for z in 0..<nz {
      let depth = (Double(z) + 0.5) / Double(nz)
      for y in 0..<ny {
        for x in 0..<nx {
          let i = z * plane + y * nx + x
          func flow(_ j: Int, _ rate: Double, _ there: Double) -> Double {
            if isEven { return rate * (u[j] - u[i]) }
            let pair = 0.5 * (factor(depth, u[i]) + factor(there, u[j]))
            return rate * pair * (u[j] - u[i])
          }
          var sum = 0.0
          let cell = 1 / Double(nz)
          if z > 0 { sum += flow(i - plane, rates.0, depth - cell) }
          if z < nz - 1 { sum += flow(i + plane, rates.0, depth + cell) }
          if y > 0 { sum += flow(i - nx, rates.1, depth) }
          if y < ny - 1 { sum += flow(i + nx, rates.1, depth) }
          if x > 0 { sum += flow(i - 1, rates.2, depth) }
          if x < nx - 1 { sum += flow(i + 1, rates.2, depth) }
          if z == 0, exchange > 0 {
            let series = 1 / (1 / exchange + 0.5 * faceCell / (diffusivity.z * factor(depth, u[i])))
            sum += series / faceCell * (outside(time) - u[i])
          }
          next[i] = u[i] + dt * sum
        }
      }
    }
    return next
  }

  private func averaged(_ u: [Double]) -> [Double] {
    let (ny, nx) = (shape.y * fine, shape.x * fine)
    var result = [Double](repeating: 0, count: count)
    for z in 0..<(shape.z * fine) {
      for y in 0..<ny {
        for x in 0..<nx {
          result[((z / fine) * shape.y + y / fine) * shape.x + x / fine] += u[(z * ny + y) * nx + x]
        }
      }
    }
    let share = 1 / Double(fine * fine * fine)
    return result.map { $0 * share }
  }
}
