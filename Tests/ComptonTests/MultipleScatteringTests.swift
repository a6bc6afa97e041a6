import Compton
import Foundation
import Testing
import Volumetry

/// Scattering once and twice, against closed forms and quadrature.
@Suite struct MultipleScatteringTests {
  static let axis = EnergyAxis(first: 20.5, width: 1, count: 95)

  static func phase(_ density: Double) throws -> AbsorbingPhase {
    try AbsorbingPhase(name: "carbon", formula: try ChemicalFormula("C"), density: density)
  }

  static func geometry() throws -> ScatteringGeometry {
    try ScatteringGeometry(incidentEnergy: 115.6, angle: 90)
  }

  /// Klein-Nishina cross-section of an electron at rest, barn/sr, and the energy after it.
  static func klein(_ energy: Double, _ cosine: Double) -> (section: Double, energy: Double) {
    let after = energy / (1 + energy / 510.99895 * (1 - cosine))
    let ratio = after / energy
    return (0.5 * 0.0794078 * ratio * ratio * (ratio + 1 / ratio - (1 - cosine * cosine)), after)
  }

  /// A thin sphere: twice over once = n <way out> times the integral over directions, with <way out> = 3 R / 4.
  @Test func thinSphereIsThatOfQuadrature() throws {
    let cells = 32
    let radius = 1000.0
    let spacing = 2 * radius / Double(cells)
    var filled = [Float](repeating: 0, count: cells * cells * cells)
    for index in filled.indices {
      let (z, y, x) = (index / (cells * cells), index / cells % cells, index % cells)
      var inside = 0
      for part in 0..<64 {
        let offset = SIMD3(Double(part % 4), Double(part / 4 % 4), Double(part / 16)) / 4 + 0.125
        let place = (SIMD3(Double(x), Double(y), Double(z)) + offset) * spacing - radius
        if (place * place).sum() < radius * radius { inside += 1 }
      }
      filled[index] = Float(inside) / 64
    }
    let density = 0.01
    let field = try PhaseField(
      grid: Grid(shape: Shape(z: cells, y: cells, x: cells), spacing: SIMD3(repeating: spacing)),
      fractions: [filled])
    let scene = try ScatteringScene(
      phases: [try Self.phase(density)], body: .cells(field), geometry: try Self.geometry())
    let spectrum = try MultipleScattering(scene, histories: 400_000).run(
      axis: Self.axis, response: try DetectorResponse(resolution: 0), resources: Resources())
    var integral = 0.0
    let steps = 200
    for i in 0..<steps {
      let cosine = -1 + 2 * (Double(i) + 0.5) / Double(steps)
      let first = Self.klein(115.6, cosine)
      for j in 0..<steps {
        let azimuth = 2 * Double.pi * (Double(j) + 0.5) / Double(steps)
        let second = Self.klein(first.energy, (1 - cosine * cosine).squareRoot() * cos(azimuth))
        integral += first.section * second.section * 4 * Double.pi / Double(steps * steps)
      }
    }
    let electrons = density * 0.602_214 / 12.011 * 6
    let expected = electrons * 0.75 * radius * 1e-4 * integral / Self.klein(115.6, 0).section
    #expect(spectrum.ratioSigma < 0.01 * spectrum.ratio)
    #expect(abs(spectrum.ratio / expected - 1) < 0.03, "\(spectrum.ratio) \(expected)")
  }

  /// Once, in a thick box: (1 - exp(-mu a)) / mu of the way in times that of the way out.
  @Test func absorptionOfPhotonsScatteredOnceIsTheClosedForm() throws {
    let phase = try Self.phase(2)
    func rate(_ size: SIMD3<Double>) throws -> Double {
      let scene = try ScatteringScene(
        phases: [phase], body: .boxes([.init(lower: -0.5 * size, upper: 0.5 * size, material: 0)]),
        geometry: try Self.geometry())
      return try MultipleScattering(scene, histories: 200_000).run(
        axis: Self.axis, response: try DetectorResponse(resolution: 0), resources: Resources()
      ).single.reduce(0, +)
    }
    let thick = SIMD3(20_000.0, 1000, 30_000)
    let (entrance, exit) = (phase.attenuation(energy: 115.6), phase.attenuation(energy: 94.3))
    // Per photon on the box's face: the mean over depth of the exit, the length of the entrance.
    let expected =
      (1 - exp(-2 * entrance)) / entrance * (1 - exp(-3 * exit)) / (3 * exit)
    let electrons = 2 * 0.602_214 / 12.011 * 6
    let found = try rate(thick) / (electrons * Self.klein(115.6, 0).section)
    #expect(abs(found / expected - 1) < 0.02, "\(found) \(expected)")
  }

  @Test func bytesAreThoseOfAnyNumberOfThreads() throws {
    let box = ScatteringBody.Box(lower: SIMD3(0, 0, 0), upper: SIMD3(500, 400, 300), material: 0)
    let scene = try ScatteringScene(
      phases: [try Self.phase(2)], body: .boxes([box]), geometry: try Self.geometry())
    func made(_ threads: Int) throws -> [Double] {
      var resources = Resources()
      resources.threads = threads
      return try MultipleScattering(scene, histories: 30_000, seed: 4).run(
        axis: Self.axis, response: try DetectorResponse(resolution: 1), resources: resources
      ).double
    }
    #expect(try made(1) == made(3))
  }

  /// A view that misses the beam sees what was scattered twice alone, which is refused; narrow views see more of it.
  @Test func viewsAndBadScenes() throws {
    let box = ScatteringBody.Box(lower: SIMD3(repeating: -500), upper: SIMD3(repeating: 500), material: 0)
    let geometry = try Self.geometry()
    func scene(_ view: Double, at center: SIMD3<Double> = .zero) throws -> ScatteringScene {
      try ScatteringScene(
        phases: [try Self.phase(2)], body: .boxes([box]), geometry: geometry,
        beam: try .init(center: .zero, width: 50, height: 50),
        view: try .init(center: center, width: view, height: view))
    }
    func run(_ scene: ScatteringScene) throws -> ScatteredSpectrum {
      try MultipleScattering(scene, histories: 50_000).run(
        axis: Self.axis, response: try DetectorResponse(resolution: 0), resources: Resources())
    }
    #expect(try run(scene(100)).ratio < run(scene(900)).ratio)
    #expect(throws: VoxelithError.self) { try run(scene(50, at: SIMD3(0, 300, 0))) }
    let other = ScatteringBody.Box(lower: SIMD3(repeating: 400), upper: SIMD3(repeating: 600), material: 0)
    let empty = ScatteringBody.Box(lower: SIMD3(repeating: 1), upper: SIMD3(repeating: 1), material: 0)
    for boxes in [[box, other], [empty], []] {
      let error = #expect(throws: VoxelithError.self) {
        try ScatteringScene(phases: [try Self.phase(2)], body: .boxes(boxes), geometry: geometry)
      }
      #expect(error?.code == .data)
    }
    #expect(throws: VoxelithError.self) { try MultipleScattering(scene(100), histories: 10) }
    #expect(throws: VoxelithError.self) { try ScatteringScene.Column(center: .zero, width: 0, height: 1) }
  }
}
