import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Scans of SPEC files with the columns of their motors.
@Suite("Scans in SPEC files")
struct SPECScanTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A scan of points (x, y) with the spectrum (index, 0, 0) each.
  private func scan(
    _ points: [(x: Double, y: Double)], number: Int = 1, names: String = "samx  samy  Seconds",
    detectors: Int = 1,
    command: String = "mesh samx 0 0.02 2 samy 0 0.04 1 1"
  ) -> String {
    var text =
      "#S \(number) \(command)\n#@CTIME 1 0.5 1\n#@CHANN 3 0 2 1\n#@CALIB 80 1 0\n#N 3\n#L \(names)\n"
    for (index, point) in points.enumerated() {
      text += "\(point.x) \(point.y) 1\n"
      for detector in 0..<detectors {
        text += "@A\(detectors > 1 ? "\(detector)" : "") \(index + 100 * detector) 0\\\n 0\n"
      }
    }
    return text + "\n"
  }

  private let mesh =
    [(0, 0), (0.01, 0), (0.02, 0), (0, 0.04), (0.01, 0.04), (0.02, 0.04)] as [(x: Double, y: Double)]

  private func open(_ text: String, _ options: SpectralOpenOptions = .init()) throws -> (
    Shape, [Float], any SpectralSource
  ) {
    let path = folder.file("s.spec")
    try writeBytes(Array(("#F a\n\n" + text).utf8), to: path)
    let source = try SpectralFile.open(path, options: options)
    let counts = try source.readCounts(Region(whole: source.grid.shape))
    return (source.grid.shape, stride(from: 0, to: counts.count, by: 3).map { counts[$0] }, source)
  }

  @Test func placesAreThoseOfTheColumns() throws {
    let (shape, values, source) = try open(scan(mesh))
    #expect(shape == Shape(z: 1, y: 2, x: 3) && values == [0, 1, 2, 3, 4, 5])
    #expect(!source.grid.hasKnownSpacing && source.acquisition.liveTime == 0.5)
    var options = SpectralOpenOptions(voxelSize: SIMD3(10, 40, 10))
    #expect(try open(scan(mesh), options).2.grid.spacing == SIMD3(10, 40, 10))
    // To and fro: the second row was measured from its far end.
    let snake = scan(Array(mesh[0..<3]) + mesh[3..<6].reversed())
    #expect(try open(snake).1 == [0, 1, 2, 5, 4, 3])
    // Motors that tell their unit tell the size of the voxels.
    let known = scan(mesh, names: "samx (mm)  samy (mm)  Seconds", command: "mesh")
    let spacing = try open(known).2.grid.spacing
    #expect(abs(spacing.x - 10) < 1e-6 && abs(spacing.y - 40) < 1e-6)
    options = SpectralOpenOptions(positions: .arrayOrder)
    #expect(try open(scan(mesh), options).0 == Shape(z: 1, y: 1, x: 6))
  }

  @Test func aScanThatWasStopped() throws {
    let text = scan(Array(mesh.dropLast(2)))
    let error = #expect(throws: VoxelithError.self) { try open(text) }
    #expect(error?.message.contains("2 of 6 voxels") == true)
    let (shape, values, _) = try open(text, SpectralOpenOptions(allowsMissing: true))
    #expect(
      shape == Shape(z: 1, y: 2, x: 3) && values[..<4] == [0, 1, 2, 3] && values[4].isNaN && values[5].isNaN)
  }

  @Test func namedColumnsAndShapes() throws {
    let odd = scan(mesh, names: "piezo1  piezo2  Seconds", command: "mesh piezo1 0 1 2")
    #expect(try open(odd).0 == Shape(z: 1, y: 1, x: 6))
    var options = SpectralOpenOptions(positions: PositionChoice("x=piezo1,y=piezo2"))
    #expect(try open(odd, options).0 == Shape(z: 1, y: 2, x: 3))
    options.positions = PositionChoice("x=piezo1,y=nothing")
    let error = #expect(throws: VoxelithError.self) { try open(odd, options) }
    #expect(error?.code == .usage && error?.advice?.contains("piezo2") == true)
    options = SpectralOpenOptions(scanShape: [2, 3], isSnake: true)
    #expect(try open(odd, options).1 == [0, 1, 2, 5, 4, 3])
    options = SpectralOpenOptions(scanShape: [2, 2])
    #expect(throws: VoxelithError.self) { try open(odd, options) }
    // A scan of more points than came, which runs or was stopped.
    options = SpectralOpenOptions(scanShape: [2, 4])
    let short = #expect(throws: VoxelithError.self) { try open(odd, options) }
    #expect(short?.advice?.contains("--allow-missing") == true)
    options.allowsMissing = true
    let values = try open(odd, options).1
    #expect(values[..<6] == [0, 1, 2, 3, 4, 5] && values[6].isNaN && values[7].isNaN)
    options = SpectralOpenOptions(scanShape: [2, 2], allowsMissing: true)
    #expect(throws: VoxelithError.self) { try open(odd, options) }
  }

  @Test func severalScansAndDetectors() throws {
    let two = scan(mesh) + scan(Array(mesh.reversed()), number: 2)
    let error = #expect(throws: VoxelithError.self) { try open(two) }
    #expect(error?.advice?.contains("--dataset") == true && error?.advice?.contains("2.1") == true)
    #expect(try open(two, SpectralOpenOptions(dataset: "1")).1 == [0, 1, 2, 3, 4, 5])
    #expect(try open(two, SpectralOpenOptions(dataset: "2.1")).1 == [5, 4, 3, 2, 1, 0])
    #expect(throws: VoxelithError.self) { try open(two, SpectralOpenOptions(dataset: "3")) }
    let pair = scan(mesh, detectors: 2)
    let unchosen = #expect(throws: VoxelithError.self) { try open(pair) }
    #expect(unchosen?.advice?.contains("--detector") == true)
    #expect(try open(pair, SpectralOpenOptions(detector: .element(1))).1 == [100, 101, 102, 103, 104, 105])
    #expect(try open(pair, SpectralOpenOptions(detector: .sum)).1 == [100, 102, 104, 106, 108, 110])
  }
}
