import Volumetry

/// One of the two ways to compare lattices at every shift.
enum Matcher {
  case correlation(MaskedCorrelation, isSigned: Bool)
  case ratio(CorrelationRatio)

  init?(
    _ feature: CoarseSearch.Feature, fixed: [Float], shape: Shape, movingShape: Shape, classes: Int
  ) throws(VoxelithError) {
    if feature == .classes {
      guard
        let ratio = try CorrelationRatio(
          fixed: fixed, shape: shape, movingShape: movingShape, classes: classes)
      else { return nil }
      self = .ratio(ratio)
    } else {
      self = .correlation(
        try MaskedCorrelation(fixed: fixed, shape: shape, movingShape: movingShape),
        isSigned: feature == .gradient)
    }
  }

  func scores(
    of values: [Float], minimumOverlap: Double, allowsInversion: Bool
  ) throws(VoxelithError) -> ShiftScores? {
    switch self {
    case .correlation(let correlation, let isSigned):
      try correlation.scores(
        of: values, minimumOverlap: minimumOverlap, allowsInversion: allowsInversion && !isSigned)
    case .ratio(let ratio): ratio.scores(of: values, minimumOverlap: minimumOverlap)
    }
  }
}
