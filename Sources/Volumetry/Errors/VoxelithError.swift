/// What went wrong, where, and what to do about it.
///
/// Every function of the package that throws, throws this type. `description` is the one or two
/// lines that a command prints; `code.exitStatus` is the status that it ends with.
public struct VoxelithError: Error, Sendable, Equatable {
  /// The kind of a failure: an open set, so that a caller must always handle an unknown kind.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    public let name: String
    /// Status of the process, after BSD `sysexits.h`.
    public let exitStatus: Int32

    public init(name: String, exitStatus: Int32) {
      self.name = name
      self.exitStatus = exitStatus
    }

    /// Arguments or options that make no sense.
    public static let usage = Code(name: "usage", exitStatus: 64)
    /// A file or an array whose content is wrong.
    public static let data = Code(name: "data", exitStatus: 65)
    /// An input that is not there or cannot be opened.
    public static let missing = Code(name: "missing", exitStatus: 66)
    /// A defect of this package.
    public static let `internal` = Code(name: "internal", exitStatus: 70)
    /// An output that cannot be created, or that exists already.
    public static let cannotCreate = Code(name: "cannot create", exitStatus: 73)
    /// Reading or writing failed after it had begun.
    public static let io = Code(name: "input/output", exitStatus: 74)
    /// The user or the system asked to stop.
    public static let cancelled = Code(name: "cancelled", exitStatus: 130)

    public var description: String { name }
  }

  public let code: Code
  /// What is wrong, without the place.
  public let message: String
  /// File the failure belongs to.
  public let file: String?
  /// Place within the file: a page, a dataset, a line, a voxel.
  public let place: String?
  /// What the user can do.
  public let advice: String?
  /// What a wrapped library said.
  public let cause: String?

  public init(
    _ code: Code, _ message: String, file: String? = nil, place: String? = nil,
    advice: String? = nil, cause: String? = nil
  ) {
    self.code = code
    self.message = message
    self.file = file
    self.place = place
    self.advice = advice
    self.cause = cause
  }

  /// The same error with a file and a place, where it had none.
  public func located(file: String? = nil, place: String? = nil) -> VoxelithError {
    VoxelithError(
      code, message, file: self.file ?? file, place: self.place ?? place, advice: advice,
      cause: cause)
  }
}

extension VoxelithError: CustomStringConvertible {
  /// One line with what and where, and a second one with the advice if there is any.
  public var description: String {
    var line = ""
    if let file { line += "\(file): " }
    if let place { line += "\(place): " }
    line += message
    if let cause, !cause.isEmpty { line += " (\(cause))" }
    if let advice { line += "\n  \(advice)" }
    return line
  }
}
