import Volumetry

extension BinnedLithiumMap {
  /// What the first pass finds of a box of voxels, x fastest.
  private struct BoxSurvey: Sendable {
    var status: [UInt8]
    var intensity: [Float]
    /// What voxels bring towards the goal.
    var weights: [Float]
    /// Net counts and their standard deviation; empty with fractions.
    var net: [Float] = []
    var noise: [Float] = []
    /// See ``VoxelGrowth/Role``; without fractions it waits for the voxels around.
    var roles: [UInt8] = []

    init(voxels: Int, hasFractions: Bool) {
      status = [UInt8](repeating: 0, count: voxels)
      intensity = [Float](repeating: .nan, count: voxels)
      weights = [Float](repeating: 0, count: voxels)
      if hasFractions {
        roles = status
      } else {
        net = weights
        noise = weights
      }
    }
  }

  /// The same of all voxels.
  struct Survey {
    var status: PagedVolume<UInt8>
    var intensity: PagedVolume<Float>
    var weights: PagedVolume<Float>
    var roles: PagedVolume<UInt8>

    fileprivate init(_ grid: Grid, in memory: WorkingMemory) throws(VoxelithError) {
      status = try PagedVolume(grid: grid, in: memory)
      intensity = try PagedVolume(grid: grid, in: memory)
      weights = try PagedVolume(grid: grid, in: memory)
      roles = try PagedVolume(grid: grid, in: memory)
    }
  }

  /// Counts every voxel.
  func survey(in memory: WorkingMemory, resources: Resources) throws(VoxelithError) -> Survey {
    let grid = map.source.grid
    let result = try Survey(grid, in: memory)
    let seen = map.fractions == nil ? try CountMaps(grid, in: memory) : nil
    var share = resources
    share.memory = resources.memory / 8 * 3
    let plan = try map.plan(share)
    try BlockStream.run(plan.blocks, stage: "count", resources: resources) {
      (block) throws(VoxelithError) in
      try self.survey(block.core)
    } consume: { (block, part) throws(VoxelithError) in
      result.status.paste(part.status, into: block.core)
      result.intensity.paste(part.intensity, into: block.core)
      result.weights.paste(part.weights, into: block.core)
      if seen == nil {
        result.roles.paste(part.roles, into: block.core)
      } else {
        seen?.net.paste(part.net, into: block.core)
        seen?.noise.paste(part.noise, into: block.core)
      }
    }
    seen?.findRoles(result.status.voxels, into: result.roles)
    return result
  }

  private func survey(_ region: Region) throws(VoxelithError) -> BoxSurvey {
    let hasFractions = map.fractions != nil
    let wantsInformation = if case .sigma = options.goal { true } else { false }
    var result = BoxSurvey(voxels: region.count, hasFractions: hasFractions)
    try forEachVoxel(region) { (voxel, _, analyzer, own, counted, scratch) in
      result.status[voxel] = counted.status.rawValue
      guard counted.status == .good, let analyzer else { return }
      let isPlain = own == nil && analyzer.attenuation == nil
      let expected = isPlain ? analyzer.spectra : scratch.spectra
      var known = expected.offsetTotal
      if analyzer.fitsAmounts, let own {
        for (k, component) in analyzer.pixel.components.enumerated() where k + 1 < own.count {
          known += Double(own[k + 1]) * component.reduce(0) { $0 + Double($1.sum()) } * counted.through
        }
      }
      let net = Float(counted.total - known)
      result.intensity[voxel] = Float(
        (counted.total - analyzer.pixel.backgroundTotal) / counted.through)
      result.weights[voxel] =
        wantsInformation
        ? Float(
          analyzer.information(
            total: counted.total, fractions: own, isPlain: isPlain, scratch: scratch)) : max(0, net)
      if let own {
        result.roles[voxel] = (own[0] >= 0.5 ? VoxelGrowth.Role.core : .rim).rawValue
      } else {
        result.net[voxel] = net
        result.noise[voxel] = Float(max(1, counted.total).squareRoot())
      }
    }
    return result
  }
}
