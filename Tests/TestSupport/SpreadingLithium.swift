/// x of an electrode while lithium spreads, by the explicit scheme in many small steps on a grid finer than the maps.
///
/// It is the truth for fits of the diffusivity, and shares nothing with them: no modes, no eigenvalues, no implicit step.
public struct SpreadingLithium: Sendable {
  /// Voxels z, y, x of the maps, and their sides in µm.
  public var shape = (z: 12, y: 16, x: 16)
  public var spacing = (z: 20.0, y: 40.0, x: 40.0)
  /// µm²/s along z, y, x.
  public var diffusivity = (z: 3.5, y: 1.2, x: 1.2)
  /// The elements zy, zx and yx of the diffusivity.
  public var cross = (zy: 0.0, zx: 0.0, yx: 0.0)
  /// µm/s at the lower face across z; nothing flows at 0.
  public var exchange = 0.05
  /// Change of the mean x per second by a current through that face, besides the exchange.
  public var rate = 0.0
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
    let places = (0...20).map { Double($0) / 20 }
    let fastest = places.map { z in places.map { factor(z, $0) }.max() ?? 1 }.max() ?? 1
    let longest = 0.4 / (rates.0 + rates.1 + rates.2) / max(1, fastest)
    var now = 0.0
    var result: [[Double]] = []
    for time in times {
      let steps = Int(((time - now) / longest).rounded(.up))
      for step in 0..<max(0, steps) {
        let dt = (time - now) / Double(steps)
        let turned = cross == (0, 0, 0) ? [] : turning(u, (dz, dy, dx))
        u = advanced(u, rates, dt, at: now + (Double(step) + 0.5) * dt, faceCell: dz)
        for i in turned.indices { u[i] += dt * turned[i] }
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
          if z == 0 { sum += rate * Double(nz) }
          next[i] = u[i] + dt * sum
        }
      }
    }
    return next
  }

  /// What the elements off the diagonal add to du/dt: flows through faces by the slopes along them, none through the sides.
  private func turning(_ u: [Double], _ side: (Double, Double, Double)) -> [Double] {
    let counts = [shape.z * fine, shape.y * fine, shape.x * fine]
    let sides = [side.0, side.1, side.2]
    let strides = [counts[1] * counts[2], counts[2], 1]
    let elements = [[0, cross.zy, cross.zx], [cross.zy, 0, cross.yx], [cross.zx, cross.yx, 0]]
    func place(_ i: Int, _ axis: Int) -> Int { i / strides[axis] % counts[axis] }
    let slopes = (0..<3).map { axis -> [Double] in
      let (s, n, h) = (strides[axis], counts[axis], sides[axis])
      return u.indices.map { i in
        let at = place(i, axis)
        if at == 0 { return (-3 * u[i] + 4 * u[i + s] - u[i + 2 * s]) / (2 * h) }
        if at == n - 1 { return (3 * u[i] - 4 * u[i - s] + u[i - 2 * s]) / (2 * h) }
        return (u[i + s] - u[i - s]) / (2 * h)
      }
    }
    var result = [Double](repeating: 0, count: u.count)
    for axis in 0..<3 {
      for other in 0..<3 where elements[axis][other] != 0 {
        for i in u.indices where place(i, axis) < counts[axis] - 1 {
          let j = i + strides[axis]
          let flow = elements[axis][other] * 0.5 * (slopes[other][i] + slopes[other][j]) / sides[axis]
          result[i] += flow
          result[j] -= flow
        }
      }
    }
    return result
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
