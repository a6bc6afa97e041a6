import Readers
import Volumetry

extension LayeredSurface {
  /// glTF 2.0 (Khronos Group) in its binary form: a JSON chunk and one buffer of positions, normals, colours, triangles.
  func writeGLB(_ file: OutputFile, _ resources: Resources) throws(VoxelithError) -> SurfaceSummary {
    let summary = try summary(resources)
    try MeshFile.check(summary.vertices, "vertices", of: file.path)
    let layout = GLBLayout(summary, hasColors: hasColors)
    let json = layout.json()
    let start = 12 + 8 + json.count + 8
    try MeshFile.check(start + layout.end, "bytes", of: file.path)
    var points = SurfaceSection(file, at: 0)
    try points.put(
      Array("glTF".utf8) + SurfaceSection.bytes(2) + SurfaceSection.bytes(UInt32(start + layout.end)))
    try points.put(SurfaceSection.bytes(UInt32(json.count)) + Array("JSON".utf8) + json)
    try points.put(SurfaceSection.bytes(UInt32(layout.end)) + Array("BIN\0".utf8))
    var normals = SurfaceSection(file, at: start + layout.normals)
    var colors = SurfaceSection(file, at: start + layout.colors)
    var faces = SurfaceSection(file, at: start + layout.triangles)
    var first = 0
    try forEachCompletedLayer(resources) { (layer) throws(VoxelithError) in
      for index in layer.own {
        try points.put(layer.vertices[index])
        try normals.put(layer.normals[index])
        if hasColors { try colors.put(linear(layer.colors[index])) }
      }
      let shift = SIMD3(repeating: UInt32(first - layer.earlier))
      for triangle in layer.triangles { try faces.put(triangle &+ shift) }
      first += layer.own.count
    }
    try points.finish()
    try normals.finish()
    try colors.finish()
    try faces.finish()
    return summary
  }

  /// Vertex colours of glTF are linear.
  private func linear(_ color: Color) -> [UInt8] {
    let (r, g, b, _) = Color(
      red: Color.linear(color.red), green: Color.linear(color.green), blue: Color.linear(color.blue)
    ).bytes
    return [r, g, b, 255]
  }
}

/// Where the parts of a buffer of glTF begin, in bytes, and what its JSON says of them.
private struct GLBLayout {
  let summary: SurfaceSummary
  let hasColors: Bool
  let normals: Int
  let colors: Int
  let triangles: Int
  let end: Int

  init(_ summary: SurfaceSummary, hasColors: Bool) {
    self.summary = summary
    self.hasColors = hasColors
    normals = 12 * summary.vertices
    colors = 24 * summary.vertices
    triangles = colors + (hasColors ? 4 * summary.vertices : 0)
    end = triangles + 12 * summary.triangles
  }

  /// The JSON chunk, filled up to a multiple of four bytes.
  func json() -> [UInt8] {
    let count = summary.vertices
    let (low, high) = (summary.low, summary.high)
    var views = [
      #"{"buffer":0,"byteOffset":0,"byteLength":\#(12 * count),"target":34962}"#,
      #"{"buffer":0,"byteOffset":\#(normals),"byteLength":\#(12 * count),"target":34962}"#,
    ]
    var accessors = [
      #"{"bufferView":0,"componentType":5126,"count":\#(count),"type":"VEC3","min":[\#(low.x),\#(low.y),\#(low.z)],"max":[\#(high.x),\#(high.y),\#(high.z)]}"#,
      #"{"bufferView":1,"componentType":5126,"count":\#(count),"type":"VEC3"}"#,
    ]
    var attributes = #""POSITION":0,"NORMAL":1"#
    if hasColors {
      views.append(#"{"buffer":0,"byteOffset":\#(colors),"byteLength":\#(4 * count),"target":34962}"#)
      accessors.append(
        #"{"bufferView":2,"componentType":5121,"normalized":true,"count":\#(count),"type":"VEC4"}"#)
      attributes += #","COLOR_0":2"#
    }
    views.append(
      #"{"buffer":0,"byteOffset":\#(triangles),"byteLength":\#(12 * summary.triangles),"target":34963}"#)
    accessors.append(
      #"{"bufferView":\#(views.count - 1),"componentType":5125,"count":\#(3 * summary.triangles),"type":"SCALAR"}"#
    )
    var json =
      #"{"asset":{"version":"2.0","generator":"voxelith","extras":{"unit":"micrometre"}},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],"#
      + #""meshes":[{"primitives":[{"attributes":{\#(attributes)},"indices":\#(accessors.count - 1),"material":0}]}],"#
      + #""materials":[{"doubleSided":true,"pbrMetallicRoughness":{"metallicFactor":0,"roughnessFactor":0.7}}],"#
      + #""accessors":[\#(accessors.joined(separator: ","))],"bufferViews":[\#(views.joined(separator: ","))],"#
      + #""buffers":[{"byteLength":\#(end)}]}"#
    while json.utf8.count % 4 != 0 { json += " " }
    return Array(json.utf8)
  }
}
