import Compton
import Readers
import Results
import Volumetry

/// Compares the gains of exposures as they come; each is looked at once.
final class DriftWatch {
  private let calibration: Calibration
  private var known: [String: ExposureReport.Exposure] = [:]

  init(_ calibration: Calibration) { self.calibration = calibration }

  /// What the exposures so far say; nil where there is only one.
  ///
  /// - Parameter parts: the exposures by what tells each from its earlier states.
  func look(
    _ parts: [(mark: String, part: any DescribedSpectra)], resources: Resources
  ) -> ExposureReport? {
    guard parts.count > 1 else { return nil }
    var exposures: [ExposureReport.Exposure] = []
    var kept: [String: ExposureReport.Exposure] = [:]
    for (mark, part) in parts {
      var own = known[mark]
      if own == nil {
        own = try? ExposureReport.Exposure(part, calibration: calibration, resources: resources)
      }
      guard let own else { continue }
      kept[mark] = own
      exposures.append(own)
    }
    known = kept
    return ExposureReport(exposures)
  }
}
