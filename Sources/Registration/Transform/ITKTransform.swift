import Foundation
public import Volumetry

/// The text format of ITK transforms, `.tfm` ("#Insight Transform File V1.0").
///
/// ITK maps fixed to moving points as we do, so the numbers carry over. ITK gives the place of a volume by the CENTRE
/// of its first voxel, which here lies half a voxel inside the grid's origin. MetaImage and NRRD files say so
/// themselves; of a TIFF, ITK knows neither voxel size nor place, so that both have to be set, as the comment in the
/// file tells with numbers.
public enum ITKTransform {
  /// Text of a transform: `Euler3DTransform` for a rigid map, `Similarity3DTransform` and
  /// `AffineTransform` for the others, with the centre of rotation at `center`.
  ///
  /// - Parameters:
  ///   - volumes: what the comment tells voxel size and place of.
  ///   - isPlane: whether both volumes are files of two axes: then the part of the map in the plane of x and y is written, as
  ///     `Euler2DTransform`, `Similarity2DTransform` or a two-dimensional `AffineTransform`.
  public static func text(
    _ transform: SpatialTransform, center: SIMD3<Double> = .zero, micrometresPerUnit: Double = 1,
    volumes: [(role: String, grid: Grid)] = [], isPlane: Bool = false
  ) -> String {
    let offset = (transform(center) - center) / micrometresPerUnit
    let center = center / micrometresPerUnit
    let shift = [offset.x, offset.y, offset.z]
    let linear = transform.linear
    let type: String
    let parameters: [Double]
    var fixed = [center.x, center.y, center.z]
    if isPlane {
      (type, parameters) = plane(linear, shift)
      fixed = [center.x, center.y]
    } else {
      switch transform.model(tolerance: 1e-9) {
      case .rigid:
        type = "Euler3DTransform"
        parameters = eulerAngles(linear) + shift
        fixed.append(0)
      case .similarity:
        type = "Similarity3DTransform"
        let scale = transform.scale
        let versor = quaternion((1 / scale) * linear)
        parameters = [versor.x, versor.y, versor.z] + shift + [scale]
      case .affine:
        type = "AffineTransform"
        parameters = [linear.x, linear.y, linear.z].flatMap { [$0.x, $0.y, $0.z] } + shift
      }
    }
    func list(_ values: [Double]) -> String { values.map { "\($0)" }.joined(separator: " ") }
    var comment = """
      # Maps points of the fixed volume to points of the moving one: \(isPlane ? "x, y" : "x, y, z") in um, as ITK counts them,
      # where the origin of a volume is the centre of its first voxel. MetaImage (.mha) and NRRD files carry
      # their place; a TIFF does not for ITK, so set it there before this transform is used:

      """
    for (role, grid) in volumes {
      let first = grid.center(z: 0, y: 0, x: 0) / micrometresPerUnit
      let spacing = grid.spacing / micrometresPerUnit
      func list(_ v: SIMD3<Double>) -> String { isPlane ? "\(v.x), \(v.y)" : "\(v.x), \(v.y), \(v.z)" }
      comment += "# \(role): SetSpacing((\(list(spacing)))), SetOrigin((\(list(first))))\n"
    }
    return """
      #Insight Transform File V1.0
      \(comment)#Transform 0
      Transform: \(type)_double_\(isPlane ? "2_2" : "3_3")
      Parameters: \(list(parameters))
      FixedParameters: \(list(fixed))

      """
  }

  /// Kind and parameters of the part of a map in the plane of x and y.
  private static func plane(_ linear: LinearMap, _ shift: [Double]) -> (String, [Double]) {
    let (a, b, c, d) = (linear.x.x, linear.x.y, linear.y.x, linear.y.y)
    let scale = abs(a * d - b * c).squareRoot()
    guard abs(a - d) + abs(b + c) < 1e-9 * scale else {
      return ("AffineTransform", [a, b, c, d] + shift.prefix(2))
    }
    let turn = [atan2(c, a)] + shift.prefix(2)
    return abs(scale - 1) < 1e-9 ? ("Euler2DTransform", turn) : ("Similarity2DTransform", [scale] + turn)
  }

