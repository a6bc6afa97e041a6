/// `stage.json`: what a finished stage was made from, and the checksums of what it made.
package struct StageRecord: Codable {
  package var name: String
  /// Checksum over program version, settings and the checksums of the inputs.
  package var key: String
  /// The settings that the key was made from; none in files of early versions.
  package var settings: JSONValue?
  /// Checksums of the outputs by file name.
  package var outputs: [String: String]

  package init(name: String, key: String, settings: JSONValue?, outputs: [String: String]) {
    self.name = name
    self.key = key
    self.settings = settings
    self.outputs = outputs
  }
}
