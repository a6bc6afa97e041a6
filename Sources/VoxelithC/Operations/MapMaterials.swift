import Voxelith

/// Spectra of a cell with several active materials to lithium.
enum MapMaterials: Operation {
  static let name = "map_materials"
  static let summary = "Turn spectra into lithium content x, with a calibration for each label."
  static let sections =
    [
      Section(
        "map", MapSettings.self, "How x is found; fractions and what works against noise do not go along."),
      Section(
        "spectra", SpectralInputSettings.self, "How the spectra were measured, and how their file is opened."),
      Exposures.section,
      Section("labels", "Label of each material by its name, from 1 to 255."),
    ] + Section.output
  static let inputs = Exposures.inputs.merging([
    "calibration.NAME": "The calibration of a material (JSON file).",
    "material_labels": "Label of each voxel (z, y, x), 0 for no material, or a file.",
  ]) { $1 }

  /// What a calibration for each label leaves undone.
  private static let excluded: [MapSettings.CodingKeys] = [
    .fractions, .fractionSigma, .restIsEmpty, .binToSigma, .binToCounts, .largestBin, .denoise, .guide,
    .guideScale, .format,
  ]

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(MapSettings.self, "map")
    let opening = try job.request.settings(SpectralInputSettings.self, "spectra")
    for key in excluded where try settings.differs(in: key) {
      throw VoxelithError(.usage, "\(key.rawValue): does not go with several materials")
    }
    let labels = try job.volume("material_labels")
    let materials = try materials(job)
    let first = try Exposures.open(job, opening, angle: materials[0].calibration.scatteringAngle)
    guard first.grid.shape == labels.grid.shape else {
      throw VoxelithError(
        .data, "has \(labels.grid.shape) voxels, the spectra have \(first.grid.shape)", file: labels.name)
    }
    if let notice = VolumeFile.spacingNotice(first.grid, file: first.name) { job.outcome.notice(notice) }
    try job.folder(report: "materials.json", parts: materials.map(\.name), grid: first.grid) {
      (folder, overwrite) throws(VoxelithError) in
      let report = try MaterialMaps.write(
        materials, labels: labels, to: folder, method: settings.method, copies: settings.copies,
        overwrite: overwrite, resources: job.resources
      ) { (material, selection) throws(VoxelithError) in
        try settings.map(
          try Exposures.open(job, opening, angle: material.calibration.scatteringAngle), input: opening,
          calibration: material.calibration, selection: selection, watches: true, resources: job.resources)
      }
      for (name, entry) in report.materials.sorted(by: { $0.value.label < $1.value.label }) {
        for notice in MapLithium.notices(entry.map) { job.outcome.notice("\(name): \(notice)") }
      }
    }
  }

  /// - Throws: `usage` where names and labels do not match, or a name is none for a folder.
  private static func materials(_ job: Job) throws(VoxelithError) -> [MaterialMaps.Material] {
    let labels = try job.request.value([String: Int].self, "labels") ?? [:]
    let names = job.names("calibration")
    guard !names.isEmpty, Set(names) == Set(labels.keys) else {
      throw VoxelithError(
        .usage, "the materials are not those that have labels",
        advice: "give each material its calibration and its label")
    }
    var materials: [MaterialMaps.Material] = []
    for name in names {
      guard let label = labels[name], (1...255).contains(label), PathName.last(of: name) == name,
        !name.hasPrefix(".")
      else {
        throw VoxelithError(
          .usage, "the material '\(name)' needs a label from 1 to 255 and a name that a folder can have")
      }
      materials.append(
        MaterialMaps.Material(
          label: label, name: name,
          calibration: try CalibrationFile.read(try job.path("calibration.\(name)"))))
    }
    return materials.sorted { $0.label < $1.label }
  }
}

extension MapSettings {
  /// Whether a key has another value than by default.
  fileprivate func differs(in key: CodingKeys) throws(VoxelithError) -> Bool {
    guard case .object(let own) = try JSONValue(encoding: self),
      case .object(let usual) = try JSONValue(encoding: MapSettings())
    else { return false }
    return own[key.rawValue] != usual[key.rawValue]
  }
}
