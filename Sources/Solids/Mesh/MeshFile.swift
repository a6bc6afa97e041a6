import Foundation
import Readers
public import Volumetry

/// Surfaces as files for other programs. Lengths are micrometres in PLY and STL; glTF, which knows metres only, keeps
/// the numbers and says `micrometre` in its extras.
public enum MeshFile: String, Sendable, Hashable, CaseIterable {
  case ply, stl, glb

  /// Writes a surface as PLY (binary), STL (binary) or glTF (one .glb file), as the ending of the path says.
  ///
  /// - Throws: `usage` for another ending, `cannotCreate` where the file exists, `data` where the format cannot count so
  ///   many vertices, triangles or bytes.
  public static func write(_ mesh: Mesh, to path: String, overwrite: Bool = false) throws(VoxelithError) {
    _ = try write(surface: mesh, to: path, overwrite: overwrite, Resources())
  }

  /// Writes a surface layer by layer, with its colours where it has some.
  ///
  /// The volume is read twice, first to count, for PLY and glTF; once for STL.
  ///
  /// - Returns: counts, area and volume.
  /// - Throws: as the other, and what reading throws.
  @discardableResult
  public static func write(
    _ surface: Isosurface, to path: String, overwrite: Bool = false, resources: Resources = Resources()
  ) throws(VoxelithError) -> SurfaceSummary {
    try write(surface: surface, to: path, overwrite: overwrite, resources)
  }

  private static func write(
    surface: some LayeredSurface, to path: String, overwrite: Bool, _ resources: Resources
  ) throws(VoxelithError) -> SurfaceSummary {
    let ending = PathName.ending(of: path).lowercased()
    guard let kind = MeshFile(rawValue: ending) else {
      throw VoxelithError(
        .usage, "a surface cannot be written as '.\(ending)'", file: path,
        advice: "end the name in .ply, .stl or .glb")
    }
    let file = try OutputFile(path, overwrite: overwrite)
    let summary =
      switch kind {
      case .ply: try surface.writePLY(file, resources)
      case .stl: try surface.writeSTL(file, resources)
      case .glb: try surface.writeGLB(file, resources)
      }
    try file.commit()
    return summary
  }

  /// - Throws: `data` where a count is above the largest number that the format can hold.
  static func check(_ count: Int, _ what: String, of path: String) throws(VoxelithError) {
    guard count <= Int(UInt32.max) else {
      let ending = PathName.ending(of: path)
      throw VoxelithError(
        .data, "the surface has \(count) \(what), more than a .\(ending) file can count", file: path,
        advice: ending.lowercased() == "glb"
          ? "end the name in .ply or .stl, or smooth or coarsen the volume" : "smooth or coarsen the volume")
    }
  }
}

extension LayeredSurface {
  /// Counts and sizes from a pass of their own.
  func summary(_ resources: Resources) throws(VoxelithError) -> SurfaceSummary {
    var summary = SurfaceSummary()
    try forEachLayer(resources) { (layer) throws(VoxelithError) in summary.add(layer) }
    if summary.vertices == 0 { (summary.low, summary.high) = (.zero, .zero) }
    return summary
  }
}
