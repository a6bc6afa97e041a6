import Foundation

/// A string for the life of the process.
@safe struct StaticText: @unchecked Sendable {
  let pointer: UnsafePointer<CChar>?

  init(_ text: String) { unsafe pointer = unsafe strdup(text).map { unsafe UnsafePointer($0) } }
}
