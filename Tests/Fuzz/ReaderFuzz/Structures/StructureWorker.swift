import AllocationWatch
import Foundation
import Voxelith

/// Reads structures one after another and compares what comes with what must come.
struct StructureWorker {
  let folder: String
  let seed: UInt64

  func run(_ numbers: Range<Int>) throws {
    let journal = try Journal(writing: folder + "/journal-" + FuzzTarget.structure.rawValue)
    let room = folder + "/structure"
    for number in numbers {
      var state = journal.state
      state.number = number
      try journal.put(state)
      try? FileManager.default.removeItem(atPath: room)
      try OutputFile.prepareFolder(room)
      var structure = Structure(number, seed: seed)
      let path: String
      let dataset: String?
      let bytes: Int
      do {
        (path, dataset, bytes) = try structure.write(to: room)
      } catch let error as VoxelithError where error.code == .io {
        // The library writes no chunk that is longer than its index can tell.
        state.refused += 1
        try journal.put(state)
        continue
      }
      allocation_watch_begin()
      do throws(VoxelithError) {
        try compare(path, dataset, structure, journal)
        state.read += 1
      } catch {
        state.refused += 1
        if error.code == .internal { try journal.note(number, "internal", error.description) }
        if case .values = structure.expectation { try journal.note(number, "refused", error.description) }
      }
      let peak = allocation_watch_peak()
      if peak > state.peak { (state.peak, state.peakSize) = (peak, bytes) }
      if peak > Worker.allowance(size: bytes) {
        try journal.note(number, "allocation", "\(peak) bytes for \(bytes)")
      }
      try journal.put(state)
    }
    try? FileManager.default.removeItem(atPath: room)
  }

  private func compare(
    _ path: String, _ dataset: String?, _ structure: Structure, _ journal: Journal
  ) throws(VoxelithError) {
    let source = try VolumeFile.open(path, options: VolumeOpenOptions(dataset: dataset, threads: 2))
    let shape = source.grid.shape
    // A box that cuts chunks, and then all of it, part of which comes out of the cache.
    let half = Shape(z: (shape.z + 1) / 2, y: (shape.y + 1) / 2, x: (shape.x + 1) / 2)
    let corner = try source.read(Region(lower: Shape(z: 0, y: 0, x: 0), shape: half)).doubles()
    let all = try source.read(Region(whole: shape)).doubles()
    if case .anything = structure.expectation { return }
    var problem: String?
    if case .refusal = structure.expectation { problem = "a chunk of another length was read without a word" }
    if all != structure.values { problem = "the numbers are others than were written" }
    for z in 0..<half.z {
      for y in 0..<half.y {
        for x in 0..<half.x
        where corner[half.index(z: z, y: y, x: x)] != structure.values[shape.index(z: z, y: y, x: x)] {
          problem = "a box has other numbers than were written"
        }
      }
    }
    if let problem { try? journal.note(structure.number, "wrong", problem) }
  }
}
