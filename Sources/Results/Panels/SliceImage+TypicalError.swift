import Drawing
import Volumetry

extension SliceImage {
  /// `median σ of the slice: 0.031`, for a map without a picture of its errors; nil where there is no error.
  var typicalError: RichText? {
    Self.median(values).map { RichText(plain: "median \u{03C3} of the slice: " + ErrorDigits.error($0)) }
  }

  static func median(_ values: [Float]) -> Double? {
    let sorted = values.filter(\.isFinite).map { Double($0) }.sorted()
    return sorted.isEmpty ? nil : Quantiles.quantile(sorted: sorted, 0.5)
  }
}
