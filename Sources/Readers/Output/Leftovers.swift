import Foundation
public import Volumetry

/// What killed processes left of files and folders that they were writing.
public struct Leftovers: Sendable {
  /// Paths that no process writes to any more.
  public private(set) var dead: [String] = []
  /// Paths that a process of this machine still writes to.
  public private(set) var alive: [String] = []
  /// Paths of other machines, where this one cannot look.
  public private(set) var elsewhere: [String] = []
  /// Folders of results that hold a lock's file.
  private var locked: [String] = []

  /// Looks through a folder and those below it; links are not followed.
  ///
  /// - Throws: `missing` where there is no such folder.
  public init(in folder: String) throws(VoxelithError) {
    var isFolder = ObjCBool(false)
    guard unsafe FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
    else { throw VoxelithError(.missing, "there is no such folder", file: folder) }
    look(folder, depth: 0)
  }

  private mutating func look(_ folder: String, depth: Int) {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    for name in names {
      let path = folder + "/" + name
      if let work = WorkName(name) ?? Self.work(name, in: folder) {
        switch work.owner {
        case .alive: alive.append(path)
        case .dead: dead.append(path)
        case .elsewhere: elsewhere.append(path)
        }
      } else if depth < 64, Self.isRealFolder(path) {
        if name == ".voxelith" { locked.append(folder) }
        look(path, depth: depth + 1)
      }
    }
  }

  /// The folders of a lock: `.voxelith/work/STAGE-MACHINE-PROCESS-BEGIN-NUMBER`.
  private static func work(_ name: String, in folder: String) -> WorkName? {
    guard folder.hasSuffix("/.voxelith/work") else { return nil }
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count > 4 ? WorkName(core: parts.suffix(4).joined(separator: "-")) : nil
  }

  private static func isRealFolder(_ path: String) -> Bool {
    let kind = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    return kind == .typeDirectory
  }

  /// Removes what nobody writes to any more.
  ///
  /// - Parameter otherMachines: also what processes of other machines made; the caller knows that they have ended.
  /// - Returns: the paths.
  /// - Throws: `io` where the system refuses.
  public func remove(otherMachines: Bool = false) throws(VoxelithError) -> [String] {
    let paths = dead + (otherMachines ? elsewhere : [])
    for path in paths {
      do {
        try FileManager.default.removeItem(atPath: path)
      } catch {
        throw VoxelithError(.io, "cannot be removed", file: path, cause: error.localizedDescription)
      }
    }
    // A lock that nobody holds goes when it is taken and released.
    for folder in locked { _ = try? ResultsLock(folder) }
    return paths
  }

  /// Removes the work folders of a locked folder: who holds the lock alone knows that nobody else works there.
  static func removeWork(in folder: String, isAlone: Bool) {
    let work = ResultsLock.workFolder(folder)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: work)) ?? [] {
      guard let found = WorkName(name) ?? Self.work(name, in: work), isAlone || found.owner == .dead else {
        continue
      }
      if found.owner == .alive { continue }
      try? FileManager.default.removeItem(atPath: work + "/" + name)
    }
  }
}
