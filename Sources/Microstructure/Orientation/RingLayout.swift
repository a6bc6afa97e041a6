/// Where the rows of a ring of slices stand: first all slices of a row, each with its components, then
/// those of the next row. Filters across slices read these rows together, and the memory of a large
/// slice is too far from that of the next for that.
struct RingLayout: Sendable {
  /// Slices that the ring holds.
  let slots: Int
  let components: Int
  /// From one component to the next: an odd number of cache lines, so that the rows read together lie
  /// in different sets of the cache.
  let pitch: Int

  init(width: Int, components: Int, slots: Int) {
    self.slots = slots
    self.components = components
    pitch = Self.pitch(width)
  }

  static func pitch(_ width: Int) -> Int {
    let lines = (width + RowKernels.lanes - 1) / RowKernels.lanes
    return (lines | 1) * RowKernels.lanes
  }

  var slotStride: Int { components * pitch }
  var rowStride: Int { slots * slotStride }

  func start(row: Int, slot: Int) -> Int { row * rowStride + slot * slotStride }
}

/// Work on a band of rows: a slice whose gradients are wanted, as slots of the two rings.
struct GradientSlots: Sendable {
  /// Slot of the gradients.
  let target: Int
  /// Slot of the grey values of the slice itself.
  let center: Int
  /// Slots of the grey values around it, one for each tap along z.
  let reach: [Int]
}
