/// Tells somebody how far a long piece of work has come.
public struct ProgressReporter: Sendable {
  /// One message: `done` of `total` units of the stage named `stage`.
  public struct Update: Sendable {
    public let stage: String
    public let done: Int
    public let total: Int
    /// What a unit is: "blocks", "voxels", "iterations".
    public let unit: String
  }

  private let receive: @Sendable (Update) -> Void

  public init(_ receive: @escaping @Sendable (Update) -> Void) {
    self.receive = receive
  }

  /// Tells nobody.
  public static let silent = ProgressReporter { _ in }

  public func report(_ stage: String, done: Int, of total: Int, unit: String = "blocks") {
    receive(Update(stage: stage, done: done, total: total, unit: unit))
  }
}
