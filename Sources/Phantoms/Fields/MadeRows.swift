import Volumetry

/// Rows of labels that were made before: a twin asks for them three times, and each takes hundreds of waves.
final class MadeRows: Sendable {
  private let shape: Shape
  private let state: Guarded<State>

  private struct State {
    var labels: [UInt8] = []
    /// Whether each row was made.
    var isMade: [Bool] = []
  }

  /// Voxels up to which a volume is kept.
  private static let most = 16 << 20

  init(_ shape: Shape) {
    self.shape = shape
    state = Guarded(State())
  }

  /// Parts of some rows of a slice, one after another; nil where not all of them were made.
  func rows(z: Int, y: Range<Int>, x: Range<Int>) -> [UInt8]? {
    state.withLock { state in
      let first = z * shape.y
      guard !state.isMade.isEmpty, y.allSatisfy({ state.isMade[first + $0] }) else { return nil }
      return y.flatMap { row in
        let start = (first + row) * shape.x
        return state.labels[(start + x.lowerBound)..<(start + x.upperBound)]
      }
    }
  }

  /// Keeps whole rows of a slice.
  func keep(_ labels: [UInt8], z: Int, y: Range<Int>) {
    guard shape.count <= Self.most else { return }
    state.withLock { state in
      if state.isMade.isEmpty {
        state.labels = [UInt8](repeating: 0, count: shape.count)
        state.isMade = [Bool](repeating: false, count: shape.z * shape.y)
      }
      let start = (z * shape.y + y.lowerBound) * shape.x
      state.labels.replaceSubrange(start..<(start + labels.count), with: labels)
      for row in y { state.isMade[z * shape.y + row] = true }
    }
  }
}
