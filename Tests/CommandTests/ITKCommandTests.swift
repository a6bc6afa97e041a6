import Foundation
import TestSupport
import Testing
import Voxelith

/// What SimpleITK makes of the files of `register` and `resample`, against what `resample` writes.
@Suite struct ITKCommandTests {
  static let python: String? = {
    let named = ProcessInfo.processInfo.environment["VOXELITH_PYTHON"]
    return [named, ExternalTools.python, "/usr/bin/python3"].compactMap { $0 }.first { path in
      FileManager.default.isExecutableFile(atPath: path)
        && (try? ExternalTools.run(path, ["-c", "import SimpleITK, numpy"]))?.status == 0
    }
  }()
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ volume: Volume<Float>, _ name: String) throws {
    let writer = try VolumeOutput.create(
      folder.file(name), grid: volume.grid, type: .float32, isCompressed: name.hasSuffix(".mha"))
    try writer.write(.float32(volume.voxels), to: Region(whole: volume.shape))
    try writer.finish()
  }

  private func run(_ arguments: String...) throws {
    let result = try Program.run(arguments, in: folder)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
  }

  @Test(
    "SimpleITK, given our .mha, .nrrd and .tfm, resamples to what resample writes; its transforms are read alike",
    .enabled(if: python != nil, "no Python with SimpleITK: make deps-test, or VOXELITH_PYTHON"))
  func resamplesAlike() throws {
    // A fixed volume of five times coarser voxels, both with a place of their own.
    let fixedGrid = Grid(
      shape: Shape(z: 14, y: 15, x: 16), spacing: SIMD3(repeating: 5), origin: SIMD3(40, -30, 20))
    let movingGrid = Grid(
      shape: Shape(z: 80, y: 84, x: 88), spacing: SIMD3(1, 1, 1), origin: SIMD3(-11, 7, 3))
    let truth = SpatialTransform(
      rotationVector: SIMD3(0.05, -0.04, 0.09),
      translation: movingGrid.middle - fixedGrid.middle + SIMD3(3, -2, 1),
      about: fixedGrid.middle)
    let twin = BlobTwin(
      extent: movingGrid.extent, origin: movingGrid.origin, sizes: 3...9, count: 400, matrix: truth.matrix,
      seed: 5)
    let coarse = twin.coarse(grid: fixedGrid, spread: .zero)
    try write(Volume(grid: fixedGrid, voxels: coarse.voxels.map { Float($0) }), "fixed.nrrd")
    try write(twin.fine(grid: movingGrid, noise: 0.02, seed: 5), "moving.mha")
    let (moving, fixed) = (folder.file("moving.mha"), folder.file("fixed.nrrd"))
    try run("register", moving, fixed, "-o", folder.file("t.json"), "--maximum-angle", "10")
    let found = try SpatialTransform.read(path: folder.file("t.json"))
    #expect(found.meanError(against: truth, over: fixedGrid) < 0.5)
    try run(
      "resample", moving, "--like", fixed, "-t", folder.file("t.json"), "-o", folder.file("ours.mha"),
      "--compress")
    let script = """
      import SimpleITK as s, numpy as np
      f, m, ours = (s.ReadImage(p) for p in ("fixed.nrrd", "moving.mha", "ours.mha"))
      t = s.ReadTransform("t.tfm")
      theirs = s.Resample(m, f, t, s.sitkLinear, float("nan"))
      a, b = s.GetArrayFromImage(ours), s.GetArrayFromImage(theirs)
      both = np.isfinite(a) & np.isfinite(b)
      assert both.mean() > 0.8, both.mean()
      assert abs(a - b)[both].max() <= 1e-4 * np.ptp(a[both]), abs(a - b)[both].max()
      assert np.allclose(ours.GetOrigin(), f.GetOrigin()) and np.allclose(ours.GetSpacing(), f.GetSpacing())
      # A transform of their own, and what they make of it.
      e = s.Euler3DTransform(); e.SetCenter((30.0, 20.0, 50.0)); e.SetRotation(0.02, 0.05, -0.03)
      e.SetTranslation(tuple(np.array(m.TransformContinuousIndexToPhysicalPoint((43.5, 41.5, 39.5)))
                             - np.array(f.TransformContinuousIndexToPhysicalPoint((7.5, 7.0, 6.5)))))
      s.WriteTransform(e, "theirs.tfm")
      s.WriteImage(s.Resample(m, f, e, s.sitkLinear, -1000.0), "theirs.mha")
      """
    let first = try ExternalTools.run(Self.python, ["-c", script], in: folder.path)
    #expect(first.status == 0, "\(first.log)")
    try run(
      "resample", moving, "--like", fixed, "-t", folder.file("theirs.tfm"), "-o", folder.file("again.mha"))
    let second = try ExternalTools.run(
      Self.python,
      [
        "-c",
        """
        import SimpleITK as s, numpy as np
        a, b = (s.GetArrayFromImage(s.ReadImage(p)) for p in ("again.mha", "theirs.mha"))
        both = np.isfinite(a) & (b > -999)
        assert both.mean() > 0.5, both.mean()
        assert abs(a - b)[both].max() <= 1e-4 * np.ptp(a[both])
        """,
      ], in: folder.path)
    #expect(second.status == 0, "\(second.log)")
  }

  @Test("labels are resampled by nearest neighbour unless told, and the limit of overlap is checked")
  func labels() throws {
    let grid = Grid(shape: Shape(z: 6, y: 8, x: 8), spacing: .one)
    let (labels, transform) = (folder.file("labels.tif"), folder.file("t.json"))
    let writer = try VolumeOutput.create(labels, grid: grid, type: .uint8)
    try writer.write(.uint8((0..<384).map { UInt8($0 % 2) * 255 }), to: Region(whole: grid.shape))
    try writer.finish()
    try #"{"matrix": [[1,0,0,0.4],[0,1,0,0.2],[0,0,1,0],[0,0,0,1]]}"#.write(
      toFile: transform, atomically: true, encoding: .utf8)
    let plain = try Program.run(
      ["resample", labels, "--like", labels, "-t", transform, "-o", folder.file("a.tif")],
      in: folder)
    #expect(plain.status == 0 && plain.errors.contains("taken as labels"), "\(plain.errors)")
    let values = try VolumeFile.open(folder.file("a.tif")).read(Region(whole: grid.shape))
    #expect(values.type == .uint8 && Set(values.doubles()) == [0, 255])
    let mixed = try Program.run(
      [
        "resample", labels, "--like", labels, "-t", transform, "-o", folder.file("b.tif"),
        "--interpolation", "linear",
      ], in: folder)
    #expect(mixed.status == 0 && !mixed.errors.contains("taken as labels"))
    for options in [
      ["--minimum-overlap", "0"], ["--minimum-overlap", "1.5"], ["--start", transform, "--full-turn"],
    ] {
      let wrong = try Program.run(
        ["register", labels, labels, "-o", folder.file("w.json")] + options, in: folder)
      #expect(wrong.status == 64, "\(wrong.errors)")
    }
    let packed = try Program.run(
      ["resample", labels, "--like", labels, "-o", folder.file("c.tif"), "--compress"], in: folder
    )
    #expect(packed.status == 64)
  }
}
