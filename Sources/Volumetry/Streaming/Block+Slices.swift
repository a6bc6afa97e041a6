extension Block {
  /// Blocks of `depth` slices, the last of fewer, for stages that take slices in order and keep what joins them.
  public static func slices(of shape: Shape, depth: Int = 1) -> [Block] {
    stride(from: 0, to: shape.z, by: depth).enumerated().map { index, z in
      let region = Region(slices: z..<min(shape.z, z + depth), of: shape)
      return Block(index: index, core: region, padded: region)
    }
  }
}
