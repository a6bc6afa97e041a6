/// A source of a file that may still be written while it is read.
protocol GrowingSource {
  /// How far the file has come where it was not closed.
  var writingNotice: String? { get }
}
