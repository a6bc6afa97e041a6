extension Block {
  /// One block for each slice, for stages that take slices in order and keep what joins them.
  public static func slices(of shape: Shape) -> [Block] {
    (0..<shape.z).map { z in
      let region = Region(slices: z..<(z + 1), of: shape)
      return Block(index: z, core: region, padded: region)
    }
  }
}
