import Volumetry

/// Scattering angle and energies of every pixel of the detector, checked against the grid of the spectra.
struct PixelGeometry: Sendable {
  /// What one pixel sees: pixels with equal keys share their spectra.
  struct Key: Hashable, Sendable {
    var angle: Double
    var gain: Double
    var offset: Double
  }

  let height: Int
  let width: Int
  /// Different conditions among the pixels, in the order of their first pixel.
  let keys: [Key]
  /// Index into `keys` for each pixel in the order y, x; -1 for a dead pixel. One entry where all pixels are alike.
  let keyOfPixel: [Int32]

  /// The condition of all pixels, where they are alike.
  var onlyKey: Int? { keys.count == 1 ? 0 : nil }

  func key(y: Int, x: Int) -> Int {
    Int(keyOfPixel.count == 1 ? keyOfPixel[0] : keyOfPixel[y * width + x])
  }

  /// Scattering angle of a pixel in degrees; that of the first pixel for a dead one.
  func angle(y: Int, x: Int) -> Double { keys[max(0, key(y: y, x: x))].angle }

  /// - Parameters:
  ///   - fallback: the angle in degrees where the spectra do not tell.
  ///   - dead: a value for each pixel (y, x), true for a dead one; empty for none.
  /// - Throws: `data` where angles or energies are not one for each pixel, or every pixel is dead.
  init(
    shape: Shape, angle: ScatteringAngle?, fallback: Double, energies: PixelEnergies?, dead: [Bool] = [],
    name: String
  ) throws(VoxelithError) {
    height = shape.y
    width = shape.x
    if case .perPixel(let rows, let columns, _)? = angle, rows != shape.y || columns != shape.x {
      throw VoxelithError(
        .data,
        "the scattering angles are for \(rows) x \(columns) pixels (y, x), the spectra have \(shape.y) x \(shape.x)",
        file: name, advice: "give one angle for all pixels, or one for each (y, x)")
    }
    if let energies, energies.height != shape.y || energies.width != shape.x {
      throw VoxelithError(
        .data,
        "gain and offset are for \(energies.height) x \(energies.width) pixels (y, x), the spectra have "
          + "\(shape.y) x \(shape.x)", file: name)
    }
    guard dead.isEmpty || dead.count == shape.y * shape.x else {
      throw VoxelithError(
        .data, "the mask of dead pixels has \(dead.count) pixels, the spectra \(shape.y) x \(shape.x)",
        file: name)
    }
    var isUniform = energies == nil && dead.isEmpty
    if case .perPixel? = angle { isUniform = false }
    if isUniform {
      keys = [Key(angle: angle?.mean ?? fallback, gain: 1, offset: 0)]
      keyOfPixel = [0]
      return
    }
    var found: [Key: Int32] = [:]
    var keys: [Key] = []
    var indices = [Int32](repeating: -1, count: shape.y * shape.x)
    for pixel in indices.indices {
      let degrees = angle?.degrees(y: pixel / shape.x, x: pixel % shape.x) ?? fallback
      guard degrees.isFinite, degrees > 0, degrees <= 180, energies?.isDead(pixel) != true,
        dead.isEmpty || !dead[pixel]
      else { continue }
      let key = Key(angle: degrees, gain: energies?.gain[pixel] ?? 1, offset: energies?.offset[pixel] ?? 0)
      if let known = found[key] {
        indices[pixel] = known
      } else {
        indices[pixel] = Int32(keys.count)
        found[key] = Int32(keys.count)
        keys.append(key)
      }
    }
    guard !keys.isEmpty else {
      throw VoxelithError(
        .data, "no pixel has a scattering angle and an energy calibration", file: name,
        advice: "angles are in degrees, above 0 and up to 180; a gain of 0 marks a dead pixel")
    }
    self.keys = keys
    keyOfPixel = indices
  }
}
