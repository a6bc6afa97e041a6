import Readers
import TestSupport
import Testing
import Volumetry

/// The volumes of the shared data against what their README and independent decoders say of them.
@Suite("TIFF real files", .enabled(if: SharedData.isPresent))
struct TIFFRealFilesTests {
  private func open(_ path: String, _ options: VolumeOpenOptions = .init()) throws -> any VolumeSource {
    try VolumeFile.open(SharedData.path(path), options: options)
  }

  @Test func cathodeHasThePhaseFractionsOfItsPaper() throws {
    let source = try open("nmc-nrel/nmc-1-cal_generatedCBD_bridge.tif")
    #expect(source.grid.shape == Shape(z: 251, y: 301, x: 301))
    #expect(source.voxelType == .uint8)
    // The file holds 72 dots per inch, which is a printer's number and no voxel size.
    #expect(!source.grid.hasKnownSpacing)
    #expect(VolumeFile.spacingNotice(source.grid, file: source.name)?.contains("not known") == true)
    guard case .uint8(let values) = try source.readAll() else { Issue.record("not uint8"); return }
    var counts = [Int](repeating: 0, count: 256)
    for value in values { counts[Int(value)] += 1 }
    let fractions = counts.map { Double($0) / Double(values.count) }
    #expect(abs(fractions[0] - 0.4005) < 5e-5)
    #expect(abs(fractions[1] - 0.4995) < 5e-5)
    #expect(abs(fractions[2] - 0.1000) < 5e-5)
  }

  @Test func deflateElectrodeHasThreePhases() throws {
    let source = try open("electrode-taufactor/electrode.tiff")
    #expect(source.grid.shape == Shape(z: 256, y: 256, x: 256))
    guard case .uint8(let values) = try source.readAll() else { Issue.record("not uint8"); return }
    let share = [0, 85, 170].map { value in Double(values.count { $0 == value }) / Double(values.count) }
    // Shares by an independent decoder.
    for (found, wanted) in zip(share, [0.44991737604, 0.40046632290, 0.14961630106]) {
      #expect(abs(found - wanted) < 1e-10)
    }
  }

  @Test func signedVolumes() throws {
    let electrode = try open("nmc-superres/NMC_lr_input.tif")
    #expect(electrode.grid.shape == Shape(z: 128, y: 128, x: 128))
    #expect(electrode.voxelType == .int8)
    #expect(abs(try electrode.mean() - 0.42032527923584) < 1e-12)
    let separator = try open("nmc-superres/Separator_lr_input.tif")
    #expect(separator.grid.shape == Shape(z: 156, y: 75, x: 75))
    #expect(separator.voxelType == .int8)
    #expect(abs(try separator.mean() - 0.3791931623931624) < 1e-12)
  }

  @Test func numberedSlicesByPattern() throws {
    let source = try open(
      "cell-xct/im04*.tif", VolumeOpenOptions(voxelSize: SIMD3(33.97, 33.97, 33.97)))
    #expect(source.grid.shape == Shape(z: 8, y: 728, x: 728))
    #expect(source.grid.spacing == SIMD3(33.97, 33.97, 33.97))
    for (z, name) in [(0, "im041"), (7, "im048")] {
      let slice = try open("cell-xct/\(name).tif")
      let part = try source.read(Region(slices: z..<(z + 1), of: source.grid.shape))
      #expect(part.rawBytes == (try slice.readAll()).rawBytes)
    }
  }

  @Test func folderOfUnlikeSlicesNamesTheOddOne() throws {
    expectClear(failure(of: SharedData.path("cell-xct")), .data, naming: "cell-xct")
  }

  @Test func wideSlicesAndFloats() throws {
    let slice = try open("cell-xct/im_1.tif")
    #expect(slice.grid.shape == Shape(z: 1, y: 576, x: 576))
    #expect(slice.voxelType == .uint16)
    #expect(abs(try slice.mean() - 27307.03905948592) < 1e-8)
    let polymer = try open("polymer-quanfima/polymer_slice.tif")
    #expect(polymer.grid.shape == Shape(z: 1, y: 600, x: 600))
    #expect(polymer.voxelType == .float32)
    // Numbers of an independent decoder.
    let values = try polymer.readAll().doubles()
    #expect(abs((values.min() ?? 0) - (-0.0028450657)) < 1e-9)
    #expect(abs((values.max() ?? 0) - 0.0029717458) < 1e-9)
  }

