import Foundation
import Results
import Volumetry

/// What must hold of the values of a pipeline.
extension Pipeline {
  /// - Throws: `data` with the place of a value that makes no sense.
  func validate() throws(VoxelithError) {
    let known = StageDefinition.all.map(\.name)
    for name in file.skip where !known.contains(name) {
      throw bad(
        "skip", "there is no stage '\(name)'", NameGuess.advice(for: name, among: known, as: "stages"))
    }
    try check("inputs", file.inputs.spectra)
    for (prefix, settings) in [("xct_", file.inputs.tomogram), ("labels_", file.inputs.labelVolume)] {
      do throws(VoxelithError) {
        try settings.validate()
      } catch {
        throw bad("inputs", "\(prefix)\(error.message)", error.advice)
      }
    }
    try check("phases", file.phases)
    try check("calibrate", file.calibrate)
    try check("segment", file.segment)
    try check("segment", file.thresholds)
    try check("orient", file.orient)
    try check("pores", file.pores)
    try check("transport", file.transport)
    try check("particles", file.particles)
    try check("interfaces", file.interfaces)
    try check("paths", file.paths)
    try check("diffuse", file.diffuse)
    if let diffuse = file.diffuse, diffuse.series == nil {
      throw bad("diffuse.series", "needs the folder that series wrote")
    }
    try check("register", file.register)
    try check("fractions", file.fractions)
    try check("map", file.map)
    try check("materials", file.materials)
    try checkMaps()
    try check("correlate", file.correlate)
    try check("figures", file.figures)
    try check("report", file.report)
    try checkUse()
    try validatePhases()
  }

  private func check<Operation: OperationSettings>(
    _ section: String, _ settings: Operation?
  ) throws(VoxelithError) {
    do throws(VoxelithError) {
      try settings?.validate()
    } catch {
      // The messages of settings begin with the key.
      let parts = error.message.components(separatedBy: ": ")
      guard parts.count > 1, Operation.keys.contains(parts[0]) else {
        throw bad(section, error.message, error.advice)
      }
      throw bad("\(section).\(parts[0])", parts.dropFirst().joined(separator: ": "), error.advice)
    }
  }

  private func checkMaps() throws(VoxelithError) {
    var names: Set<String> = []
    for (index, entry) in file.maps.enumerated() {
      try check("maps[\(index)]", entry.map)
      try check("maps[\(index)]", entry.volume)
      let name = entry.map.name
      // Files of two names are one on some systems.
      guard !Self.takenNames.contains(name), !name.hasSuffix("_fraction"), !name.hasSuffix("_shared_error"),
        names.insert(name.lowercased()).inserted
      else {
        throw bad(
          "maps[\(index)].name", "'\(name)' is the name of another field",
          "every field that is related needs a name of its own")
      }
      guard !entry.map.isOnTomogram || plan.has("register") else {
        throw bad(
          "maps[\(index)].place", "the map lies on the XCT, which is not aligned with the spectra here",
          "give a transform from the spectra to the map, or an XCT")
      }
    }
  }

  /// Settings that cannot have an effect are refused.
  private func checkUse() throws(VoxelithError) {
    let files = file.inputs.files
    for (name, settings, isThere) in [
      ("xct", file.inputs.tomogram, files.xct != nil || file.inputs.files.labels != nil),
      ("labels", file.inputs.labelVolume, files.labels != nil || file.inputs.tomogram.voxelSize != nil),
    ] where !isThere && settings != VolumeInputSettings() {
      throw bad("inputs", "\(name)_... says how to open a file that is not given")
    }
    if file.given.transform != nil, file.register.changesSearch {
      throw bad(
        "register", "nothing is aligned where a transform is given", "leave transform or the other keys out")
    }
  }

  func bad(_ place: String, _ message: String, _ advice: String? = nil) -> VoxelithError {
    VoxelithError(.data, message, file: path, place: place, advice: advice)
  }

  /// Names and labels of the components in the order of the standards.
  func components() throws(VoxelithError) -> [(name: String, label: Int)] {
    let names = (try StandardsFile.read(resolve(file.inputs.files.standards)).components ?? []).map(\.name)
    let labels = file.phases.components
    for name in labels.keys.sorted() where !names.contains(name) {
      throw bad(
        "phases.components", "the standards have no component '\(name)'",
        names.isEmpty ? "they have no components" : "components: " + names.joined(separator: ", "))
    }
    var result: [(name: String, label: Int)] = []
    for name in names {
      guard let label = labels[name] else {
        throw bad(
          "phases.components", "the label of the component '\(name)' is not given",
          "write components: {\(names.map { "\($0): LABEL" }.joined(separator: ", "))}")
      }
      result.append((name, label))
    }
    return result
  }

  private func validatePhases() throws(VoxelithError) {
    guard plan.has("fractions") else { return }
    let labels = [file.phases.active] + (try components()).map(\.label)
    guard Set(labels).count == labels.count else {
      throw bad("phases", "two phases have one label: \(labels)")
    }
    if file.phases.active == file.phases.pore {
      throw bad("phases", "pore and active material have one label")
    }
  }
}
