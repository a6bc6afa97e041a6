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
      let array = try PagedArray<Float>(repeating: 0.5, count: Self.count, in: memory)
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
      let array = try PagedArray<Int32>(in: memory)
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

  /// Elements of 9 bytes, 16 apart: a single one is not 16 bytes long.
  @Test func elementsWithPadding() throws {
    struct Padded: BitwiseCopyable {
      var number: Int
      var flag: Bool
    }
    for memory in bothKinds() {
      let array = try PagedArray<Padded>(in: memory)
      for index in 0..<5000 {
        let value = Padded(number: index, flag: index % 3 == 0)
        try array.append(contentsOf: CollectionOfOne(value).span)
      }
      let last = CollectionOfOne(Padded(number: -1, flag: true))
      array.replace(4999..<5000, with: last.span)
      array.replace(10..<10, with: last.span.extracting(0..<0))
      #expect((0..<4999).allSatisfy { array[$0].number == $0 && array[$0].flag == ($0 % 3 == 0) })
      #expect(array[4999].number == -1 && array[4999].flag)
    }
  }

  @Test func oneArrayWhoeverHoldsItAndCopiesOfItsOwn() throws {
    for memory in bothKinds() {
      let original = try PagedArray<UInt16>(repeating: 3, count: 100_000, in: memory)
      let same = original
      let copy = try original.copied()
      copy[99_999] = 4
      same[7] = 9
      #expect(original[99_999] == 3 && copy[99_999] == 4 && copy[0] == 3)
      #expect(original[7] == 9 && copy[7] == 3)
      try same.append(contentsOf: [UInt16](repeating: 5, count: 200_000).span)
      #expect(original.count == 300_000 && original[299_999] == 5 && original[99_999] == 3)
      #expect(copy.count == 100_000)
    }
  }

  /// Threads that write and say so, while the pages of all are let go again and again.
  @Test func slabsOfSeveralThreads() throws {
    let memory = WorkingMemory(pagingIn: WorkingMemory.defaultFolder, resident: 1 << 20)
    let array = try PagedArray<Double>(repeating: 0, count: Self.count, in: memory)
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
    let array = try PagedArray<UInt8>(repeating: 1, count: 48 << 20 + 4096, in: memory)
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

  @Test(arguments: [Shape(z: 1, y: 1, x: 1), Shape(z: 40, y: 90, x: 110)])
  func volumeReadsWhatWasPasted(_ shape: Shape) throws {
    let grid = Grid(shape: shape, spacing: SIMD3(1, 2, 3))
    for memory in bothKinds() {
      var volume = Volume<Float>(grid: grid, repeating: 0)
      let paged = try PagedVolume<Float>(grid: grid, in: memory)
      for slice in 0..<shape.z {
        let region = Region(slices: slice..<(slice + 1), of: shape)
        let values = (0..<region.count).map { Float($0 % 977) + Float(slice) }
        volume.paste(values, into: region)
        paged.paste(values, into: region)
      }
      let middle = Region(
        lower: Shape(z: shape.z / 3, y: shape.y / 4, x: shape.x / 5),
        shape: Shape(z: (shape.z + 1) / 2, y: (shape.y + 1) / 2, x: (shape.x + 1) / 2))
      let patch = (0..<middle.count).map { Float(-$0) }
      volume.paste(patch, into: middle)
      paged.paste(patch, into: middle)
      for region in [Region(whole: shape), middle, Region(slices: 0..<1, of: shape)] {
        #expect(try paged.readFloats(region) == volume.crop(region))
      }
      #expect(throws: VoxelithError.self) { try paged.read(Region(slices: 0..<(shape.z + 1), of: shape)) }
    }
  }

  @Test func quantilesAreThoseOfSortedValues() throws {
    var generator = SeededGenerator(seed: 3)
    let shares = [0, 0.05, 0.25, 0.5, 0.77, 0.95, 1]
    for memory in bothKinds() {
      for count in [0, 1, 2, 3, 1000, 400_000] {
        let values = (0..<count).map { index -> Float in
          switch index % 11 {
          case 3: .nan
          case 5: 0.25
          case 7: -0
          case 9 where index % 5 == 0: index % 2 == 0 ? .infinity : -.infinity
          default: Float(generator.normal()) * (index % 2 == 0 ? 1e-3 : 40)
          }
        }
        let array = try PagedArray<Float>(in: memory)
        try array.append(contentsOf: values.span)
        let all = -Float.infinity...Float.infinity
        for range in [all, Float.leastNonzeroMagnitude...Float.greatestFiniteMagnitude] {
          let known = values.filter { range.contains($0) }.map(Double.init).sorted()
          let found = array.quantiles(shares, within: range)
          for (share, quantile) in zip(shares, found) {
            let wanted = Quantiles.quantile(sorted: known, share)
            #expect(quantile == wanted || quantile.isNaN && wanted.isNaN, "\(count) values, \(share)")
          }
        }
      }
    }
  }

  @Test func medianIsThatOfSortedValues() throws {
    var generator = SeededGenerator(seed: 4)
    for memory in bothKinds() {
      for count in [0, 1, 2, 3, 1000, 1001, 300_000] {
        let values = (0..<count).map { index -> Double in
          switch index % 9 {
          case 2: .nan
          case 4: 0.25
          case 6 where index % 5 == 0: index % 2 == 0 ? .infinity : -.infinity
          default: generator.normal() * (index % 2 == 0 ? 1e-9 : 40)
          }
        }
        let array = try PagedArray<Double>(in: memory)
        try array.append(contentsOf: values.span)
        let (found, wanted) = (array.median(), Quantiles.median(values))
        #expect(found == wanted || found.isNaN && wanted.isNaN, "\(count) values")
      }
    }
  }

  /// Elements that are reached without order bring pages in around them.
  @Test func scatteredAccessIsTold() throws {
    let memory = WorkingMemory(
      pagingIn: WorkingMemory.defaultFolder, resident: 2 << 20, isScattered: true)
    let array = try PagedArray<UInt32>(repeating: 0, count: 12 << 20 + 2048, in: memory)
    var access = ScatteredAccess(count: array.count, bytes: 4, in: memory)
    var generator = SeededGenerator(seed: 6)
    var most = 0
    for round in 0..<5000 {
      let index = Int(generator.next() % UInt64(array.count))
      access.refresh()
      access.reach(index)
      array[index] += 1
      if round % 50 == 0 { most = max(most, try resident(ofMapping: 4 * array.count)) }
    }
    #expect(most > 0 && most < 3 << 20)
    #expect(array.indices.reduce(0) { $0 + Int(array[$1]) } == 5000)
  }
}
