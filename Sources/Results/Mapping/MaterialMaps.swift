public import Compton
import Readers
public import Volumetry

/// One map of several active materials: a calibration for each label.
///
/// Every material has a folder of its own, with all files of a map, in which the other voxels are masked. Above them lie
/// `li.tif`, `li_sigma.tif`, `mask.tif` and `material.tif` of all together, and `materials.json`, the numbers of each.
public enum MaterialMaps {
  /// A material: its label, the name of its folder, its calibration.
  public struct Material: Sendable {
    public let label: Int
    public let name: String
    public let calibration: Calibration

    public init(label: Int, name: String, calibration: Calibration) {
      self.label = label
      self.name = name
      self.calibration = calibration
    }
  }

  /// `materials.json`: the report of each material by its name, with its label.
  public struct Report: Codable, Sendable {
    public struct Entry: Codable, Sendable {
      public var label: Int
      public var map: MapReport
    }

    public var materials: [String: Entry]
  }

  static let files = ["li.tif", "li_sigma.tif", "mask.tif", "material.tif"]
  /// Names of the files that stand above the folders of the materials.
  public static let names = files + ["materials.json"]

  /// - Throws: `usage` where two materials share a label or a name; `data` for labels that are none of the materials and
  ///   not zero; errors of the maps.
  public static func write(
    _ materials: [Material], labels: any VolumeSource, to folder: String, method: MapMethod,
    copies: VolumeCopies? = nil, overwrite: Bool, resources: Resources,
    make: (Material, VoxelSelection) throws(VoxelithError) -> LithiumMap
  ) throws(VoxelithError) -> Report {
    for (index, material) in materials.enumerated() {
      guard material.label > 0,
        !materials[..<index].contains(where: { $0.label == material.label || $0.name == material.name })
      else {
        throw VoxelithError(
          .usage,
          "the label \(material.label) or the name '\(material.name)' is given twice, or is not a label",
          advice: "labels start at 1, each with a calibration of its own name")
      }
    }
    try OutputFile.prepareFolder(folder)
    for name in names + (copies?.names(of: files) ?? []) {
      try OutputFile.check(folder + "/" + name, overwrite: overwrite)
    }
    let grid = labels.grid
    try checkLabels(labels, materials: materials)
    var report = Report(materials: [:])
    for material in materials {
      let map = try make(material, try VoxelSelection(labels, label: material.label, grid: grid))
      let own = try MapFolder.write(
        map, method: method, calibration: material.calibration, to: folder + "/" + material.name,
        overwrite: overwrite, resources: resources)
      report.materials[material.name] = Report.Entry(label: material.label, map: own)
    }
    try join(materials, labels: labels, in: folder, overwrite: overwrite)
    try copies?.write(
      files.map { ($0, labels.grid) }, in: folder, overwrite: overwrite, resources: resources)
    try JSONOutput.write(report, to: folder + "/materials.json", overwrite: overwrite)
    return report
  }

  private static func checkLabels(
    _ labels: any VolumeSource, materials: [Material]
  ) throws(VoxelithError) {
    let shape = labels.grid.shape
    let known = Set(materials.map(\.label))
    var found: Set<Int> = []
    for z in 0..<shape.z {
      try Cancellation.poll()
      for label in try labels.readLabels(Region(slices: z..<(z + 1), of: shape)) {
        // Voxels without a label are of no material, as those of label 0.
        if label != Labels.missing { found.insert(Int(label)) }
      }
    }
    for label in found.sorted() where label != 0 && !known.contains(label) {
      throw VoxelithError(
        .data, "the label \(label) has no calibration", file: labels.name,
        advice: "give --material \(label):CALIBRATION.json, or label those voxels 0")
    }
    for material in materials where !found.contains(material.label) {
      throw VoxelithError(
        .data, "no voxel has the label \(material.label) of '\(material.name)'", file: labels.name)
    }
  }

  /// Puts each voxel of its material's map into one volume, slice by slice.
  private static func join(
    _ materials: [Material], labels: any VolumeSource, in folder: String, overwrite: Bool
  ) throws(VoxelithError) {
    let grid = labels.grid
    let writers = try MapWriters(
      folder,
      files: [
        ("li.tif", .float32), ("li_sigma.tif", .float32), ("mask.tif", .uint8), ("material.tif", .uint8),
      ],
      grid: grid, overwrite: overwrite)
    var sources: [(label: Int, x: any VolumeSource, sigma: any VolumeSource, mask: any VolumeSource)] = []
    for material in materials {
      let own = folder + "/" + material.name + "/"
      sources.append(
        (
          material.label, try VolumeFile.open(own + "li.tif"), try VolumeFile.open(own + "li_sigma.tif"),
          try VolumeFile.open(own + "mask.tif")
        ))
    }
    for z in 0..<grid.shape.z {
      try Cancellation.poll()
      let region = Region(slices: z..<(z + 1), of: grid.shape)
      let label = try labels.readLabels(region)
      var x = [Float](repeating: .nan, count: label.count)
      var sigma = x
      var mask = [UInt8](repeating: VoxelStatus.noActiveMaterial.rawValue, count: label.count)
      for source in sources {
        let values = try source.x.readFloats(region)
        let errors = try source.sigma.readFloats(region)
        let reasons = try source.mask.readLabels(region)
        for voxel in label.indices where Int(label[voxel]) == source.label {
          x[voxel] = values[voxel]
          sigma[voxel] = errors[voxel]
          mask[voxel] = UInt8(truncatingIfNeeded: reasons[voxel])
        }
      }
      try writers.write(
        [
          .float32(x), .float32(sigma), .uint8(mask),
          .uint8(label.map { UInt8(truncatingIfNeeded: $0) }),
        ], to: region, from: 0)
    }
    try writers.finish()
  }
}
