import Readers
import Results

/// Which files writers of this machine were seen to hold.
///
/// A file that does not say whether it was closed, and was never held where that can be seen, may be written by another machine or without a
/// lock.
package struct WriterTrace {
  private var stamps: [String: FileStamp] = [:]
  private(set) var held: Set<String> = []

  /// Looks at the files that changed, right after they did. A folder ends by other signs.
  package init() {}

  package mutating func note(_ survey: InputSurvey) {
    guard !survey.isFolder else { return }
    for file in survey.files {
      for (path, stamp) in file.stamps where stamps[path] != stamp {
        stamps[path] = stamp
        if (try? WritingState.of(path)) == .open { held.insert(path) }
      }
    }
  }
}
