import Volumetry

extension VoxelGrowth {
  /// Gives voxels without a complete bin to the nearest complete bin beside them, layer by layer.
  mutating func shareOut() throws(VoxelithError) {
    var open = try VoxelQueue(in: labels.memory)
    var owners = ScatteredAccess(
      count: bins.count, bytes: MemoryLayout<Bin>.stride, in: labels.memory)
    for voxel in labels.indices {
      if voxel & 1023 == 0 {
        access.refresh()
        owners.refresh()
      }
      access.reach(voxel)
      guard roles[voxel] != Role.excluded.rawValue else { continue }
      let bin = labels[voxel]
      if bin >= 0 {
        owners.reach(Int(bin))
        if bins[Int(bin)].isComplete { continue }
      }
      try open.push(voxel)
    }
    while open.count > 0 {
      let waiting = open.count
      for _ in 0..<waiting {
        guard let voxel = open.pop() else { break }
        faces.reach(voxel, &access)
        // Below -1 is what the layer will take, so that its voxels do not see one another.
        if let bin = nearestBin(beside: voxel, &owners) { labels[voxel] = -2 - bin }
        try open.push(voxel)
        access.refresh()
        owners.refresh()
      }
      for _ in 0..<waiting {
        guard let voxel = open.pop() else { break }
        access.refresh()
        access.reach(voxel)
        if labels[voxel] < -1 { labels[voxel] = -2 - labels[voxel] } else { try open.push(voxel) }
      }
      if open.count == waiting { break }
    }
  }

  /// The complete bin beside a voxel whose centroid is nearest; of equal ones the first bin.
  private func nearestBin(beside voxel: Int, _ owners: inout ScatteredAccess) -> Int32? {
    let (labels, bins) = (labels, bins)
    let place = faces.place(voxel)
    var best: (distance: Double, bin: Int32)?
    faces.neighbours(voxel) { other in
      let bin = labels[other]
      guard bin >= 0 else { return }
      owners.reach(Int(bin))
      let found = bins[Int(bin)]
      guard found.isComplete else { return }
      let d = place - SIMD3(found.middle.0, found.middle.1, found.middle.2)
      let distance = (d * d).sum()
      if best.map({ distance < $0.distance || (distance == $0.distance && bin < $0.bin) }) ?? true {
        best = (distance, bin)
      }
    }
    return best?.bin
  }

  /// Numbers the bins in the order of their first voxels, without gaps.
  mutating func number() throws(VoxelithError) {
    let memory = labels.memory
    let labels = labels
    let numbers = try PagedArray<Int32>(repeating: -1, count: bins.count, in: memory)
    var owners = ScatteredAccess(count: bins.count, bytes: MemoryLayout<Int32>.stride, in: memory)
    var next: Int32 = 0
    for voxel in labels.indices {
      if voxel & 1023 == 0 {
        owners.refresh()
        access.refresh()
      }
      access.reach(voxel)
      guard labels[voxel] >= 0 else { continue }
      let old = Int(labels[voxel])
      owners.reach(old)
      if numbers[old] < 0 {
        numbers[old] = next
        next += 1
      }
      labels[voxel] = numbers[old]
    }
    count = Int(next)
  }
}
