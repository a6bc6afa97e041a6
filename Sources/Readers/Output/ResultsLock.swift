import Foundation
public import Volumetry

/// One run at a time in a folder of results.
///
/// The lock is the system's (`flock` on `.voxelith/lock`), so it ends with the process that holds it, however that ends.
/// Where the file system has no such locks, a file that names its owner stands for it, and one of a dead process of this
/// machine is taken over. Within one process a folder may be locked again by who holds it.
public final class ResultsLock: Sendable {
  public enum Use: Sendable {
    /// Nobody else may write.
    case alone
    /// Others that make other parts may write, too.
    case shared
  }

  public let folder: String
  private let held: Held
  private static let all = Guarded<[String: Held]>([:])

  /// - Parameter folder: is made where it does not exist.
  /// - Throws: `cannotCreate` where another run holds the folder, naming it, or the folder takes no files.
  public init(_ folder: String, use: Use = .alone) throws(VoxelithError) {
    try OutputFile.prepareFolder(folder)
    self.folder = folder
    let key = PathName.real(folder)
    held = try Self.all.withLock { (all) throws(VoxelithError) in
      if let known = all[key], known.use == .alone || use == .shared {
        known.count += 1
        return known
      }
      let new = try Held(folder, key: key, use: use)
      all[key] = new
      return new
    }
    if use == .alone { Leftovers.removeWork(in: folder, isAlone: !held.isByFile) }
  }

  deinit {
    Self.all.withLock { all in
      held.count -= 1
      guard held.count == 0 else { return }
      if all[held.key] === held { all[held.key] = nil }
      held.release()
    }
  }

  /// A new folder within the locked one for what is being made.
  ///
  /// - Parameter name: what it will become, without slashes.
  public func makeWorkFolder(for name: String) throws(VoxelithError) -> String {
    let path = Self.workFolder(folder) + "/\(name.prefix(100))-\(WorkName.next().core)"
    try OutputFile.prepareFolder(path)
    Unfinished.add(path)
    return path
  }

  static func workFolder(_ folder: String) -> String { folder + "/.voxelith/work" }

  /// Releases every lock of this process, when it ends without waiting for its threads.
  public static func releaseAll() {
    all.withLock { all in
      for held in all.values { held.release() }
      all = [:]
    }
  }
}

/// A lock that is held.
private final class Held: @unchecked Sendable {
  let key: String
  let use: ResultsLock.Use
  let isByFile: Bool
  var count = 1
  private let home: String
  private let descriptor: Int32

  private var path: String { home + "/lock" }

  init(_ folder: String, key: String, use: ResultsLock.Use) throws(VoxelithError) {
    self.key = key
    self.use = use
    home = folder + "/.voxelith"
    let path = home + "/lock"
    for _ in 0..<1000 {
      if unsafe mkdir(home, 0o777) != 0, errno != EEXIST {
        throw VoxelithError(.cannotCreate, "takes no lock", file: folder, cause: systemMessage(errno))
      }
      let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
      // The one before may just have removed the folder.
      if file < 0, errno == ENOENT { continue }
      guard file >= 0 else {
        throw VoxelithError(.cannotCreate, "takes no lock", file: folder, cause: systemMessage(errno))
      }
      if flock(file, (use == .alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 {
        let status = errno
        defer { close(file) }
        if status == EINTR { continue }
        guard status == EWOULDBLOCK else {
          // No locks on this file system.
          try Self.claim(home, folder: folder, use: use)
          isByFile = true
          descriptor = -1
          return
        }
        throw Self.busy(folder, owner: Self.text(of: file))
      }
      guard Self.isStillThere(file, path) else {
        close(file)
        continue
      }
      let text = Self.text(of: file)
      guard text.isEmpty || text.hasPrefix("process ") else {
        close(file)
        throw VoxelithError(
          .cannotCreate, "is in the way of the lock, and voxelith did not write it", file: path,
          advice: "move it away")
      }
      if use == .alone {
        _ = ftruncate(file, 0)
        let text = Array(Self.owner().utf8)
        _ = unsafe pwrite(file, text, text.count, 0)
      }
      descriptor = file
      isByFile = false
      return
    }
    throw VoxelithError(.io, "the lock cannot be had", file: folder)
  }

  /// Whether the file that was locked still has the name: its holder removes it at the end.
  private static func isStillThere(_ file: Int32, _ path: String) -> Bool {
    var (own, named) = (stat(), stat())
    guard unsafe fstat(file, &own) == 0, unsafe stat(path, &named) == 0 else { return false }
    return own.st_ino == named.st_ino && own.st_dev == named.st_dev
  }

  /// A lock for file systems without locks.
  private static func claim(_ home: String, folder: String, use: ResultsLock.Use) throws(VoxelithError) {
    guard use == .alone else { return }
    let path = home + "/owner"
    for _ in 0..<2 {
      do throws(VoxelithError) {
        try OutputFile.write(WorkName.next().core + "\n" + owner(), to: path, overwrite: false)
        return
      } catch {
        guard error.code == .cannotCreate, let data = FileManager.default.contents(atPath: path) else {
          throw error
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", maxSplits: 1)
        let name = lines.first.flatMap { WorkName(core: $0) }
        guard name?.owner == .dead else { throw busy(folder, owner: lines.last.map(String.init) ?? "") }
        unsafe unlink(path)
      }
    }
    throw busy(folder, owner: "")
  }

  private static func owner() -> String {
    let words = CommandLine.arguments.prefix(4).map { PathName.last(of: $0) }
    return "process \(getpid()) on \(ProcessInfo.processInfo.hostName): \(words.joined(separator: " "))"
  }

  private static func text(of file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 300)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, 0) }
    return FileText.decode(bytes.prefix(max(0, count)))
  }

  private static func busy(_ folder: String, owner: String) -> VoxelithError {
    VoxelithError(
      .cannotCreate,
      "another run writes into this folder" + (owner.isEmpty ? "" : " (\(owner))"), file: folder,
      advice: "wait for it to end, or choose another folder")
  }

  func release() {
    if isByFile {
      if use == .alone { unsafe unlink(home + "/owner") }
    } else {
      // The last of several that share removes the file.
      guard descriptor >= 0 else { return }
      if use == .alone || flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.isStillThere(descriptor, path) {
        unsafe unlink(path)
      }
    }
    // The system refuses where anything is left in them.
    for empty in [home + "/work", home] { _ = unsafe rmdir(empty) }
    if descriptor >= 0 { close(descriptor) }
  }
}
