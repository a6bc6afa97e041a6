import Foundation
import TestSupport
import Testing
import Voxelith

/// Volumes that commands write a second time in a format of ITK, as SimpleITK reads them.
@Suite struct VolumeCopyTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The images of a scan are no channels of one volume.
  @Test func projectionsAreNoSlices() throws {
    let path = folder.file("tomo.h5")
    let output = try HDF5Output(path: path, overwrite: true)
    try output.group("/exchange")
    let array = try HDF5OutputArray(
      "/exchange/data", in: output, type: .uint16, shape: [3, 4, 5], chunk: [3, 4, 5], packing: .none)
    try array.write(.uint16([UInt16](repeating: 7, count: 60)), start: [0, 0, 0], count: [3, 4, 5])
    array.close()
    try output.value("/exchange/theta", .numbers([0, 60, 120]), shape: [3])
    try output.finish()
    let refused = try Program.run(["stack", path, "-o", folder.file("out"), "-q"], in: folder)
    #expect(refused.status == 65 && refused.errors.contains("projections"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
    for option in [["--ignore-gaps"], ["--channel", "1"]] {
      let taken = try Program.run(
        ["stack", path, "-o", folder.file("out" + option[0]), "-q"] + option, in: folder)
      #expect(taken.status == 0, "\(taken.errors)")
    }
  }

  @Test(
    "SimpleITK reads the numbers and the place of the TIFFs in their copies",
    .enabled(
      if: ITKCommandTests.python != nil, "no Python with SimpleITK: make deps-test, or VOXELITH_PYTHON"))
  func copiesAreAlike() throws {
    let grid = Grid(
      shape: Shape(z: 20, y: 22, x: 24), spacing: SIMD3(2, 3, 4), origin: SIMD3(10, -20, 30))
    let field = BlobTwin(
      extent: grid.extent, origin: grid.origin, sizes: 6...20, count: 60,
      matrix: SpatialTransform.identity.matrix, seed: 3
    ).fine(grid: grid, noise: 0.01, seed: 3)
    func write(_ name: String, _ buffer: VoxelBuffer) throws {
      let writer = try VolumeOutput.create(folder.file(name), grid: grid, type: buffer.type)
      try writer.write(buffer, to: Region(whole: grid.shape))
      try writer.finish()
    }
    try write("grey.mha", .float32(field.voxels))
    let middle = field.voxels.sorted()[field.voxels.count / 2]
    try write("labels.mha", .uint8(field.voxels.map { $0 > middle ? 1 : 0 }))
    func run(_ arguments: String...) throws {
      let result = try Program.run(arguments, in: folder)
      #expect(result.status == 0, "\(arguments): \(result.errors)")
    }
    try run(
      "orient", folder.file("grey.mha"), "-o", folder.file("orient"), "--local-voxel-um", "20", "--copies",
      "mha")
    try run(
      "pores", folder.file("labels.mha"), "-o", folder.file("pores"), "--no-correlation", "--copies", "nrrd")
    let script = """
      import SimpleITK as s, numpy as np, sys
      def check(copy, shape, spacing):
          image = s.ReadImage(copy)
          assert image.GetSize() == shape and np.allclose(image.GetSpacing(), spacing), (image.GetSize(), image.GetSpacing())
          return image, s.GetArrayFromImage(image).astype(float)
      full = (24, 22, 20), (2, 3, 4)
      tif = s.ReadImage("orient/anisotropy.tif")
      image, ours = check("orient/anisotropy.mha", *full)
      assert np.array_equal(ours, s.GetArrayFromImage(tif), equal_nan=True)
      assert np.allclose(image.GetOrigin(), (11, -18.5, 32)), image.GetOrigin()
      axes = [check(f"orient/orientation_{a}.mha", *full)[1] for a in "xyz"]
      length = np.sqrt(sum(a * a for a in axes))
      assert np.nanmax(abs(length - 1)) < 1e-4, np.nanmax(abs(length - 1))
      s.ReadImage("orient/cell_order.mha"), s.ReadImage("orient/cell_orientation_z.mha")
      image, ours = check("pores/thickness.nrrd", *full)
      assert np.array_equal(ours, s.GetArrayFromImage(s.ReadImage("pores/thickness.tif")), equal_nan=True)
      assert ours.max() > 0
      """
    let result = try ExternalTools.run(ITKCommandTests.python, ["-c", script], in: folder.path)
    #expect(result.status == 0, "\(result.log)")
    // A copy that is there is not replaced unless told.
    let again = try Program.run(
      ["orient", folder.file("grey.mha"), "-o", folder.file("orient"), "--copies", "mha"], in: folder)
    #expect(again.status == 73, "\(again.errors)")
  }
}
