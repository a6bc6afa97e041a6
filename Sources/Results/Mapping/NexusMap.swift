import Foundation
import Readers
package import Volumetry

/// `map.nxs`: all quantities of a map as one NXdata, and how they came to be as NXprocess, whose note is `map.json`.
///
/// The signal is `lithium` with `lithium_errors`; the others stand beside it under the names of their files. It is made from the folder of a
/// finished map, so that whatever made the map, the file holds what the TIFFs hold.
package enum NexusMap {
  package static let name = "map.nxs"

  private static let units = ["intensity": "counts", "resolution": "um"]
  private static let names = ["li": "lithium", "li_sigma": "lithium_errors"]
  private static let packing = HDF5Packing.deflate(level: 4)

  /// - Parameter grid: of the spectra.
  /// - Throws: `missing` where the folder holds no map; `cannotCreate` where the file exists and may not be replaced.
  package static func write(
    _ folder: String, grid: Grid, overwrite: Bool
  ) throws(VoxelithError) {
    let files = try volumes(folder, of: grid.shape)
    let report = try ResultFile.read(JSONValue.self, folder + "/map.json")
    let output = try HDF5Output(path: folder + "/" + name, overwrite: overwrite)
    do throws(VoxelithError) {
      try output.group("/entry", class: "NXentry")
      try output.attribute("NX_class", .strings(["NXroot"]), of: "/")
      try output.attribute("default", .strings(["entry"]), of: "/")
      try output.attribute("default", .strings(["data"]), of: "/entry")
      try output.group("/entry/data", class: "NXdata")
      for (file, source) in files { try write(source, as: names[file] ?? file, in: output) }
      try output.axes(of: grid, in: "/entry/data", signal: "lithium")
      let others = files.map(\.name).filter { names[$0] == nil }
      try output.attribute("auxiliary_signals", .strings(others), of: "/entry/data")
      try output.attribute("long_name", .strings(["lithium stoichiometry x"]), of: "/entry/data/lithium")
      try output.process(
        program: (name: "voxelith", version: PackageVersion.current),
        note: try SettingsCoding.text(report))
      try output.finish()
    } catch {
      output.abandon()
      throw error
    }
  }

  /// The volumes of a folder on a grid, lithium first.
  private static func volumes(
    _ folder: String, of shape: Shape
  ) throws(VoxelithError) -> [(name: String, source: any VolumeSource)] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let others = entries.filter { $0.hasSuffix(".tif") && $0 != "li.tif" }.map { String($0.dropLast(4)) }
    let found = (entries.contains("li.tif") ? ["li"] : []) + others.sorted()
    guard found.first == "li" else {
      throw VoxelithError(.missing, "there is no map", file: folder + "/li.tif")
    }
    var sources: [(name: String, source: any VolumeSource)] = []
    for name in found {
      let source = try VolumeFile.open(folder + "/" + name + ".tif")
      if source.grid.shape == shape { sources.append((name, source)) }
    }
    return sources
  }

  private static func write(
    _ source: any VolumeSource, as name: String, in output: HDF5Output
  ) throws(VoxelithError) {
    let shape = source.grid.shape
    let path = "/entry/data/" + name
    let array = try HDF5OutputArray(
      path, in: output, type: source.voxelType, shape: [shape.z, shape.y, shape.x],
      chunk: [1, shape.y, shape.x],
      packing: packing)
    for z in 0..<shape.z {
      try Cancellation.poll()
      let slice = try source.read(Region(slices: z..<(z + 1), of: shape))
      try array.write(slice, start: [z, 0, 0], count: [1, shape.y, shape.x])
    }
    array.close()
    if let unit = units[name] { try output.attribute("units", .strings([unit]), of: path) }
  }
}
