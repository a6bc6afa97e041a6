import CVoxelith
import Foundation
import Voxelith

/// What a call answers.
///
/// The thread of the call fills it; when that has ended, whoever holds the result reads it.
@safe final class Outcome: @unchecked Sendable {
  let operation: String
  private(set) var arrays: [OwnedArray] = []
  private var notices: [String] = []
  var report = "{}"
  var error: VoxelithError?
  /// Strings that were handed out.
  private var texts: [String: UnsafeMutablePointer<CChar>] = unsafe [:]

  init(_ operation: String) { self.operation = operation }

  deinit { unsafe texts.values.forEach { unsafe free($0) } }

  func add(_ array: OwnedArray) { arrays.append(array) }

  func notice(_ text: String?) {
    if let text, !notices.contains(text) { notices.append(text) }
  }

  /// After an error nothing of a result is left.
  func fail(_ error: VoxelithError) {
    self.error = error
    arrays = []
    report = "{}"
  }

  /// Replaces a piece of text wherever it stands in error, notices and report.
  func replace(_ old: String, with new: String) {
    notices = notices.map { $0.replacing(old, with: new) }
    report = report.replacing(old, with: new)
    if let error {
      self.error = VoxelithError(
        error.code, error.message.replacing(old, with: new), file: error.file?.replacing(old, with: new),
        place: error.place, advice: error.advice?.replacing(old, with: new), cause: error.cause)
    }
  }

  func notice(at index: Int) -> UnsafePointer<CChar>? {
    notices.indices.contains(index) ? unsafe text(notices[index]) : nil
  }

  /// A string that lives as long as this.
  func text(_ value: String) -> UnsafePointer<CChar>? {
    if let known = unsafe texts[value] { return unsafe UnsafePointer(known) }
    let copy = unsafe strdup(value)
    unsafe texts[value] = unsafe copy
    return unsafe copy.map { unsafe UnsafePointer($0) }
  }

  /// Describes an array as C sees it.
  func describe(_ index: Int, in target: UnsafeMutablePointer<VoxelithArray>) -> Bool {
    guard arrays.indices.contains(index) else { return false }
    let array = arrays[index]
    let sides = array.shape + [Int](repeating: 1, count: max(0, 4 - array.shape.count))
    unsafe target.pointee = VoxelithArray()
    unsafe target.pointee.name = unsafe text(array.name)
    unsafe target.pointee.data = unsafe array.address
    unsafe target.pointee.type = ArrayType.code(array.type)
    unsafe target.pointee.rank = Int32(array.shape.count)
    unsafe target.pointee.shape = (Int64(sides[0]), Int64(sides[1]), Int64(sides[2]), Int64(sides[3]))
    guard let grid = array.grid else { return true }
    if grid.hasKnownSpacing {
      unsafe target.pointee.spacing_um = (grid.spacing.z, grid.spacing.y, grid.spacing.x)
    }
    unsafe target.pointee.origin_um = (grid.origin.z, grid.origin.y, grid.origin.x)
    return true
  }
}
