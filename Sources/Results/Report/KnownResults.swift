import Correlation
import Drawing
import Foundation
import Registration
import Volumetry

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

  /// The map that stands for the folder; of several that lie side by side the first.
  var mainMap: (entry: String, report: MapReport)? { mainMaps.first }

  /// The map of the folder itself, else all; without those that a pipeline makes on the way, as if the active material were
  /// alone, where there are others.
  var mainMaps: [(entry: String, report: MapReport)] {
    let final = maps.filter { !ResultFolder.isPlainMap($0.entry) }
    let own = final.filter { $0.entry == "map/map.json" || $0.entry == "map.json" }
    return !own.isEmpty ? Array(own.prefix(1)) : final.isEmpty ? Array(maps.prefix(1)) : final
  }

  /// What tells one of several main maps from the others; nil where there is one.
  func name(of map: String) -> String? {
    mainMaps.count > 1 ? PathName.folder(of: map) : nil
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
