import Foundation
import Registration
import TestSupport
import Testing
import Volumetry

@Suite("Transforms in physical space") struct TransformTests {
  let turn = SpatialTransform(
    rotationVector: SIMD3(0.1, -0.2, 0.3), translation: SIMD3(5, -7, 11), about: SIMD3(100, 50, 25))

  @Test("composition and inverse agree with doing one after the other")
  func compositionAndInverse() throws {
    let second = SpatialTransform(rotationVector: SIMD3(0, 0, 1), translation: SIMD3(1, 2, 3), scale: 1.1)
    let point = SIMD3(12.0, -3, 40)
    let both = second.composed(after: turn)
    #expect(norm(both(point) - second(turn(point))) < 1e-10)
    #expect(norm(try both.inverted()(both(point)) - point) < 1e-10)
    #expect(both.model() == .similarity)
    #expect(turn.model() == .rigid)
    #expect(abs(turn.rotationAngle - norm(SIMD3(0.1, -0.2, 0.3))) < 1e-12)
  }

  @Test("a rotation of 90 degrees about z sends x to y")
  func handedness() {
    let quarter = SpatialTransform(rotationVector: SIMD3(0, 0, .pi / 2))
    #expect(norm(quarter(SIMD3(1, 0, 0)) - SIMD3(0, 1, 0)) < 1e-15)
  }

  @Test("local parameters move points as their Jacobian says", arguments: TransformModel.allCases)
  func jacobian(model: TransformModel) {
    let parameters = LocalParameters(model: model, center: turn(SIMD3(100, 50, 25)))
    let point = SIMD3(170.0, 20, 90)
    let jacobian = parameters.jacobian(arm: turn(point) - parameters.center)
    for k in 0..<model.parameterCount {
      var change = [Double](repeating: 0, count: model.parameterCount)
      change[k] = 1e-6
      let up = parameters.apply(change, to: turn)(point)
      change[k] = -1e-6
      let down = parameters.apply(change, to: turn)(point)
      let slope = (up - down) / 2e-6
      for axis in 0..<3 { #expect(abs(slope[axis] - jacobian[axis, k]) < 1e-4) }
    }
  }

  @Test("JSON keeps the matrix and says direction and unit")
  func json() throws {
    let data = try TransformDocument(turn).json()
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("\"from\" : \"fixed\"") && text.contains("\"unit\" : \"um\""))
    #expect(try TransformDocument(json: data).transform() == turn)
  }

