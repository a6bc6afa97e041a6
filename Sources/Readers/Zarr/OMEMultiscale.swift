import Foundation
import Volumetry

/// Attributes of an OME-Zarr image: axes, levels and their places. Up to version 0.4 they stand in `.zattrs`, in 0.5 under
/// `ome` in `zarr.json`.
struct OMEAttributes: Codable {
  /// Version of the attributes themselves (0.5).
  var version: String?
  var multiscales: [Multiscale]?
  /// Marks a folder whose images lie in numbered folders below it.
  var layout: Int?

  enum CodingKeys: String, CodingKey {
    case version, multiscales
    case layout = "bioformats2raw.layout"
  }

  struct Multiscale: Codable {
    var version: String?
    var name: String?
    var axes: [NamedAxis]?
    var datasets: [Dataset]
    var coordinateTransformations: [Transformation]?
    /// How levels are made from the one before.
    var type: String?
  }

  struct NamedAxis: Codable {
    var name: String
    var type: String?
    var unit: String?

    init(name: String, type: String? = nil, unit: String? = nil) {
      self.name = name
      self.type = type
      self.unit = unit
    }

    /// Version 0.3 has plain names.
    init(from decoder: any Decoder) throws {
      if let name = try? decoder.singleValueContainer().decode(String.self) {
        self.init(name: name)
        return
      }
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        name: try container.decode(String.self, forKey: .name),
        type: try container.decodeIfPresent(String.self, forKey: .type),
        unit: try container.decodeIfPresent(String.self, forKey: .unit))
    }
  }

  struct Dataset: Codable {
    var path: String
    var coordinateTransformations: [Transformation]?
  }

  /// A scale or a translation, one number for each axis.
  struct Transformation: Codable {
    var type: String
    var scale: [Double]?
    var translation: [Double]?
  }
}

/// An image of an OME-Zarr folder: which array is which level, and what its axes mean.
struct OMEImage {
  var folder: String
  var axes: [OMEAttributes.NamedAxis]
  /// Folders of the levels, the finest first.
  var levels: [String]
  /// Size of an element and place of the first one's centre along each axis, for each level; nil where not told.
  var scales: [[Double]?]
  var translations: [[Double]?]
  var name: String?

  /// - Throws: `data` where the description is damaged.
  init(_ attributes: OMEAttributes.Multiscale, folder: String, path: String) throws(VoxelithError) {
    guard !attributes.datasets.isEmpty else {
      throw VoxelithError(.data, "the image has no levels", file: path)
    }
    let names = ["t", "c", "z", "y", "x"]
    let axes = attributes.axes ?? names.map { OMEAttributes.NamedAxis(name: $0) }
    guard (2...5).contains(axes.count), Set(axes.map(\.name)).count == axes.count,
      axes.contains(where: { $0.name == "x" }), axes.contains(where: { $0.name == "y" })
    else { throw VoxelithError(.data, "the axes of the image are not possible", file: path) }
    self.folder = folder
    self.axes = axes
    name = attributes.name
    levels = []
    scales = []
    translations = []
    for dataset in attributes.datasets {
      let parts = dataset.path.split(separator: "/", omittingEmptySubsequences: false)
      guard !parts.contains(where: { $0.isEmpty || $0 == ".." || $0 == "." }) else {
        throw VoxelithError(.data, "the level '\(dataset.path)' lies outside the image", file: path)
      }
      levels.append(folder + "/" + dataset.path)
      var scale: [Double]?
      var translation: [Double]?
      for step in (dataset.coordinateTransformations ?? []) + (attributes.coordinateTransformations ?? []) {
        if let factors = step.scale, factors.count == axes.count {
          scale = scale.map { zip($0, factors).map { $0 * $1 } } ?? factors
          translation = translation.map { zip($0, factors).map { $0 * $1 } }
        }
        if let shift = step.translation, shift.count == axes.count {
          translation = translation.map { zip($0, shift).map { $0 + $1 } } ?? shift
        }
      }
      scales.append(scale)
      translations.append(translation)
    }
  }

  /// Micrometres in the unit of an axis; nil where it is no length that is known.
  static func micrometres(_ unit: String?) -> Double? {
    unit.flatMap { Units.factor($0, .length) }
  }
}
