import Readers
import Registration
import Volumetry

/// Descriptors of the microstructure on the grid of the spectra, each with the point spread applied, one TIFF each.
enum FieldFolder {
  /// A descriptor: the name of its file, its unit, and what it is.
  struct Field: Sendable, Codable {
    var name: String
    var unit: String
    var meaning: String
    var file: String { name + ".tif" }
  }

  static let index = "fields.json"

  static let poreAngle = Field(
    name: "pore_angle", unit: "deg", meaning: "angle between the mean pore direction and z")
  static let poreAlignment = Field(
    name: "pore_alignment", unit: "1",
    meaning: "fractional anisotropy of the mean orientation tensor: 1 where all pores are parallel")
  static let anisotropy = Field(
    name: "anisotropy", unit: "1", meaning: "mean anisotropy of the structure tensor")
  static let thickness = Field(
    name: "pore_thickness", unit: "um", meaning: "mean local thickness of the pores")
  static let depth = Field(name: "depth", unit: "um", meaning: "depth below the face of the XCT volume")

  /// Collects fields and writes them.
  struct Writer {
    let folder: String
    private(set) var fields: [Field] = []

    init(folder: String) { self.folder = folder }

    mutating func add(_ field: Field, _ volume: Volume<Float>) throws(VoxelithError) {
      try FractionFolder.save([volume], [field.name], to: folder + "/" + field.file)
      fields.append(field)
    }

    func finish() throws(VoxelithError) {
      try JSONOutput.write(fields, to: folder + "/" + FieldFolder.index, overwrite: true)
    }
  }
}
