import Foundation
import Readers
public import Volumetry

/// A list of files whose checksums are taken by a thread of its own, beside the work that reads them.
public final class PendingManifest: Sendable {
  private let outcome = Guarded<Result<InputManifest, VoxelithError>?>(nil)

  /// - Parameter paths: files that the work names; what they lead to is found at once.
  /// - Throws: `missing` where a file or what it leads to is not there.
  public init(_ paths: [String]) throws(VoxelithError) {
    let files = try InputManifest.files(paths)
    let isAtHand = files.allSatisfy { FileStamp($0.path) != nil }
    guard isAtHand, !files.isEmpty else {
      let all = try InputManifest(files: files)
      outcome.change { $0 = .success(all) }
      return
    }
    let outcome = outcome
    let thread = Thread {
      let found = Result { () throws(VoxelithError) in try InputManifest(files: files) }
      outcome.change { $0 = found }
    }
    thread.name = "checksums"
    thread.start()
  }

  /// The list, as soon as it is complete.
  ///
  /// - Throws: `io` where a file cannot be read.
  public func manifest() throws(VoxelithError) -> InputManifest {
    try outcome.wait { $0 }.get()
  }
}
