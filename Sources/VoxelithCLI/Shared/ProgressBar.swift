import Foundation
import Synchronization
import Voxelith

/// One line on a terminal: stage, bar, units done, rate and time left.
final class ProgressBar: Sendable {
  private struct State {
    var stage = ""
    var started = Date()
    var drawn = Date.distantPast
  }

  private static let isDrawn = Atomic<Bool>(false)
  private let state = Mutex(State())

  /// Removes the bar, so that a message can take its line.
  static func clear() {
    if isDrawn.exchange(false, ordering: .relaxed) {
      FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
  }

  var reporter: ProgressReporter { ProgressReporter { self.show($0) } }

  private func show(_ update: ProgressReporter.Update) {
    let line: String? = state.withLock { state in
      let now = Date()
      if state.stage != update.stage {
        state = State(stage: update.stage, started: now)
      }
      let isLast = update.done >= update.total
      guard isLast || now.timeIntervalSince(state.drawn) > 0.1 else { return nil }
      state.drawn = now
      return Self.line(update, elapsed: now.timeIntervalSince(state.started))
    }
    guard let line else { return }
    if update.done >= update.total {
      Self.clear()
    } else {
      FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
      Self.isDrawn.store(true, ordering: .relaxed)
    }
  }

  static func line(_ update: ProgressReporter.Update, elapsed: Double) -> String {
    let fraction = update.total > 0 ? Double(update.done) / Double(update.total) : 1
    let filled = Int(fraction * 24)
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled)
    var text = "\(update.stage) \(Int(fraction * 100))%|\(bar)| \(update.done)/\(update.total) \(update.unit)"
    if update.done > 0 && elapsed > 0.5 {
      let rate = Double(update.done) / elapsed
      text += ", " + (rate >= 1 ? "\(Int(rate.rounded()))/s" : "\((10 / rate).rounded() / 10) s each")
      text += ", \(duration(Double(update.total - update.done) / rate)) left"
    }
    return text
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 60
      ? "\(whole) s"
      : whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
