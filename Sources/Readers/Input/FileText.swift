/// Text as files spell it.
enum FileText {
  /// UTF-8, or else Latin-1, which old files use for the micro sign.
  static func decode(_ bytes: some Collection<UInt8>) -> String {
    String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }
}
