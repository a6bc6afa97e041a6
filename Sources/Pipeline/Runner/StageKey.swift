import Readers
package import Results
package import Volumetry

/// The key that says whether the results of a stage are up to date.
package enum StageKey {
  /// Checksum over all that a stage is made from: version of the program, name, encoded settings, seeds, and the content of the files.
  ///
  /// - Parameter manifest: the inputs with all that they lead to; found anew where not given.
  package static func of(_ stage: Stage, manifest: InputManifest? = nil) throws(VoxelithError) -> String {
    var text = "voxelith \(PackageVersion.current)\n\(stage.name)\n"
    text += try SettingsCoding.text(stage.settings) + "\n"
    for (name, value) in stage.seeds.sorted(by: { $0.key < $1.key }) { text += "\(name)=\(value)\n" }
    if let manifest { text += manifest.text } else { text += try InputManifest(stage.inputs).text }
    return try SHA256.of(text)
  }
}
