import Foundation
import Volumetry

extension Containment {
  /// Looks at what a volume or spectra by this name lead to, before they are opened; what an HDF5 file leads to is looked
  /// at when it is opened.
  static func admit(closureOf path: String) throws(VoxelithError) {
    if case .silent = policy { return }
    if case .refuse = policy, (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil {
      try admit([ClosureEntry(path: path, way: .link, from: path)])
    }
    guard !HDF5File.isHDF5(path), let entries = try? InputClosure.entries(of: [path]) else { return }
    try admit(entries)
  }
}
