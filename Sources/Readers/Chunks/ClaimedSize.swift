import Foundation
import Volumetry

/// How much a file may claim to hold. What nobody wrote is read as a fill value, so that a description of some bytes can stand for
/// an array that no machine reads to its end.
enum ClaimedSize {
  /// Elements above which an array is never read (4.4e12; at 300 million a second reading takes four hours).
  static let most = 1 << 42
  /// Elements that chunks may lack whatever the others hold, and how many times those that are there beyond that.
  private static let free = 1 << 34
  private static let ratio = 1000

  /// - Throws: `data` where a side of the claim is beyond what can be read.
  static func check(_ shape: [Int], file: String, place: String? = nil) throws(VoxelithError) {
    var count = 1
    for side in shape {
      let (product, isOver) = count.multipliedReportingOverflow(by: side)
      guard !isOver, product <= most else {
        throw VoxelithError(
          .data,
          "\(shape.map(String.init).joined(separator: "x")) elements are more than can be read (\(most))",
          file: file, place: place,
          advice: "the description is damaged, or name a coarser level with --dataset")
      }
      count = product
    }
  }

  /// - Parameters:
  ///   - stored: chunks that are there.
  ///   - total: chunks of the array.
  /// - Throws: `data` where next to nothing of a large array was ever written.
  static func check(
    _ shape: [Int], stored: Int, of total: Int, file: String, place: String? = nil
  ) throws(VoxelithError) {
    try check(shape, file: file, place: place)
    let count = shape.reduce(1, *)
    guard stored < total, count > free, stored < total / ratio else { return }
    throw VoxelithError(
      .data,
      "the array claims \(shape.map(String.init).joined(separator: "x")) elements, and only \(stored) of its \(total) chunks "
        + "were ever written", file: file, place: place,
      advice: "the description is damaged, or the scan was stopped at its beginning")
  }

  /// How many files a folder holds, counted up to a limit.
  static func files(in folder: String, upTo limit: Int) -> Int {
    guard let all = FileManager.default.enumerator(atPath: folder) else { return 0 }
    var count = 0
    while count < limit, all.nextObject() != nil { count += 1 }
    return count
  }
}