  @Test func oneBitStacksHaveTheMeansOfTheReadme() throws {
    let folder = "two-phase-openimpala/"
    let stack = try open(folder + "SampleData_2Phase_stack_3d_1bit.tif")
    #expect(stack.grid.shape == Shape(z: 100, y: 100, x: 100))
    #expect(stack.voxelType == .uint8)
    #expect(abs(try stack.mean() - 0.398309) < 5e-7)
    let squared = try open(folder + "SampleData_2Phase_squared.tif")
    #expect(squared.grid.shape == Shape(z: 64, y: 64, x: 64))
    #expect(abs(try squared.mean() - 0.399326) < 5e-7)
    let spheres = try open(folder + "spheres.tif")
    #expect(abs(try spheres.mean() - 0.888024) < 5e-7)
  }

  @Test func rawVolumes() throws {
    let sample = try open(
      "two-phase-openimpala/SampleData_2Phase_stack_3d_uint8.raw",
      VolumeOpenOptions(rawShape: Shape(z: 100, y: 100, x: 100), rawType: .uint8))
    #expect(abs(try sample.mean() - 0.399553) < 5e-7)
    let polymer = try open(
      "polymer-quanfima/polymer3d_8bit_128x128x128.raw",
      VolumeOpenOptions(rawShape: Shape(z: 128, y: 128, x: 128), rawType: .uint8))
    #expect(polymer.grid.shape.count == 128 * 128 * 128)
    #expect(abs(try polymer.mean() - 97.90139818191528) < 1e-10)
  }

  @Test func statisticsDoNotDependOnThreads() throws {
    let source = try open("nmc-superres/NMC_lr_input.tif")
    let one = try VolumeStatistics.compute(source, resources: Resources(threads: 1))
    let four = try VolumeStatistics.compute(source, resources: Resources(threads: 4))
    #expect(one == four)
    #expect(one.count == 128 * 128 * 128)
    #expect(one.histogram.counts.reduce(0, +) == one.count)
    #expect(abs((one.mean ?? 0) - (try source.mean())) < 1e-12)
  }

  @Test func descriptions() throws {
    let stack = try VolumeFile.describe(SharedData.path("nmc-nrel/nmc-1-cal_generatedCBD_bridge.tif"))
    #expect(stack.kind == "tiff")
    #expect(stack.shape == [251, 301, 301])
    #expect(stack.compression == "PackBits")
    #expect(stack.voxelSizeUm == nil)
    let slices = try VolumeFile.describe(SharedData.path("cell-xct/im04*.tif"))
    #expect(slices.kind == "tiff-slices")
    #expect(slices.pages == 8)
    let colours = try VolumeFile.describe(SharedData.path("tiff-corpus/tests/decodedata-rgb-3c-8b.tiff"))
    #expect(colours.channels == 3)
    #expect(colours.notes.contains { $0.contains("RGB") })
  }

  @Test func coloursNeedAChannel() throws {
    let path = SharedData.path("tiff-corpus/tests/decodedata-rgb-3c-8b.tiff")
    expectClear(failure(of: path), .data, naming: "decodedata-rgb-3c-8b.tiff")
    let file = try TIFFFile(path)
    let all = try file.decode(file.pages[0]).values.rawBytes
    for channel in 0..<3 {
      let source = try VolumeFile.open(path, options: VolumeOpenOptions(channel: channel))
      let wanted = stride(from: channel, to: all.count, by: 3).map { all[$0] }
      #expect(try source.readAll().rawBytes == wanted)
    }
    expectClear(failure(of: path, VolumeOpenOptions(channel: 3)), .usage, naming: "decodedata-rgb-3c-8b.tiff")
  }
}
