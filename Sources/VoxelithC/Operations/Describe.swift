import Voxelith

/// All operations with what they take.
enum Describe: Operation {
  static let name = "describe"
  static let summary = "Tell every operation with its inputs, its settings and their defaults."
  static let sections: [Section] = []
  static let inputs: [String: String] = [:]

  static func run(_ job: Job) throws(VoxelithError) {
    try job.give(
      report: Dictionary(
        uniqueKeysWithValues: Operations.all.map {
          ($0.name, Description(summary: $0.summary, inputs: $0.inputs, sections: $0.sections))
        }))
  }

  private struct Description: Encodable {
    let summary: String
    let inputs: [String: String]
    let sections: [Section]
  }
}
