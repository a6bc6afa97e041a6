import Readers
import Registration
package import Volumetry

/// Descriptors of the microstructure on the grid of the spectra, each with the point spread applied, one TIFF each.
package enum FieldFolder {
  /// A descriptor: the name of its file, its unit, and what it is.
  package struct Field: Sendable, Codable {
    package var name: String
    package var unit: String
    var meaning: String
    package var file: String { name + ".tif" }
  }

  package static let index = "fields.json"

  package static let poreAngle = Field(
    name: "pore_angle", unit: "deg", meaning: "angle between the mean pore direction and z")
  package static let poreAlignment = Field(
    name: "pore_alignment", unit: "1",
    meaning: "fractional anisotropy of the mean orientation tensor: 1 where all pores are parallel")
  package static let anisotropy = Field(
    name: "anisotropy", unit: "1", meaning: "mean anisotropy of the structure tensor")
  package static let thickness = Field(
    name: "pore_thickness", unit: "um", meaning: "mean local thickness of the pores")
  package static let pathLength = Field(
    name: "path_length", unit: "um", meaning: "mean length of the shortest way through the phase to the face")
  package static let pathTortuosity = Field(
    name: "path_tortuosity", unit: "1", meaning: "mean of that length over the straight distance to the face")
  package static let depth = Field(
    name: "depth", unit: "um", meaning: "depth below the face of the XCT volume")

  /// Collects fields and writes them.
  package struct Writer {
    let folder: String
    private(set) var fields: [Field] = []

    package init(folder: String) { self.folder = folder }

    package mutating func add(_ field: Field, _ volume: Volume<Float>) throws(VoxelithError) {
      try FractionFolder.save([volume], [field.name], to: folder + "/" + field.file)
      fields.append(field)
    }

    package func finish() throws(VoxelithError) {
      try JSONOutput.write(fields, to: folder + "/" + FieldFolder.index, overwrite: true)
    }
  }
}
