import Readers
import Results
import Volumetry

/// What lies at the places that are watched, at one moment.
struct InputSurvey: Sendable, Equatable {
  /// One file that holds spectra, with the files that it leads to.
  struct File: Sendable, Equatable {
    let path: String
    /// Of all files whose bytes it shows.
    let stamps: [String: FileStamp]
  }

  /// In the order in which their counts are added.
  var files: [File] = []
  /// Named, and not there.
  var missing: [String] = []
  /// Whether more files may come at any time: a folder is watched.
  var isFolder = false

  var paths: [String] { files.map(\.path) }

  /// Whether every writer has closed its file, as far as files tell it.
  var state: WritingState {
    var isKnown = true
    for file in files {
      for path in file.stamps.keys {
        switch try? WritingState.of(path) {
        case .closed?: break
        case .unknown?: isKnown = false
        case .open?, nil: return .open
        }
      }
    }
    return isKnown ? .closed : .unknown
  }
}
