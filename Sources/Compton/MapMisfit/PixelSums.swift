import Volumetry

/// The summed spectra of a map's groups of pixels: each is made when it is asked for, since all together take ten times the
/// space of the counts.
struct PixelSums {
  private let map: LithiumMap
  private let groups: PixelGroups
  private let sums: [(index: Int, group: CountSums.Group)]
  /// What one voxel of a key of the geometry expects, where groups of that key alone have no spectra of their own.
  private var units: [Int: SummedSpectrum] = [:]
  private var plainKey: [Int?] = []

  var count: Int { sums.count }

  /// - Throws: `data` where a pixel's spectra cannot be made.
  init(_ sums: CountSums, of map: LithiumMap) throws(VoxelithError) {
    self.map = map
    groups = map.pixelGroups
    var kept: [(index: Int, group: CountSums.Group)] = []
    let areAlike = map.analyzers.geometry.keyOfPixel.count == 1
    for (index, group) in sums.groups {
      if areAlike {
        kept.append((index, group))
        plainKey.append(group.weight <= 0 ? map.analyzers.geometry.key(y: 0, x: 0) : nil)
        continue
      }
      let keys = Self.keys(groups.pixels(index), map)
      guard !keys.isEmpty else { continue }
      kept.append((index, group))
      plainKey.append(keys.count == 1 && group.weight <= 0 ? keys[0].key : nil)
    }
    self.sums = kept
    for key in Set(plainKey.compactMap { $0 }) {
      var one = CountSums.Group(bins: sums.bins)
      one.voxels = 1
      units[key] = try map.modelled(one, key: key, share: 1)
    }
  }

  /// Voxels of some of the sums.
  func voxels(_ members: Set<Int>) -> Double {
    members.reduce(0.0) { $0 + Double(sums[$1].group.voxels) }
  }

  /// Place of a sum's group among the groups.
  func group(_ index: Int) -> Int { sums[index].index }

