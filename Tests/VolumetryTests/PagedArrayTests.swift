import Foundation
import TestSupport
import Testing
import Volumetry

@Suite struct PagedArrayTests {
  private static let count = 3_000_000

  /// Both kinds of memory, the second with two megabytes for arrays of twelve.
  private func bothKinds() -> [WorkingMemory] {
    [.unpaged, WorkingMemory(pagingIn: WorkingMemory.defaultFolder, resident: 2 << 20)]
  }

  @Test func holdsWhatIsWritten() throws {
    for memory in bothKinds() {
      var array = try PagedArray<Float>(repeating: 0.5, count: Self.count, in: memory)
      #expect(array[0] == 0.5 && array[Self.count - 1] == 0.5)
      for index in array.indices where index % 7 == 0 {
        array[index] = Float(index)
        if index % 7000 == 0 { memory.touched(4000) }
      }
      memory.touched(8 << 20)
      var wrong = 0
      for index in array.indices where array[index] != (index % 7 == 0 ? Float(index) : 0.5) { wrong += 1 }
      #expect(wrong == 0)
    }
  }

  @Test func growsByAppending() throws {
    for memory in bothKinds() {
      var array = try PagedArray<Int32>(in: memory)
      #expect(array.isEmpty)
      let block = (0..<1000).map { Int32($0) }
      for round in 0..<700 {
        try array.append(contentsOf: [Int32(-round)].span)
        try array.append(contentsOf: block.span)
        memory.touched(4004)
      }
      #expect(array.count == 700 * 1001)
      #expect((0..<700).allSatisfy { array[$0 * 1001] == Int32(-$0) && array[$0 * 1001 + 1000] == 999 })
    }
  }

  @Test func copiesShareUntilMadeUnique() throws {
    for memory in bothKinds() {
      let original = try PagedArray<UInt16>(repeating: 3, count: 100_000, in: memory)
      var copy = original
      try copy.makeUnique()
      copy[99_999] = 4
      #expect(original[99_999] == 3 && copy[99_999] == 4 && copy[0] == 3)
      var longer = original
      try longer.append(contentsOf: [UInt16](repeating: 5, count: 200_000).span)
      #expect(original.count == 100_000 && original[99_999] == 3)
      #expect(longer.count == 300_000 && longer[99_999] == 3 && longer[299_999] == 5)
    }
  }

  /// Threads that write and say so, while the pages of all are let go again and again.
  @Test func slabsOfSeveralThreads() throws {
    let memory = WorkingMemory(pagingIn: WorkingMemory.defaultFolder, resident: 1 << 20)
    var array = try PagedArray<Double>(repeating: 0, count: Self.count, in: memory)
    for _ in 0..<3 {
      var span = array.mutableSpan
      Parallel.forEachSlab(of: &span, stride: 10_000, threads: 4) { slab, values in
        for i in values.indices { values[i] += Double(slab * 10_000 + i) }
        memory.touched(80_000)
      }
    }
    #expect(array.indices.allSatisfy { array[$0] == 3 * Double($0) })
  }

  /// What is resident stays near what is allowed, although the array holds many times more.
  @Test func pagesLeaveTheProcess() throws {
    let memory = WorkingMemory(pagingIn: WorkingMemory.defaultFolder, resident: 2 << 20)
    var array = try PagedArray<UInt8>(repeating: 1, count: 48 << 20 + 4096, in: memory)
    var most = 0
    for start in stride(from: 0, to: 48 << 20, by: 1 << 20) {
      var span = array.mutableSpan
      for index in start..<(start + 1 << 20) { span[index] &+= 1 }
      memory.touched(1 << 20)
      most = max(most, try resident(ofMapping: array.count))
    }
    #expect(most > 0 && most < 12 << 20)
  }

  @Test func folderThatIsMissing() {
    let memory = WorkingMemory(pagingIn: URL(fileURLWithPath: "/nowhere/at/all"), resident: 1 << 20)
    let error = #expect(throws: VoxelithError.self) {
      _ = try PagedArray<UInt8>(repeating: 0, count: 10, in: memory)
    }
    #expect(error?.code == .cannotCreate && error?.advice?.contains("TMPDIR") == true)
  }

  /// Bytes in memory of the page file that is mapped with a length.
  private func resident(ofMapping length: Int) throws -> Int {
    let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
    let text = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
    var isPageFile = false
    var isWanted = false
    for line in text.split(separator: "\n") {
      if line.contains(" rw-s ") { isPageFile = line.contains("voxelith-pages") }
      let fields = line.split(separator: " ")
      guard isPageFile, fields.count == 3, let kilobytes = Int(fields[1]) else { continue }
      if fields[0] == "Size:" { isWanted = kilobytes == length / 1024 }
      if fields[0] == "Rss:" && isWanted { return kilobytes * 1024 }
    }
    return 0
  }
}
