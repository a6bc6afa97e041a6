import Compton
import Foundation
import Live
import Testing
import Volumetry

/// A map with the memory of those before it is the map without, and fits only what changed.
@Suite struct MemoryTests {
  private struct Values: Equatable {
    var x: [UInt32] = []
    var sigma: [UInt32] = []
    var mask: [UInt8] = []
    var good = 0
    /// The summed spectra, which the misfit is judged by.
    var sums = Data()
  }

  private func values(_ stream: PoissonStream, _ memory: MapMemory?, liveTime: Double = 100) throws -> Values
  {
    var map = try LithiumMap(source: try stream.spectra(liveTime: liveTime), calibration: stream.calibration)
    map.memory = memory
    var values = Values()
    var sums = map.emptySums
    let summary = try map.run(resources: Resources(threads: 2), sums: &sums) {
      (_, result) throws(VoxelithError) in
      values.x += result.x.map(\.bitPattern)
      values.sigma += result.sigma.map(\.bitPattern)
      values.mask += result.mask
    }
    values.good = summary.mapped
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    values.sums = try encoder.encode(sums)
    return values
  }

  private func isUsed(_ memory: MapMemory, fitted: Int, kept: Int) -> Bool {
    let use = memory.takeUse()
    return use.fitted == fitted && use.kept == kept
  }

  @Test func onlyWhatChangedIsFitted() throws {
    var stream = try PoissonStream(countsPerFrame: 3000, seed: 9)
    let memory = MapMemory(budget: 64 << 20)
    try stream.addFrame(rows: 0..<10)
    #expect(try values(stream, memory) == values(stream, nil))
    #expect(isUsed(memory, fitted: 400, kept: 0))
    #expect(try values(stream, memory) == values(stream, nil))
    #expect(isUsed(memory, fitted: 0, kept: 400))
    try stream.addFrame(rows: 19..<20)
    #expect(try values(stream, memory) == values(stream, nil))
    let use = memory.takeUse()
    #expect(use.fitted > 0 && use.fitted < 400 && use.fitted + use.kept == 400, "\(use)")
    // Another live time makes other spectra of the background.
    #expect(try values(stream, memory, liveTime: 200) == values(stream, nil, liveTime: 200))
    #expect(memory.takeUse().fitted == 400)
  }

  @Test func aMemoryWithoutRoomFitsAll() throws {
    var stream = try PoissonStream(countsPerFrame: 3000, seed: 10)
    try stream.addFrame()
    let memory = MapMemory(budget: 100)
    for _ in 0..<2 {
      #expect(try values(stream, memory) == values(stream, nil))
      #expect(isUsed(memory, fitted: 400, kept: 0))
    }
  }
}
