import Foundation
public import Readers
import Results
public import Volumetry

/// Every file that a pipeline reads, and what keeps its folder from being moved or sent as it is.
public struct PipelineFiles: Sendable, Encodable {
  public struct File: Sendable, Encodable {
    public var path: String
    /// How it comes to be read.
    public var way: ClosureEntry.Way
    /// The file that names it.
    public var from: String?
    /// Why it would not be found if the folder of the pipeline lay elsewhere; nil where it would.
    public var problem: String?
  }

  public var files: [File]

  enum CodingKeys: String, CodingKey { case files }

  /// - Throws: `missing` and `data` where a file that names others cannot be read.
  public init(_ pipeline: Pipeline) throws(VoxelithError) {
    let inputs = pipeline.file.inputs.files
    var named: [(path: String, name: String, from: String)] = []
    for (_, name) in pipeline.namedFiles { named.append((pipeline.resolve(name), name, pipeline.path)) }
    let standards = pipeline.resolve(inputs.standards)
    named += try Self.inner(try StandardsFile.inputs(standards), of: standards)
    for (_, standards) in pipeline.file.materials?.materials ?? [] {
      let path = pipeline.resolve(standards)
      named += try Self.inner(try StandardsFile.inputs(path), of: path)
    }
    if let absorption = pipeline.file.map.absorption.map(pipeline.resolve) {
      named += try Self.inner(try AbsorptionFile.inputs(absorption), of: absorption)
    }
    let folder = PathName.folder(of: pipeline.path)
    let root = ClosureEntry.real(folder.isEmpty ? "." : folder)
    files = [File(path: pipeline.path, way: .named)]
    var seen: Set<String> = []
    for (path, name, from) in named {
      for entry in try InputClosure.entries(of: [path]) where seen.insert(entry.path).inserted {
        let isOwn = entry.path == path
        files.append(
          File(
            path: entry.path, way: entry.way, from: isOwn ? from : entry.from,
            problem: Self.problem(entry, isAbsolute: isOwn ? name.hasPrefix("/") : entry.isAbsolute, root)))
      }
    }
  }

  /// The files that a YAML file names, as it resolves them.
  private static func inner(
    _ paths: [String], of file: String
  ) throws(VoxelithError) -> [(path: String, name: String, from: String)] {
    let folder = PathName.folder(of: file)
    return paths.dropFirst().map { path in
      let isRelative = !folder.isEmpty && path.hasPrefix(folder + "/") || !path.hasPrefix("/")
      return (path, isRelative ? "." : path, file)
    }
  }

  private static func problem(_ entry: ClosureEntry, isAbsolute: Bool, _ root: String) -> String? {
    if !ClosureEntry.real(entry.path).hasPrefix(root == "/" ? "/" : root + "/") {
      return "lies outside the folder of the pipeline"
    }
    if isAbsolute { return "is named by its whole path" }
    return nil
  }
}
