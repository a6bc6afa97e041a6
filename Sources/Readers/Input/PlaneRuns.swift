import Volumetry

/// Where the rows of a box lie in a file whose planes are stored row after row.
///
/// Rows and planes that are neighbours both in the file and in the box are merged, so that a box of
/// whole planes is one run where the file holds the planes one after the other.
struct PlaneRuns {
  struct Run: Equatable {
    /// First byte in the file.
    var file: Int
    /// First byte in the box.
    var box: Int
    var count: Int
  }

  private(set) var runs: [Run] = []

  /// - Parameters:
  ///   - planeOffset: first byte of plane z in the file.
  init(of region: Region, in shape: Shape, elementSize: Int, planeOffset: (Int) -> Int) {
    let row = region.shape.x * elementSize
    let wholeRows = region.shape.x == shape.x
    var box = 0
    for z in region.z {
      let plane = planeOffset(z)
      if wholeRows {
        append(
          file: plane + region.lower.y * shape.x * elementSize, box: box, count: region.shape.y * row)
        box += region.shape.y * row
      } else {
        for y in region.y {
          append(file: plane + (y * shape.x + region.lower.x) * elementSize, box: box, count: row)
          box += row
        }
      }
    }
  }

  private mutating func append(file: Int, box: Int, count: Int) {
    if let last = runs.last, last.file + last.count == file, last.box + last.count == box {
      runs[runs.count - 1].count += count
    } else {
      runs.append(Run(file: file, box: box, count: count))
    }
  }

  /// The runs cut to at most `limit` bytes each (a multiple of every element size).
  func cut(to limit: Int) -> [Run] {
    var pieces: [Run] = []
    pieces.reserveCapacity(runs.count)
    for run in runs {
      for start in stride(from: 0, to: run.count, by: limit) {
        pieces.append(
          Run(file: run.file + start, box: run.box + start, count: min(limit, run.count - start)))
      }
    }
    return pieces
  }
}
