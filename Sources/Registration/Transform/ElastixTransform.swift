public import Volumetry

/// The text format of elastix, `TransformParameters.0.txt`: lines of `(Name value value ...)`.
///
/// elastix is built on ITK and maps fixed to moving points in the same sense.
public enum ElastixTransform {
  /// Whether a text is such a file.
  public static func matches(_ text: String) -> Bool {
    text.contains("(TransformParameters ") && text.contains("(Transform ")
  }

  /// Reads one transform.
  ///
  /// Known: EulerTransform, TranslationTransform, SimilarityTransform, AffineTransform, of volumes.
  ///
  /// - Parameter initial: reads the file that the transform comes after, by the name given in it; elastix applies it
  ///   first.
  /// - Throws: `data` where a line is missing or the transform is of another kind.
  public static func parse(
    _ text: String, micrometresPerUnit: Double = 1, file: String? = nil,
    initial: (String) throws(VoxelithError) -> SpatialTransform
  ) throws(VoxelithError) -> SpatialTransform {
    func bad(_ what: String, _ advice: String? = nil) -> VoxelithError {
      VoxelithError(.data, what, file: file, advice: advice)
    }
    var fields: [String: [String]] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      guard line.hasPrefix("("), let end = line.lastIndex(of: ")") else { continue }
      let words = line[line.index(after: line.startIndex)..<end].split(separator: " ")
        .map { $0.filter { $0 != "\"" } }
      if let name = words.first { fields[String(name)] = words.dropFirst().map { String($0) } }
    }
    func numbers(_ name: String) throws(VoxelithError) -> [Double] {
      var result: [Double] = []
      for word in fields[name] ?? [] {
        guard let value = Double(word), value.isFinite else {
          throw bad("\"\(word)\" in \(name) is not a number")
        }
        result.append(value)
      }
      return result
    }
    let p = try numbers("TransformParameters")
    let center = try numbers("CenterOfRotationPoint")
    let kind = fields["Transform"]?.first ?? ""
    let isZYX = fields["ComputeZYX"]?.first == "true"
    let itk: String
    switch (kind, p.count) {
    case ("EulerTransform", 6): itk = "Euler3DTransform"
    case ("TranslationTransform", 3): itk = "TranslationTransform"
    case ("SimilarityTransform", 7): itk = "Similarity3DTransform"
    case ("AffineTransform", 12): itk = "AffineTransform"
    default:
      throw bad(
        "the transform \(kind) of \(p.count) parameters is not known here",
        "EulerTransform, TranslationTransform, SimilarityTransform and AffineTransform of volumes are read")
    }
    guard center.isEmpty || center.count == 3 else { throw bad("CenterOfRotationPoint needs three numbers") }
    let own: SpatialTransform
    do throws(VoxelithError) {
      own = try ITKTransform.decode("\(itk)_double_3_3", p, center + (center.isEmpty ? [] : [isZYX ? 1 : 0]))
    } catch {
      throw error.located(file: file)
    }
    var result = SpatialTransform(linear: own.linear, translation: own.translation * micrometresPerUnit)
    let before =
      fields["InitialTransformParameterFileName"]?.first
      ?? fields["InitialTransformParametersFileName"]?.first
    if let before, before != "NoInitialTransform" {
      guard fields["HowToCombineTransforms"]?.first ?? "Compose" == "Compose" else {
        throw bad("transforms that are added instead of composed are not known here")
      }
      result = result.composed(after: try initial(before))
    }
    return result
  }
}