  @Test("JSON with only a matrix is enough; another direction is refused")
  func foreignJSON() throws {
    let plain = Data(#"{"matrix": [[1,0,0,5],[0,1,0,0],[0,0,1,0],[0,0,0,1]]}"#.utf8)
    #expect(try TransformDocument(json: plain).transform()(.zero) == SIMD3(5, 0, 0))
    let wrong = Data(#"{"from":"moving","matrix":[[1,0,0,5],[0,1,0,0],[0,0,1,0],[0,0,0,1]]}"#.utf8)
    #expect(throws: VoxelithError.self) { try TransformDocument(json: wrong) }
    let singular = Data(#"{"matrix":[[1,0,0,0],[1,0,0,0],[0,0,1,0],[0,0,0,1]]}"#.utf8)
    #expect(throws: VoxelithError.self) { try TransformDocument(json: singular) }
    #expect(throws: VoxelithError.self) { try TransformDocument(json: Data("[]".utf8)) }
  }

  @Test("ITK text comes back as it went", arguments: TransformModel.allCases)
  func itkRoundTrip(model: TransformModel) throws {
    var transform = turn
    if model == .similarity {
      transform = SpatialTransform(
        rotationVector: SIMD3(2.5, -1.2, 0.3), translation: SIMD3(4, 5, 6), scale: 1.25)
    }
    if model == .affine {
      transform = try SpatialTransform(matrix: [
        [1.1, 0.1, 0, 3], [0, 0.9, 0.2, 4], [0.05, 0, 1, 5], [0, 0, 0, 1],
      ])
    }
    let text = ITKTransform.text(transform, center: SIMD3(30, 40, 50))
    let back = try ITKTransform.parse(text)
    for point in [SIMD3(0.0, 0, 0), SIMD3(100, -50, 30)] {
      #expect(norm(back(point) - transform(point)) < 1e-9)
    }
  }

  @Test("large rotations survive the versor", arguments: [0.1, 1.5, 3.0, 3.14159, 3.2, 5.0])
  func versor(angle: Double) throws {
    let axis = SIMD3(0.48, -0.6, 0.64)
    let transform = SpatialTransform(rotationVector: angle * axis, scale: 2)
    let back = try ITKTransform.parse(ITKTransform.text(transform))
    #expect(norm(back(SIMD3(1, 2, 3)) - transform(SIMD3(1, 2, 3))) < 1e-9)
  }

  @Test("files of ITK: translation, versor, ZYX angles, composites, millimetres")
  func itkKinds() throws {
    func file(_ body: String) -> String { "#Insight Transform File V1.0\n" + body }
    let shift = file(
      "#Transform 0\nTransform: TranslationTransform_double_3_3\nParameters: 1 2 3\nFixedParameters:\n")
    #expect(try ITKTransform.parse(shift, micrometresPerUnit: 1000)(.zero) == SIMD3(1000, 2000, 3000))
    let composite = file(
      """
      #Transform 0
      Transform: CompositeTransform_double_3_3
      #Transform 1
      Transform: TranslationTransform_double_3_3
      Parameters: 1 0 0
      FixedParameters:
      #Transform 2
      Transform: VersorRigid3DTransform_double_3_3
      Parameters: 0 0 0.7071067811865476 0 0 0
      FixedParameters: 0 0 0

      """)
    // The last is applied first: x to y, then one along x.
    #expect(norm(try ITKTransform.parse(composite)(SIMD3(1, 0, 0)) - SIMD3(1, 1, 0)) < 1e-9)
    for bad in [
      "hello", file(""), file("Transform: BSplineTransform_double_2_2\nParameters: 1 0 0 1 0 0\n"),
      file("Transform: Euler3DTransform_double_3_3\nParameters: 1 2 x\n"),
      file("Transform: BSplineTransform_double_3_3\nParameters: 1 2\n"),
      file("Transform: Euler3DTransform_double_3_3\nParameters: 1 2\n"),
    ] {
      #expect(throws: VoxelithError.self) { try ITKTransform.parse(bad) }
    }
  }

  /// Points as SimpleITK 2.4 maps (1, 2, 3).
  @Test(
    "forms of ITK that we do not write are read in its sense",
    arguments: [
      ("VersorTransform_double_3_3", "0.05 -0.03 0.1", SIMD3(6.165108045472, 3.532949663012, 0.877330876168)),
      ("ScaleTransform_double_3_3", "1.1 0.9 1.2", SIMD3(0.1, 3.8, -2.4)),
      (
        "ScaleVersor3DTransform_double_3_3", "0.05 -0.03 0.1 1.0 2.0 3.0 1.1 0.9 1.2",
        SIMD3(6.265108045472, 7.332949663012, -1.522669123832)
      ),
      (
        "ScaleSkewVersor3DTransform_double_3_3",
        "0.05 -0.03 0.1 1.0 2.0 3.0 1.1 0.9 1.2 0.01 0.02 0.03 0.04 0.05 0.06",
        SIMD3(5.545108045472, 5.982949663012, -3.052669123832)
      ),
      ("Similarity2DTransform_double_2_2", "1.1 0.2 3.0 4.0", SIMD3(7.230993629114, 2.627855383872, 3)),
    ]) func itkForms(kind: String, parameters: String, wanted: SIMD3<Double>) throws
  {
    let center = kind.hasSuffix("_2_2") ? "10 20" : "10 20 30"
    let text =
      "#Insight Transform File V1.0\nTransform: \(kind)\nParameters: \(parameters)\nFixedParameters: \(center)\n"
    #expect(norm(try ITKTransform.parse(text)(SIMD3(1, 2, 3)) - wanted) < 1e-9)
  }

  @Test("a transform of slices leaves z alone")
  func itkPlane() throws {
    let text =
      "#Insight Transform File V1.0\nTransform: Euler2DTransform_double_2_2\nParameters: 1.5707963267948966 1 2\nFixedParameters: 1 0\n"
    // (2, 0) about (1, 0) by a quarter turn is (1, 1), then one along x and two along y.
    #expect(norm(try ITKTransform.parse(text)(SIMD3(2, 0, 7)) - SIMD3(2, 3, 7)) < 1e-9)
  }

  @Test("parameters of elastix are read in the sense of ITK")
  func elastix() throws {
    let folder = try TemporaryFolder()
    func write(_ name: String, _ text: String) throws -> String {
      try text.write(toFile: folder.file(name), atomically: true, encoding: .utf8)
      return folder.file(name)
    }
    _ = try write(
      "TransformParameters.0.txt",
      """
      (Transform "TranslationTransform")
      (NumberOfParameters 3)
      (TransformParameters 1.0 2.0 3.0)
      (InitialTransformParametersFileName "NoInitialTransform")
      """)
    let second = try write(
      "TransformParameters.1.txt",
      """
      // second step
      (Transform "EulerTransform")
      (NumberOfParameters 6)
      (TransformParameters 0.1 0.2 0.3 4.0 5.0 6.0)
      (InitialTransformParametersFileName "TransformParameters.0.txt")
      (HowToCombineTransforms "Compose")
      (CenterOfRotationPoint 7.0 8.0 9.0)
      (ComputeZYX "false")
      """)
    let euler =
      "#Insight Transform File V1.0\nTransform: Euler3DTransform_double_3_3\nParameters: 0.1 0.2 0.3 4 5 6\nFixedParameters: 7 8 9 0\n"
    let point = SIMD3<Double>(3, -2, 5)
    let wanted = try ITKTransform.parse(euler)(point + SIMD3(1, 2, 3))
    #expect(norm(try SpatialTransform.read(path: second)(point) - wanted) < 1e-12)
    let circle = try write(
      "c.txt",
      "(Transform \"TranslationTransform\")\n(TransformParameters 1 2 3)\n(InitialTransformParameterFileName \"c.txt\")\n"
    )
    let spline = try write(
      "s.txt", "(Transform \"BSplineTransform\")\n(TransformParameters 1 2 3)\n")
    for bad in [circle, spline] {
      #expect(throws: VoxelithError.self) { try SpatialTransform.read(path: bad) }
    }
  }

  @Test("SimpleITK reads our files and we read its", .enabled(if: PythonPeer.hasSimpleITK))
  func simpleITK() throws {
    let affine = try SpatialTransform(matrix: [
      [1.1, 0.1, 0, 3], [0, 0.9, 0.2, 4], [0.05, 0, 1, 5], [0, 0, 0, 1],
    ])
    let similar = SpatialTransform(
      rotationVector: SIMD3(0.5, -1.2, 0.3), translation: SIMD3(4, 5, 6), about: SIMD3(9, 8, 7), scale: 1.25)
    for transform in [turn, similar, affine] {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let ours = folder.appendingPathComponent("ours.tfm").path
      let theirs = folder.appendingPathComponent("theirs.tfm").path
      try ITKTransform.text(transform, center: SIMD3(30, 40, 50)).write(
        toFile: ours, atomically: true, encoding: .utf8)
      let output = try PythonPeer.run(
        """
        import SimpleITK as sitk
        t = sitk.ReadTransform("\(ours)")
        print(*t.TransformPoint((12.0, -3.0, 40.0)))
        sitk.WriteTransform(t.GetInverse(), "\(theirs)")
        """)
      let numbers = output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
      let point = transform(SIMD3(12, -3, 40))
      #expect(numbers.count == 3 && norm(SIMD3(numbers[0], numbers[1], numbers[2]) - point) < 1e-8)
      let inverse = try SpatialTransform.read(path: theirs)
      #expect(norm(inverse(point) - SIMD3(12, -3, 40)) < 1e-8)
    }
  }
}

func norm(_ v: SIMD3<Double>) -> Double { (v * v).sum().squareRoot() }

/// A Python with SimpleITK, named by VOXELITH_PYTHON or found as `python3`.
enum PythonPeer {
  static let command: [String] = [ProcessInfo.processInfo.environment["VOXELITH_PYTHON"] ?? "python3"]
  static let hasSimpleITK: Bool = (try? run("import SimpleITK")) != nil

  static func run(_ script: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command + ["-c", script]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = Pipe()
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return String(decoding: data, as: UTF8.self)
  }
}
