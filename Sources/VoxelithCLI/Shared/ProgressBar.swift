import Foundation
import Voxelith

/// One line on a terminal: stage, bar, units done, rate and time left.
///
/// The line never reaches the last column of the terminal, so that it does not wrap; what does not fit is left out.
final class ProgressBar: Sendable {
  private struct State {
    var stage = ""
    var started = Date()
    var drawn = Date.distantPast
  }

  /// Whether a bar stands on the terminal. All writing to standard error happens under this lock, so that no message
  /// of another thread lands in the middle of a bar.
  private static let isDrawn = Guarded(false)
  private let state = Guarded(State())

  /// Whether standard error is a terminal that knows how to erase a line.
  static var isPossible: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// Removes the bar.
  static func clear() {
    clear(before: {})
  }

  /// Removes the bar and lets a message take its line.
  static func clear(before write: () -> Void) {
    isDrawn.withLock { isDrawn in
      if isDrawn { StandardStreams.complain([UInt8]("\r\u{1B}[K".utf8)) }
      isDrawn = false
      write()
    }
  }

  var reporter: ProgressReporter { ProgressReporter { self.show($0) } }

  private func show(_ update: ProgressReporter.Update) {
    if update.done >= update.total { return Self.clear() }
    let elapsed: Double? = state.withLock { state in
      let now = Date()
      if state.stage != update.stage {
        state = State(stage: update.stage, started: now)
      }
      guard now.timeIntervalSince(state.drawn) > 0.1 else { return nil }
      state.drawn = now
      return now.timeIntervalSince(state.started)
    }
    guard let elapsed else { return }
    let line = Self.line(update, elapsed: elapsed, width: Self.columns - 1)
    Self.isDrawn.withLock { isDrawn in
      StandardStreams.complain([UInt8]("\r\u{1B}[K\(line)".utf8))
      isDrawn = true
    }
  }

  /// Columns of the terminal now.
  private static var columns: Int {
    var size = winsize()
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// The longest form of the line that fits.
  static func line(_ update: ProgressReporter.Update, elapsed: Double, width: Int) -> String {
    let fraction = update.total > 0 ? Double(update.done) / Double(update.total) : 1
    let head = "\(update.stage) \(Int(fraction * 100))%"
    let count = " \(update.done)/\(update.total) \(update.unit)"
    var forms = [count, ""]
    if update.done > 0 && elapsed > 0.5 {
      let rate = Double(update.done) / elapsed
      let left = ", \(duration(Double(update.total - update.done) / rate)) left"
      let speed = ", " + (rate >= 1 ? "\(Int(rate.rounded()))/s" : "\((10 / rate).rounded() / 10) s each")
      forms = [count + speed + left, count + left, left, ""]
    }
    for tail in forms {
      let cells = min(24, width - head.count - tail.count - 2)
      guard cells >= 8 else { continue }
      let filled = Int(fraction * Double(cells))
      return head + "|" + String(repeating: "#", count: filled)
        + String(repeating: "-", count: cells - filled)
        + "|" + tail
    }
    return String(head.prefix(max(0, width)))
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded(.up))
    return whole < 60
      ? "\(whole) s"
      : whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
