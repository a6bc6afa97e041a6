import Readers
package import Results
import Volumetry

/// What lies at the places that are watched, at one moment.
package struct InputSurvey: Sendable, Equatable {
  /// One file that holds spectra, with the files that it leads to.
  package struct File: Sendable, Equatable {
    package let path: String
    /// Of all files whose bytes it shows.
    package let stamps: [String: FileStamp]
  }

  /// In the order in which their counts are added.
  package var files: [File] = []
  /// Named, and not there.
  package var missing: [String] = []
  /// Whether more files may come at any time: a folder is watched.
  package var isFolder = false

  /// Other names of files that are there, in folders.
  package var aliases: [String] = []
  /// Files in folders whose names are those of spectra, and which cannot be read.
  package var unreadable: [String] = []

  package var paths: [String] { files.map(\.path) }

  /// What writers did with their files, as far as files tell it.
  package enum Writers {
    /// All say that they were closed.
    case closed
    /// Some do not say it, but their writers were seen to hold them and do so no longer.
    case released
    /// Some are open.
    case open
    /// Some tell nothing.
    case unknown
  }

  package func writers(_ trace: WriterTrace) -> Writers {
    var found = Writers.closed
    for file in files {
      for path in file.stamps.keys {
        switch try? WritingState.of(path) {
        case .closed?: break
        case .unknown?:
          if !trace.held.contains(path) { found = .unknown } else if found == .closed { found = .released }
        case .open?, nil: return .open
        }
      }
    }
    return found
  }
}