  /// Reads one transform, or a composite of several (which ITK applies from the last to the first).
  ///
  /// Known: Identity, Translation, Scale, Euler3D, Versor, VersorRigid3D, ScaleVersor3D, ScaleSkewVersor3D, Similarity3D, Affine,
  /// MatrixOffsetTransformBase, Composite; of slices Identity, Translation, Euler2D, Similarity2D, Affine.
  ///
  /// - Throws: `data` where the text is no such file or holds a transform of another kind.
  public static func parse(
    _ text: String, micrometresPerUnit: Double = 1, file: String? = nil
  ) throws(VoxelithError) -> SpatialTransform {
    guard text.contains("#Insight Transform File") else {
      throw VoxelithError(.data, "this is not an ITK transform file", file: file)
    }
    var entries: [(kind: String, parameters: [Double], fixed: [Double], line: Int)] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 2, !line.hasPrefix("#") else { continue }
      switch parts[0] {
      case "Transform": entries.append((parts[1], [], [], number + 1))
      case "Parameters", "FixedParameters":
        var values: [Double] = []
        for word in parts[1].split(separator: " ") {
          guard let value = Double(word), value.isFinite else {
            throw VoxelithError(.data, "\"\(word)\" is not a number", file: file, place: "line \(number + 1)")
          }
          values.append(value)
        }
        guard !entries.isEmpty else { continue }
        if parts[0] == "Parameters" {
          entries[entries.count - 1].parameters = values
        } else {
          entries[entries.count - 1].fixed = values
        }
      default: continue
      }
    }
    var result = SpatialTransform.identity
    var found = false
    for entry in entries.reversed() where !entry.kind.hasPrefix("CompositeTransform") {
      do throws(VoxelithError) {
        let map = try decode(entry.kind, entry.parameters, entry.fixed)
        result = map.composed(after: result)
        found = true
      } catch {
        throw error.located(file: file, place: "line \(entry.line)")
      }
    }
    guard found else { throw VoxelithError(.data, "the file holds no transform", file: file) }
    return SpatialTransform(linear: result.linear, translation: result.translation * micrometresPerUnit)
  }

  static func decode(_ kind: String, _ p: [Double], _ f: [Double]) throws(VoxelithError)
    -> SpatialTransform
  {
    let name = kind.split(separator: "_").first.map(String.init) ?? kind
    if kind.hasSuffix("_2_2") { return try decodePlane(name, p, f) }
    guard kind.hasSuffix("_3_3") else {
      throw VoxelithError(.data, "the transform \(kind) is not three-dimensional")
    }
    let center = f.count >= 3 ? SIMD3(f[0], f[1], f[2]) : .zero
    func need(_ count: Int) throws(VoxelithError) {
      guard p.count == count else {
        throw VoxelithError(.data, "\(name) needs \(count) parameters and has \(p.count)")
      }
    }
    func about(_ linear: LinearMap, _ shift: SIMD3<Double>) -> SpatialTransform {
      SpatialTransform(linear: linear, translation: center + shift - linear * center)
    }
    let transform: SpatialTransform
    switch name {
    case "IdentityTransform": transform = .identity
    case "TranslationTransform":
      try need(3)
      transform = SpatialTransform(translation: SIMD3(p[0], p[1], p[2]))
    case "Euler3DTransform":
      try need(6)
      let zyx = f.count >= 4 && f[3] != 0
      let x = LinearMap(angle: p[0], about: .x)
      let y = LinearMap(angle: p[1], about: .y)
      let z = LinearMap(angle: p[2], about: .z)
      transform = about(zyx ? z * y * x : z * x * y, SIMD3(p[3], p[4], p[5]))
    case "VersorRigid3DTransform":
      try need(6)
      transform = about(try rotation(SIMD3(p[0], p[1], p[2])), SIMD3(p[3], p[4], p[5]))
    case "VersorTransform":
      try need(3)
      transform = about(try rotation(SIMD3(p[0], p[1], p[2])), .zero)
    case "ScaleTransform":
      try need(3)
      transform = about(
        LinearMap(rows: SIMD3(p[0], 0, 0), SIMD3(0, p[1], 0), SIMD3(0, 0, p[2])), .zero)
    case "ScaleVersor3DTransform", "ScaleSkewVersor3DTransform":
      // ITK adds scale and skew to the matrix of the rotation (itkScaleSkewVersor3DTransform.hxx).
      try need(name == "ScaleVersor3DTransform" ? 9 : 15)
      let turn = try rotation(SIMD3(p[0], p[1], p[2]))
      let skew = p.count == 15 ? Array(p[9...]) : [Double](repeating: 0, count: 6)
      let linear = LinearMap(
        rows: turn.x + SIMD3(p[6] - 1, skew[0], skew[1]), turn.y + SIMD3(skew[2], p[7] - 1, skew[3]),
        turn.z + SIMD3(skew[4], skew[5], p[8] - 1))
      transform = about(linear, SIMD3(p[3], p[4], p[5]))
    case "Similarity3DTransform":
      try need(7)
      transform = about(p[6] * (try rotation(SIMD3(p[0], p[1], p[2]))), SIMD3(p[3], p[4], p[5]))
    case "AffineTransform", "MatrixOffsetTransformBase":
      try need(12)
      let linear = LinearMap(
        rows: SIMD3(p[0], p[1], p[2]), SIMD3(p[3], p[4], p[5]), SIMD3(p[6], p[7], p[8]))
      transform = about(linear, SIMD3(p[9], p[10], p[11]))
    default:
      throw VoxelithError(
        .data, "the transform \(name) is not known here",
        advice: "write it as an AffineTransform")
    }
    guard transform.linear.inverse != nil else {
      throw VoxelithError(.data, "the transform \(name) has no inverse")
    }
    return transform
  }

  /// A transform of slices: it leaves z alone.
  private static func decodePlane(
    _ name: String, _ p: [Double], _ f: [Double]
  ) throws(VoxelithError) -> SpatialTransform {
    let center = f.count >= 2 ? SIMD3(f[0], f[1], 0) : .zero
    func about(_ linear: LinearMap, _ x: Double, _ y: Double) -> SpatialTransform {
      SpatialTransform(linear: linear, translation: center + SIMD3(x, y, 0) - linear * center)
    }
    switch (name, p.count) {
    case ("IdentityTransform", _): return .identity
    case ("TranslationTransform", 2): return SpatialTransform(translation: SIMD3(p[0], p[1], 0))
    case ("Euler2DTransform", 3): return about(LinearMap(angle: p[0], about: .z), p[1], p[2])
    case ("Similarity2DTransform", 4):
      let turn = p[0] * LinearMap(angle: p[1], about: .z)
      guard p[0] > 0 else {
        throw VoxelithError(.data, "the transform \(name) has no inverse")
      }
      return about(LinearMap(rows: turn.x, turn.y, SIMD3(0, 0, 1)), p[2], p[3])
    case ("AffineTransform", 6), ("MatrixOffsetTransformBase", 6):
      let linear = LinearMap(rows: SIMD3(p[0], p[1], 0), SIMD3(p[2], p[3], 0), SIMD3(0, 0, 1))
      guard linear.inverse != nil else {
        throw VoxelithError(.data, "the transform \(name) has no inverse")
      }
      return about(linear, p[4], p[5])
    default:
      throw VoxelithError(
        .data, "the two-dimensional transform \(name) of \(p.count) parameters is not known here",
        advice: "write it as an AffineTransform")
    }
  }

  private static func rotation(_ versor: SIMD3<Double>) throws(VoxelithError) -> LinearMap {
    let sine = length(versor)
    guard sine <= 1 + 1e-9 else { throw VoxelithError(.data, "a versor is longer than 1") }
    if sine == 0 { return .identity }
    return LinearMap(rotationVector: (2 * asin(min(1, sine)) / sine) * versor)
  }

  /// Angles of ITK's Euler3DTransform, whose matrix is Rz Rx Ry.
  private static func eulerAngles(_ r: LinearMap) -> [Double] {
    let x = asin(min(1, max(-1, r.z.y)))
    if abs(cos(x)) > 1e-9 {
      return [x, atan2(-r.z.x, r.z.z), atan2(-r.x.y, r.y.y)]
    }
    return [x, 0, atan2(r.y.x, r.x.x)]
  }

  /// Vector part of the unit quaternion with a scalar part that is not negative.
  private static func quaternion(_ r: LinearMap) -> SIMD3<Double> {
    let trace = r.x.x + r.y.y + r.z.z
    if trace > 0 {
      let s = 2 * (1 + trace).squareRoot()
      return SIMD3(r.z.y - r.y.z, r.x.z - r.z.x, r.y.x - r.x.y) / s
    }
    var vector: SIMD3<Double>
    var scalar: Double
    if r.x.x >= r.y.y && r.x.x >= r.z.z {
      let s = 2 * (1 + r.x.x - r.y.y - r.z.z).squareRoot()
      vector = SIMD3(0.25 * s, (r.x.y + r.y.x) / s, (r.x.z + r.z.x) / s)
      scalar = (r.z.y - r.y.z) / s
    } else if r.y.y >= r.z.z {
      let s = 2 * (1 + r.y.y - r.x.x - r.z.z).squareRoot()
      vector = SIMD3((r.x.y + r.y.x) / s, 0.25 * s, (r.y.z + r.z.y) / s)
      scalar = (r.x.z - r.z.x) / s
    } else {
      let s = 2 * (1 + r.z.z - r.x.x - r.y.y).squareRoot()
      vector = SIMD3((r.x.z + r.z.x) / s, (r.y.z + r.z.y) / s, 0.25 * s)
      scalar = (r.y.x - r.x.y) / s
    }
    return scalar < 0 ? -vector : vector
  }
}
