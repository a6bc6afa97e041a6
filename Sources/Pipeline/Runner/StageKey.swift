import Readers
import Results
package import Volumetry

/// The key that says whether the results of a stage are up to date.
package enum StageKey {
  /// Checksum over all that a stage is made from: version of the program, name, encoded settings, seeds, and the content of the files.
  ///
  /// - Parameter hashes: checksums of inputs that are known already.
  package static func of(_ stage: Stage, hashes: [String: String] = [:]) throws(VoxelithError) -> String {
    var text = "voxelith \(PackageVersion.current)\n\(stage.name)\n"
    text += try SettingsCoding.text(stage.settings) + "\n"
    for (name, value) in stage.seeds.sorted(by: { $0.key < $1.key }) { text += "\(name)=\(value)\n" }
    for path in stage.inputs {
      for file in InputFiles.closure(of: path) {
        let hash: String = if let known = hashes[file] { known } else { try SHA256.of(file: file) }
        text += hash + "\n"
      }
      text += "\n"
    }
    return try SHA256.of(text)
  }

  /// Checksums of every file that a stage reads.
  package static func hashes(of stage: Stage) throws(VoxelithError) -> [String: String] {
    var result: [String: String] = [:]
    for path in stage.inputs {
      for file in InputFiles.closure(of: path) where result[file] == nil {
        result[file] = try SHA256.of(file: file)
      }
    }
    return result
  }
}
