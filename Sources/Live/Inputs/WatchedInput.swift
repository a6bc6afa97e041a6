import Foundation
package import Readers
import Results
import Volumetry

/// The files and folders that are watched.
///
/// A folder is all files of spectra in it, in natural order, but for those that others in it show: the parts of a virtual dataset, what links
/// lead to. A file that has several names counts once. A file that is not there yet is waited for, also one that another leads to.
package final class WatchedInput {
  private struct Known {
    let stamp: FileStamp
    /// Whether it holds spectra, and which other files it leads to.
    let holdsSpectra: Bool
    let others: [String]
    let isUnreadable: Bool
    /// Whether all is there that it leads to: files that are not there are none of the others. Nil until it was looked for.
    var isWhole: Bool?
    /// When the file got this stamp, and when it was looked at last.
    let since: ContinuousClock.Instant
    let lookedAt: ContinuousClock.Instant
  }

  private let places: [String]
  private let options: SpectralOpenOptions
  private var known: [String: Known] = [:]

  /// Endings of files that are taken for spectra where they cannot be read.
  private static let endings: Set<String> = ["nxs", "nx5", "h5", "hdf5", "hdf", "hxt"]
  /// Seconds between two looks at a file that leads to some that are not there: a part of the time since it changed, between these.
  private static let pauses = (shortest: 0.3, longest: 10.0, part: 0.25)

  package init(_ places: [String], options: SpectralOpenOptions) {
    self.places = places
    self.options = options
  }

  /// Looks at all places. What cannot be read yet is not there yet.
  package func survey() -> InputSurvey {
    var survey = InputSurvey()
    let folders = Set(places.filter(Self.isFolder))
    var taken = Set(places.filter { !folders.contains($0) }.compactMap { FileMark($0)?.place })
    for place in places {
      guard !folders.contains(place) else {
        survey.isFolder = true
        add(place, to: &survey, taken: &taken)
        continue
      }
      guard FileManager.default.fileExists(atPath: place) else {
        survey.missing.append(place)
        continue
      }
      if let file = file(place, mustHoldSpectra: false) { survey.files.append(file) }
    }
    return survey
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder = ObjCBool(false)
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  private func add(_ folder: String, to survey: inout InputSurvey, taken: inout Set<FileMark.Place>) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let paths = names.filter { !$0.hasPrefix(".") }.sorted { NaturalOrder.precedes($0, $1) }.map {
      PathName.join(folder, $0)
    }
    let found = paths.compactMap { file($0, mustHoldSpectra: true) }
    survey.unreadable += paths.filter { known[$0]?.isUnreadable == true }
    let shown = Set(found.flatMap { one in one.stamps.keys.filter { $0 != one.path }.map(PathName.real) })
    let files = found.filter { !shown.contains(PathName.real($0.path)) }
    // A link gives way to the file itself.
    let links = Set(
      files.map(\.path).filter { (try? FileManager.default.destinationOfSymbolicLink(atPath: $0)) != nil })
    var kept: Set<String> = []
    for path in files.map(\.path).filter({ !links.contains($0) }) + files.map(\.path).filter(links.contains) {
      guard let place = FileMark(path)?.place else { continue }
      if taken.insert(place).inserted { kept.insert(path) } else { survey.aliases.append(path) }
    }
    survey.files += files.filter { kept.contains($0.path) }
  }

  private func file(_ path: String, mustHoldSpectra: Bool) -> InputSurvey.File? {
    guard let stamp = FileStamp(path) else { return nil }
    var facts = known[path]
    if let old = facts, old.stamp == stamp {
      // A file that stays as it is may lead to others that come.
      if !old.others.isEmpty || isDue(old) {
        facts = look(path, stamp, mustHoldSpectra: mustHoldSpectra, since: old.since)
        facts?.isWhole = old.others.isEmpty ? isWhole(path) : nil
      }
    } else {
      facts = look(path, stamp, mustHoldSpectra: mustHoldSpectra, since: .now)
    }
    known[path] = facts
    guard let facts, facts.holdsSpectra else { return nil }
    var stamps = [path: stamp]
    for other in facts.others { stamps[other] = FileStamp(other) }
    return InputSurvey.File(path: path, stamps: stamps)
  }

  private func look(
    _ path: String, _ stamp: FileStamp, mustHoldSpectra: Bool, since: ContinuousClock.Instant
  ) -> Known {
    let holdsSpectra =
      !mustHoldSpectra || SpectralFile.holdsSpectra(path, options: options)
      || SpectralFile.isMultichannel(path)
    return Known(
      stamp: stamp, holdsSpectra: holdsSpectra,
      others: ((try? InputFiles.all(of: [path])) ?? []).filter { $0 != path },
      isUnreadable: !holdsSpectra && Self.endings.contains(PathName.ending(of: path).lowercased())
        && (try? HDF5File.open(path)) == nil,
      isWhole: nil, since: since, lookedAt: .now)
  }

  /// Whether it is time to look again at a file that did not change: the first time when it is still, and then while it is not whole.
  private func isDue(_ known: Known) -> Bool {
    guard known.isWhole != true else { return false }
    let age = known.since.duration(to: .now) / .seconds(1)
    let pause = min(Self.pauses.longest, max(Self.pauses.shortest, Self.pauses.part * age))
    return known.lookedAt.duration(to: .now) / .seconds(1) >= pause
  }

  /// Whether no file is missing that an HDF5 file leads to. Others lead to none.
  private func isWhole(_ path: String) -> Bool {
    guard HDF5File.isHDF5(path) else { return true }
    var options = options
    options.allowsMissing = false
    return (try? SpectralImport.part(path, options: options)) != nil
  }
}