  private static func keys(
    _ pixels: (rows: Range<Int>, columns: Range<Int>), _ map: LithiumMap
  ) -> [(key: Int, pixels: Int)] {
    var keys: [Int: Int] = [:]
    for y in pixels.rows {
      for x in pixels.columns {
        let key = map.analyzers.geometry.key(y: y, x: x)
        if key >= 0 { keys[key, default: 0] += 1 }
      }
    }
    return keys.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The sum of one group with what the model expects of it.
  func spectrum(_ index: Int) throws(VoxelithError) -> SummedSpectrum {
    let (place, group) = sums[index]
    if let key = plainKey[index], let unit = units[key] { return unit.scaled(to: group) }
    let keys = Self.keys(groups.pixels(place), map)
    let alive = keys.reduce(0) { $0 + $1.pixels }
    var result: SummedSpectrum?
    for (key, pixels) in keys {
      let part = try map.modelled(group, key: key, share: Double(pixels) / Double(alive))
      if result == nil { result = part } else { result?.add(part) }
    }
    guard var result else { throw VoxelithError(.internal, "a group without pixels was summed") }
    result.voxels = group.voxels
    return result
  }

  /// The sum of several groups with what the model expects of it.
  func spectrum(_ members: [Int]) throws(VoxelithError) -> SummedSpectrum {
    if let key = plainKey[members[0]], let unit = units[key], members.allSatisfy({ plainKey[$0] == key }) {
      var all = CountSums.Group(bins: sums[members[0]].group.counts.count)
      for index in members { all.merge(sums[index].group) }
      return unit.scaled(to: all)
    }
    var result = try spectrum(members[0])
    for index in members.dropFirst() { result.add(try spectrum(index)) }
    return result
  }

  /// Tests sums of groups against what a joint fit expects at their places.
  ///
  /// - Parameters:
  ///   - members: the groups of each sum, all of one place.
  ///   - place: of each group among the references.
  ///   - relative: whether only what differs from the others counts.
  ///   - least: counts that a sum must pass.
  /// - Returns: nil where a sum has too few counts, has other bins or does not tell its amplitudes.
  func tests(
    _ members: [[Int]], references: [PixelMisfit.Reference], place: [Int], relative: Bool, least: Double
  ) throws(VoxelithError) -> [GroupTest?] {
    var result = [GroupTest?](repeating: nil, count: members.count)
    var model: GroupModel?
    var known: (key: Int, place: Int)?
    var waiting: [Int] = []
    func finish() {
      guard !waiting.isEmpty, let tests = model?.tests(least: least) else { return }
      for (number, test) in zip(waiting, tests) { result[number] = test }
      waiting.removeAll(keepingCapacity: true)
    }
    for (number, own) in members.enumerated() {
      let (key, step) = (plainKey[own[0]], place[own[0]])
      let unit = key.flatMap { key in own.allSatisfy { plainKey[$0] == key } ? units[key] : nil }
      if let key, let unit, known == nil || known?.key != key || known?.place != step {
        finish()
        known = (key, step)
        model = GroupModel(unit, reference: references[step], relative: relative)
      }
      guard unit != nil, model != nil else {
        let spectrum = try spectrum(own)
        if spectrum.total > least {
          result[number] = GroupTest(spectrum, reference: references[step], relative: relative)
        }
        continue
      }
      if waiting.isEmpty { model?.clear() }
      for index in own { model?.add(sums[index].group, to: waiting.count) }
      waiting.append(number)
      if waiting.count == GroupModel.lanes { finish() }
    }
    finish()
    return result
  }

  /// Sums that are told apart in the joint fit: one where all pixels are alike, else neighbours in angle together.
  ///
  /// - Parameter chosen: the sums that take part.
  /// - Returns: the sums, and for each group the place of its sum.
  func joined(_ chosen: [Int]) throws(VoxelithError) -> (sums: [SummedSpectrum], place: [Int]) {
    // Groups that expect the same are one sum.
    var plain: [Int: CountSums.Group] = [:]
    var single: [(spectrum: SummedSpectrum, members: [Int])] = []
    var members: [Int: [Int]] = [:]
    for index in chosen {
      if let key = plainKey[index] {
        if plain[key] == nil { plain[key] = CountSums.Group(bins: sums[index].group.counts.count) }
        plain[key]?.merge(sums[index].group)
        members[key, default: []].append(index)
      } else {
        single.append((try spectrum(index), [index]))
      }
    }
    for (key, group) in plain.sorted(by: { $0.key < $1.key }) {
      if let unit = units[key] { single.append((unit.scaled(to: group), members[key] ?? [])) }
    }
    let angles = single.map(\.spectrum.angle)
    let (low, high) = (angles.min() ?? 0, angles.max() ?? 0)
    let steps = min(24, max(1, Int(((high - low) / 0.2).rounded(.up))))
    var joint = [SummedSpectrum?](repeating: nil, count: steps)
    var place = [Int](repeating: 0, count: sums.count)
    for (spectrum, own) in single {
      let step = high > low ? min(steps - 1, Int((spectrum.angle - low) / (high - low) * Double(steps))) : 0
      for index in own { place[index] = step }
      if joint[step] == nil { joint[step] = spectrum } else { joint[step]?.add(spectrum) }
    }
    var number = [Int](repeating: 0, count: steps)
    var result: [SummedSpectrum] = []
    for step in 0..<steps {
      guard let sum = joint[step] else { continue }
      number[step] = result.count
      result.append(sum)
    }
    return (result, place.map { number[$0] })
  }
}

extension SummedSpectrum {
  /// The same of all voxels of a group, where this is of one voxel.
  fileprivate func scaled(to group: CountSums.Group) -> SummedSpectrum {
    let n = Double(group.voxels)
    func times(_ values: [Double], _ factor: Double) -> [Double] { values.map { $0 * factor } }
    var result = self
    result.voxels = group.voxels
    result.counts = Array(group.counts[firstBin..<(firstBin + bins)])
    result.constant = times(constant, n)
    result.slope = times(slope, n)
    result.offset = times(offset, n)
    result.components = components.map { times($0, n) }
    result.componentVariances = componentVariances.map { times($0, n * n) }
    result.offsetVariance = times(offsetVariance, n * n)
    result.backgroundVariance = times(backgroundVariance, n * n)
    result.constantVariance = times(constantVariance, n * n)
    result.crossCovariance = times(crossCovariance, n * n)
    result.slopeVariance = times(slopeVariance, n * n)
    return result
  }
}
