import Foundation
import Readers
public import Volumetry

/// Surfaces as files for other programs. Lengths are micrometres in PLY and STL; glTF, which knows metres only, keeps
/// the numbers and says `micrometre` in its extras.
public enum MeshFile: String, Sendable, Hashable, CaseIterable {
  case ply, stl, glb

  /// Writes a surface as PLY (binary), STL (binary) or glTF (one .glb file), as the ending of the path says.
  ///
  /// - Throws: `usage` for another ending, `cannotCreate` where the file exists.
  public static func write(_ mesh: Mesh, to path: String, overwrite: Bool = false) throws(VoxelithError) {
    let ending = (path as NSString).pathExtension.lowercased()
    guard let kind = MeshFile(rawValue: ending) else {
      throw VoxelithError(
        .usage, "a surface cannot be written as '.\(ending)'", file: path,
        advice: "end the name in .ply, .stl or .glb")
    }
    try OutputFile.write(kind.encode(mesh), to: path, overwrite: overwrite)
  }

  /// The file in memory.
  public func encode(_ mesh: Mesh) -> [UInt8] {
    switch self {
    case .ply: Self.ply(mesh)
    case .stl: Self.stl(mesh)
    case .glb: Self.glb(mesh)
    }
  }

  private static func ply(_ mesh: Mesh) -> [UInt8] {
    let hasColors = mesh.colors.count == mesh.vertices.count && !mesh.colors.isEmpty
    var header = "ply\nformat binary_little_endian 1.0\ncomment lengths in micrometres\n"
    header += "element vertex \(mesh.vertices.count)\nproperty float x\nproperty float y\nproperty float z\n"
    header += "property float nx\nproperty float ny\nproperty float nz\n"
    if hasColors { header += "property uchar red\nproperty uchar green\nproperty uchar blue\n" }
    header += "element face \(mesh.triangles.count)\nproperty list uchar uint vertex_indices\nend_header\n"
    var bytes = Array(header.utf8)
    for (index, (vertex, normal)) in zip(mesh.vertices, mesh.normals).enumerated() {
      append(vertex, to: &bytes)
      append(normal, to: &bytes)
      if hasColors {
        let (r, g, b, _) = mesh.colors[index].bytes
        bytes += [r, g, b]
      }
    }
    for triangle in mesh.triangles {
      bytes.append(3)
      append(triangle, to: &bytes)
    }
    return bytes
  }

  private static func stl(_ mesh: Mesh) -> [UInt8] {
    var bytes = Array("binary STL, lengths in micrometres".utf8)
    bytes += [UInt8](repeating: 32, count: 80 - bytes.count)
    append(UInt32(mesh.triangles.count), to: &bytes)
    for t in mesh.triangles {
      let (a, b, c) = (mesh.vertices[Int(t.x)], mesh.vertices[Int(t.y)], mesh.vertices[Int(t.z)])
      let u = b - a
      let v = c - a
      var n = SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
      let length = (n * n).sum().squareRoot()
      n = length > 0 ? n / length : .zero
      for vector in [n, a, b, c] { append(vector, to: &bytes) }
      bytes += [0, 0]
    }
    return bytes
  }

  private static func append(_ vector: SIMD3<Float>, to bytes: inout [UInt8]) {
    for axis in 0..<3 { append(vector[axis].bitPattern, to: &bytes) }
  }

  private static func append(_ triangle: SIMD3<UInt32>, to bytes: inout [UInt8]) {
    for corner in 0..<3 { append(triangle[corner], to: &bytes) }
  }

  private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: number))
    bytes.append(UInt8(truncatingIfNeeded: number >> 8))
    bytes.append(UInt8(truncatingIfNeeded: number >> 16))
    bytes.append(UInt8(truncatingIfNeeded: number >> 24))
  }

  /// glTF 2.0 (Khronos Group) in its binary form: a JSON chunk and one buffer.
  private static func glb(_ mesh: Mesh) -> [UInt8] {
    var buffer: [UInt8] = []
    for vertex in mesh.vertices { append(vertex, to: &buffer) }
    for normal in mesh.normals { append(normal, to: &buffer) }
    let hasColors = mesh.colors.count == mesh.vertices.count && !mesh.colors.isEmpty
    if hasColors {
      for color in mesh.colors {
        // Vertex colours of glTF are linear.
        let linear = Color(
          red: Color.linear(color.red), green: Color.linear(color.green), blue: Color.linear(color.blue))
        let (r, g, b, _) = linear.bytes
        buffer += [r, g, b, 255]
      }
    }
    let indexStart = buffer.count
    for triangle in mesh.triangles { append(triangle, to: &buffer) }
    let count = mesh.vertices.count
    var low = SIMD3<Float>(repeating: .infinity)
    var high = SIMD3<Float>(repeating: -.infinity)
    for vertex in mesh.vertices {
      low = pointwiseMin(low, vertex)
      high = pointwiseMax(high, vertex)
    }
    if count == 0 { (low, high) = (.zero, .zero) }
    var views = [
      #"{"buffer":0,"byteOffset":0,"byteLength":\#(12 * count),"target":34962}"#,
      #"{"buffer":0,"byteOffset":\#(12 * count),"byteLength":\#(12 * count),"target":34962}"#,
    ]
    var accessors = [
      #"{"bufferView":0,"componentType":5126,"count":\#(count),"type":"VEC3","min":[\#(low.x),\#(low.y),\#(low.z)],"max":[\#(high.x),\#(high.y),\#(high.z)]}"#,
      #"{"bufferView":1,"componentType":5126,"count":\#(count),"type":"VEC3"}"#,
    ]
    var attributes = #""POSITION":0,"NORMAL":1"#
    if hasColors {
      views.append(#"{"buffer":0,"byteOffset":\#(24 * count),"byteLength":\#(4 * count),"target":34962}"#)
      accessors.append(
        #"{"bufferView":2,"componentType":5121,"normalized":true,"count":\#(count),"type":"VEC4"}"#)
      attributes += #","COLOR_0":2"#
    }
    views.append(
      #"{"buffer":0,"byteOffset":\#(indexStart),"byteLength":\#(12 * mesh.triangles.count),"target":34963}"#)
    accessors.append(
      #"{"bufferView":\#(views.count - 1),"componentType":5125,"count":\#(3 * mesh.triangles.count),"type":"SCALAR"}"#
    )
    var json =
      #"{"asset":{"version":"2.0","generator":"voxelith","extras":{"unit":"micrometre"}},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],"#
      + #""meshes":[{"primitives":[{"attributes":{\#(attributes)},"indices":\#(accessors.count - 1),"material":0}]}],"#
      + #""materials":[{"doubleSided":true,"pbrMetallicRoughness":{"metallicFactor":0,"roughnessFactor":0.7}}],"#
      + #""accessors":[\#(accessors.joined(separator: ","))],"bufferViews":[\#(views.joined(separator: ","))],"#
      + #""buffers":[{"byteLength":\#(buffer.count)}]}"#
    while json.utf8.count % 4 != 0 { json += " " }
    while buffer.count % 4 != 0 { buffer.append(0) }
    var bytes = Array("glTF".utf8)
    append(2, to: &bytes)
    append(UInt32(12 + 8 + json.utf8.count + 8 + buffer.count), to: &bytes)
    append(UInt32(json.utf8.count), to: &bytes)
    bytes += Array("JSON".utf8) + Array(json.utf8)
    append(UInt32(buffer.count), to: &bytes)
    bytes += Array("BIN\0".utf8)
    return bytes + buffer
  }
}
