import Foundation
import Readers
import Results
import Volumetry

/// The files and folders that are watched.
///
/// A folder is all files of spectra in it, in natural order, but for those that others in it show: the parts of a virtual dataset, what links
/// lead to. A file that is not there yet is waited for.
final class WatchedInput {
  private struct Known {
    let stamp: FileStamp
    /// Whether it holds spectra, and which other files it leads to.
    let holdsSpectra: Bool
    let others: [String]
  }

  private let places: [String]
  private let options: SpectralOpenOptions
  private var known: [String: Known] = [:]

  init(_ places: [String], options: SpectralOpenOptions) {
    self.places = places
    self.options = options
  }

  /// Looks at all places. What cannot be read yet is not there yet.
  func survey() -> InputSurvey {
    var survey = InputSurvey()
    for place in places {
      var isFolder = ObjCBool(false)
      guard unsafe FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else {
        survey.missing.append(place)
        continue
      }
      guard isFolder.boolValue else {
        if let file = file(place, mustHoldSpectra: false) { survey.files.append(file) }
        continue
      }
      survey.isFolder = true
      survey.files += files(in: place)
    }
    return survey
  }

  private func files(in folder: String) -> [InputSurvey.File] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let paths = names.filter { !$0.hasPrefix(".") }.sorted { NaturalOrder.precedes($0, $1) }.map {
      PathName.join(folder, $0)
    }
    let files = paths.compactMap { file($0, mustHoldSpectra: true) }
    let shown = Set(files.flatMap { one in one.stamps.keys.filter { $0 != one.path }.map(PathName.real) })
    return files.filter { !shown.contains(PathName.real($0.path)) }
  }

  private func file(_ path: String, mustHoldSpectra: Bool) -> InputSurvey.File? {
    guard let stamp = FileStamp(path) else { return nil }
    var facts = known[path]
    if facts?.stamp != stamp || facts?.others.isEmpty == false {
      facts = Known(
        stamp: stamp,
        holdsSpectra: !mustHoldSpectra || SpectralFile.holdsSpectra(path, options: options)
          || SpectralFile.isMultichannel(path),
        others: ((try? InputFiles.all(of: [path])) ?? []).filter { $0 != path })
      known[path] = facts
    }
    guard let facts, facts.holdsSpectra else { return nil }
    var stamps = [path: stamp]
    for other in facts.others { stamps[other] = FileStamp(other) }
    return InputSurvey.File(path: path, stamps: stamps)
  }
}
