public import Foundation
public import Volumetry

/// A transform as `transform.json` holds it, with its covariance where a fit gave one.
public struct TransformDocument: Sendable, Codable, Equatable {
  /// 4x4 by rows; maps fixed points to moving points.
  public var matrix: [[Double]]
  public var from = "fixed"
  public var to = "moving"
  public var unit = "um"
  public var order = "xyz"
  public var model: TransformModel
  /// Covariance of the local parameters, in the order of `covarianceParameters`.
  public var covariance: [[Double]]?
  public var covarianceParameters: [String]?
  /// Point of the moving space about which the local rotations turn, x, y, z.
  public var covarianceCenterUm: [Double]?
  /// Root-mean-square expected error over the fixed grid.
  public var expectedErrorUm: Double?
  public var quality: RegistrationQuality?
  public var warnings: [String]?

  enum CodingKeys: String, CodingKey {
    case matrix, from, to, unit, order, model, covariance, quality, warnings
    case covarianceParameters = "covariance_parameters"
    case covarianceCenterUm = "covariance_center_um"
    case expectedErrorUm = "expected_error_um"
  }

  public init(_ transform: SpatialTransform, model: TransformModel? = nil) {
    matrix = transform.matrix
    self.model = model ?? transform.model()
  }

  /// Reads the JSON. Only `matrix` is needed; `from`, `to` and `unit` are checked where they are given.
  ///
  /// - Throws: `data` where the text is not such a document or speaks of another direction or unit.
  public init(json data: Data, file: String? = nil) throws(VoxelithError) {
    struct Least: Decodable {
      let matrix: [[Double]]
      let from: String?
      let to: String?
      let unit: String?
      let order: String?
    }
    let least: Least
    do {
      least = try JSONDecoder().decode(Least.self, from: data)
    } catch {
      throw VoxelithError(
        .data, "this is not a transform in JSON", file: file,
        advice: "the file needs a 4x4 \"matrix\" that maps fixed to moving points in µm",
        cause: "\(error)")
    }
    for (value, wanted) in [
      (least.from, "fixed"), (least.to, "moving"), (least.unit, "um"), (least.order, "xyz"),
    ] {
      if let value, value != wanted {
        throw VoxelithError(
          .data, "the transform says \"\(value)\" where \"\(wanted)\" is needed", file: file)
      }
    }
    do throws(VoxelithError) {
      let transform = try SpatialTransform(matrix: least.matrix)
      if let full = try? JSONDecoder().decode(TransformDocument.self, from: data) {
        self = full
      } else {
        self.init(transform)
      }
    } catch {
      throw error.located(file: file)
    }
  }

  /// The JSON with sorted keys.
  public func json() throws(VoxelithError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .throw
    do {
      return try encoder.encode(self)
    } catch {
      throw VoxelithError(.internal, "the transform cannot be written as JSON", cause: "\(error)")
    }
  }

  /// The map itself.
  public func transform() throws(VoxelithError) -> SpatialTransform { try SpatialTransform(matrix: matrix) }
}

extension SpatialTransform {
  /// Reads `transform.json`, an ITK `.tfm` or the parameters of elastix, told apart by content.
  ///
  /// - Throws: `missing` where there is no such file, `data` where it is neither.
  public static func read(path: String, micrometresPerITKUnit: Double = 1) throws(VoxelithError)
    -> SpatialTransform
  {
    try read(path: path, micrometresPerITKUnit: micrometresPerITKUnit, depth: 0)
  }

  /// - Parameter depth: files of elastix that led to this one.
  private static func read(
    path: String, micrometresPerITKUnit: Double, depth: Int
  ) throws(VoxelithError) -> SpatialTransform {
    guard depth < 16 else {
      throw VoxelithError(.data, "the transform's initial transforms lead round in a circle", file: path)
    }
    let data = try WholeFile.read(path)
    let start = data.prefix(64).drop { $0 == 32 || $0 == 10 || $0 == 13 || $0 == 9 }
    if start.first == UInt8(ascii: "{") {
      return try TransformDocument(json: data, file: path).transform()
    }
    guard let text = String(bytes: data, encoding: .utf8) else {
      throw VoxelithError(
        .data, "this is neither a transform in JSON nor one of ITK or elastix in text", file: path,
        advice: "write it as .tfm")
    }
    if ElastixTransform.matches(text) {
      return try ElastixTransform.parse(text, micrometresPerUnit: micrometresPerITKUnit, file: path) {
        (name) throws(VoxelithError) in
        let folder = PathName.folder(of: path)
        return try read(
          path: name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name,
          micrometresPerITKUnit: micrometresPerITKUnit, depth: depth + 1)
      }
    }
    return try ITKTransform.parse(text, micrometresPerUnit: micrometresPerITKUnit, file: path)
  }
}
