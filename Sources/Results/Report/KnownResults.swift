import Correlation
import Drawing
import Foundation
import Registration

/// Results by kind, each read back by the type that it was written by, with the entry that it came from: a key that has
/// another name is no key of that type, and the file is shown as plain numbers.
struct KnownResults {
  private(set) var maps: [(entry: String, report: MapReport)] = []
  private(set) var truths: [(entry: String, comparison: TruthComparison)] = []
  private(set) var calibrations: [(entry: String, summary: CalibrationSummary)] = []
  private(set) var registrations: [(entry: String, document: TransformDocument)] = []
  private(set) var correlations: [(entry: String, report: CorrelationReport)] = []
  private(set) var diffusions: [(entry: String, report: DiffusivityReport)] = []
  private(set) var series: [(entry: String, report: SeriesReport)] = []
  private(set) var provenances: [(entry: String, provenance: Provenance)] = []
  private(set) var stages: [(entry: String, record: StageRecord)] = []

  /// The corrected map where there are two.
  var mainMap: (entry: String, report: MapReport)? {
    maps.first { $0.entry == "map/map.json" || $0.entry == "map.json" } ?? maps.first
  }

  /// Of the active material, where all maps have the same.
  var formula: String? {
    let all = Set(maps.compactMap(\.report.formula))
    return all.count == 1 ? all.first : nil
  }

  /// Takes a result that it knows; false for any other.
  mutating func take(_ entry: String, _ data: Data) -> Bool {
    func read<Value: Decodable>(_ type: Value.Type) -> Value? { try? JSONDecoder().decode(type, from: data) }
    if let provenance = read(Provenance.self) {
      provenances.append((entry, provenance))
    } else if let record = read(StageRecord.self) {
      stages.append((entry, record))
    } else if let report = read(MapReport.self) {
      maps.append((entry, report))
    } else if let report = read(SeriesReport.self) {
      series.append((entry, report))
    } else if let report = read(DiffusivityReport.self) {
      diffusions.append((entry, report))
    } else if let comparison = read(TruthComparison.self) {
      truths.append((entry, comparison))
    } else if let report = read(CorrelationReport.self) {
      correlations.append((entry, report))
    } else if let document = read(TransformDocument.self), document.quality != nil {
      registrations.append((entry, document))
    } else if let summary = read(CalibrationSummary.self) {
      calibrations.append((entry, summary))
    } else {
      return false
    }
    return true
  }
}
