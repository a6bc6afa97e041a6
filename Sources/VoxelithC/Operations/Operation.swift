import Voxelith

/// What a call can ask for.
protocol Operation: Sendable {
  static var name: String { get }
  static var summary: String { get }
  /// Parts of the request.
  static var sections: [Section] { get }
  /// Names of the inputs with what they are; `field.NAME` stands for any number of them.
  static var inputs: [String: String] { get }
  static func run(_ job: Job) throws(VoxelithError)
}

/// All operations.
enum Operations {
  static let all: [any Operation.Type] = [
    Calibrate.self, Correlate.self, Describe.self, Diffuse.self, Inspect.self, Interfaces.self,
    MapLithium.self,
    MapMaterials.self, Orient.self, Particles.self, Paths.self, Plan.self, Pores.self, Read.self,
    ReadSpectra.self, Register.self, Render.self,
    Resample.self, Segment.self, Series.self, Simulate.self, Transport.self, Write.self, WriteSpectra.self,
  ]

  /// - Throws: `usage` where there is none of that name.
  static func named(_ name: String) throws(VoxelithError) -> any Operation.Type {
    guard let found = all.first(where: { $0.name == name }) else {
      throw VoxelithError(
        .usage, "there is no operation '\(name)'",
        advice: "known are: \(all.map { $0.name }.joined(separator: ", "))")
    }
    return found
  }
}
