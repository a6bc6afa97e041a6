import Volumetry

/// Reads the slices of a column: grey values less a reference, and the mask if there is one.
///
/// The reference is the grey value of one voxel. It changes no gradient, keeps single precision for
/// what varies, and makes a constant volume exactly zero.
struct TensorReader: Sendable {
  let source: any VolumeSource
  let mask: (any VolumeSource)?
  /// Whether voxels that are not finite are left out.
  let skipsMissing: Bool
  let role: StructureTensorOptions.MaskRole
  let reference: Float

  init(
    source: any VolumeSource, mask: (any VolumeSource)?, role: StructureTensorOptions.MaskRole,
    resources: Resources
  ) throws(VoxelithError) {
    if let mask, mask.grid.shape != source.grid.shape {
      throw VoxelithError(
        .data, "the mask has \(mask.grid.shape) voxels and the volume \(source.grid.shape)",
        file: mask.name, advice: "resample the mask onto the grid of the volume")
    }
    self.source = source
    self.mask = mask
    self.role = mask == nil ? .sample : role
    let corner = try source.readFloats(
      Region(lower: Shape(z: 0, y: 0, x: 0), shape: Shape(z: 1, y: 1, x: 1)))
    reference = corner[0].isFinite ? corner[0] : 0
    var isIncomplete = false
    if source.voxelType.isFloatingPoint {
      isIncomplete = try Self.hasMissing(source, resources: resources)
    }
    skipsMissing = isIncomplete
    if skipsMissing && mask != nil && role == .phase {
      throw VoxelithError(
        .data, "the volume has missing voxels (NaN), which the mask of a phase cannot leave out",
        file: source.name, advice: "use the mask of the sample instead")
    }
  }

  var shape: Shape { source.grid.shape }
  var isMasked: Bool { mask != nil || skipsMissing }
  var masksGradients: Bool { isMasked && role == .sample }

  func read(slice z: Int, tile: TensorTile) throws(VoxelithError) -> TensorSlice {
    let region = Region(
      lower: Shape(z: z, y: tile.input.y.lowerBound, x: tile.input.x.lowerBound),
      shape: Shape(z: 1, y: tile.input.y.count, x: tile.input.x.count))
    var grey = try source.readFloats(region)
    guard isMasked else { return TensorSlice(grey: grey, mask: nil) }
    var weights = [Float](repeating: 1, count: grey.count)
    if let mask {
      let values = try mask.readFloats(region)
      for i in weights.indices where !(values[i] > 0) { weights[i] = 0 }
    }
    if skipsMissing {
      for i in weights.indices where !grey[i].isFinite { weights[i] = 0 }
    }
    if role == .sample {
      for i in weights.indices where weights[i] == 0 { grey[i] = reference }
    }
    return TensorSlice(grey: grey, mask: weights)
  }

  private static func hasMissing(
    _ source: any VolumeSource, resources: Resources
  ) throws(VoxelithError) -> Bool {
    let plan = try BlockPlan(
      shape: source.grid.shape, bytesPerVoxel: 16, memory: resources.memory / 2,
      inFlight: resources.threads + 1, chunk: source.chunkShape,
      minimumBlocks: 4 * resources.threads)
    return try BlockStream.reduce(
      plan.blocks, stage: "looking for missing voxels", resources: resources, into: false
    ) { (block) throws(VoxelithError) in
      try source.readFloats(block.core).contains { !$0.isFinite }
    } combine: {
      $0 = $0 || $1
    }
  }
}

/// One slice of a column as it was read.
struct TensorSlice: Sendable {
  let grey: [Float]
  let mask: [Float]?

  /// Writes some rows into a band of the ring: grey values less a reference, then the mask.
  func store(
    _ band: inout MutableSpan<Float>, rows: Range<Int>, width: Int, layout: RingLayout, slot: Int,
    less reference: Float
  ) {
    for y in rows {
      let start = layout.start(row: y - rows.lowerBound, slot: slot)
      RowKernels.copy(
        grey.span, at: y * width, count: width, into: &band, at: start, less: reference)
      guard let mask else { continue }
      RowKernels.copy(
        mask.span, at: y * width, count: width, into: &band, at: start + layout.pitch)
    }
  }
}
