import Compton
import Testing
import Volumetry

/// What numbers that are not counts are taken for, and what a map then says.
@Suite struct CountStatisticsTests {
  static let side = 6

  /// Poisson counts of voxels whose x runs along z.
  static func counts(seed: UInt64, perVoxel: Double = 1e5) throws -> [Float] {
    var random = SeededGenerator(seed: seed)
    var result: [Float] = []
    for z in 0..<side {
      let shape = try SharedCovarianceTests.shape(0.2 + 0.1 * Double(z))
      for _ in 0..<(side * side) {
        result += shape.map { Float(random.poisson(perVoxel * $0)) }
      }
    }
    return result
  }

  static func source(_ counts: [Float], liveTime: Double? = 600) throws -> SpectralVolume {
    try SpectralVolume(
      grid: Grid(shape: Shape(z: side, y: side, x: side), spacing: .one), energy: SharedCovarianceTests.axis,
      acquisition: Acquisition(liveTime: liveTime), counts: counts)
  }

  enum Change: String, CaseIterable, CustomTestStringConvertible {
    case none, perSecond, monitor, rebinned, subtracted, overdispersed, multiples

    var testDescription: String { rawValue }

    func apply(_ counts: [Float]) -> [Float] {
      let bins = SharedCovarianceTests.axis.count
      var random = SeededGenerator(seed: 99)
      switch self {
      case .none: return counts
      case .perSecond: return counts.map { $0 / 600 }
      case .monitor: return counts.map { $0 * 37.25 }
      case .multiples: return counts.map { $0 * 4 }
      case .rebinned:
        // A third of a bin lower, by linear interpolation.
        return counts.indices.map { counts[$0] * 0.667 + ($0 % bins + 1 < bins ? counts[$0 + 1] * 0.333 : 0) }
      case .subtracted:
        return counts.map { Float(Double($0) + Double(random.poisson(3000)) - 3000.25) }
      case .overdispersed:
        return counts.map {
          Float(max(0, (Double($0) + random.normal() * Double(2 * $0).squareRoot()).rounded()))
        }
      }
    }

    var kind: CountStatistics.Kind {
      switch self {
      case .none: .counts
      case .perSecond: .perSecond
      case .monitor, .multiples: .scaled
      case .rebinned: .rebinned
      case .subtracted: .subtracted
      case .overdispersed: .overdispersed
      }
    }
  }

  @Test(arguments: Change.allCases) func changesAreFound(_ change: Change) throws {
    for seed in 1...3 {
      let numbers = change.apply(try Self.counts(seed: UInt64(seed)))
      let found = try CountStatistics(try Self.source(numbers))
      #expect(found.kind == change.kind, "\(found)")
      switch change {
      case .none: #expect(abs(found.dispersion - 1) < 0.1 && found.notice == nil)
      case .perSecond: #expect(abs(found.dispersion * 600 - 1) < 0.1)
      case .monitor: #expect(abs(found.dispersion / 37.25 - 1) < 0.1)
      case .multiples: #expect(abs(found.dispersion / 4 - 1) < 0.1)
      case .overdispersed: #expect(abs(found.dispersion / 3 - 1) < 0.15)
      case .rebinned, .subtracted: #expect(found.notice != nil)
      }
    }
  }

  /// Voxels that are full beside such as hold a flat background alone, whose shapes differ.
  @Test(arguments: [0.4, 0.7]) func poresAreNoDispersion(_ porosity: Double) throws {
    let bins = SharedCovarianceTests.axis.count
    for seed in 1...3 {
      var counts = try Self.counts(seed: 30 + UInt64(seed), perVoxel: 1e6)
      var random = SeededGenerator(seed: UInt64(seed))
      for voxel in 0..<(counts.count / bins) where Double.random(in: 0..<1, using: &random) < porosity {
        for bin in (voxel * bins)..<((voxel + 1) * bins) {
          counts[bin] = Float(random.poisson(2e4 / Double(bins)))
        }
      }
      let found = try CountStatistics(try Self.source(counts))
      #expect(found.areCounts && found.notice == nil, "\(found)")
    }
  }

  /// Errors over sigma must stay as they are for counts.
  @Test(arguments: [Change.none, .perSecond, .monitor, .rebinned, .overdispersed])
  func sigmaHoldsForWhatAreNoCounts(_ change: Change) throws {
    let calibration = try SharedCovarianceTests.calibration(seed: 5, counts: 4e8)
    var pulls = Moments()
    for seed in 1...4 {
      let source = try Self.source(change.apply(try Self.counts(seed: 10 + UInt64(seed))))
      let map = try LithiumMap(source: source, calibration: calibration)
      let result = try map.map(Region(whole: source.grid.shape))
      for voxel in result.x.indices where result.x[voxel].isFinite {
        let truth = 0.2 + 0.1 * Double(voxel / (Self.side * Self.side))
        pulls.add((Double(result.x[voxel]) - truth) / Double(result.sigma[voxel]))
      }
    }
    #expect(pulls.count > 800)
    #expect(abs(pulls.standardDeviation - 1) < 0.1, "\(pulls.standardDeviation)")
  }

  @Test func countsPerUnitAreTaken() throws {
    let calibration = try SharedCovarianceTests.calibration(seed: 5, counts: 4e8)
    let counts = try Self.counts(seed: 21)
    let region = Region(whole: Shape(z: Self.side, y: Self.side, x: Self.side))
    let plain = try LithiumMap(source: try Self.source(counts), calibration: calibration).map(region)
    var options = MapOptions()
    options.countsPerUnit = 600
    let told = try LithiumMap(
      source: try Self.source(counts.map { $0 / 600 }), calibration: calibration, options: options)
    #expect(told.counts?.kind == .counts)
    let scaled = try told.map(region)
    for voxel in plain.x.indices {
      #expect(abs(plain.x[voxel] - scaled.x[voxel]) < 1e-3)
      #expect(abs(plain.sigma[voxel] / scaled.sigma[voxel] - 1) < 1e-3)
    }
    for wrong in [0, -1, Double.nan, .infinity] {
      options.countsPerUnit = wrong
      let error = #expect(throws: VoxelithError.self) {
        try LithiumMap(source: try Self.source(counts), calibration: calibration, options: options)
      }
      #expect(error?.code == .usage)
    }
  }

  /// Bins that stop at the range of 16-bit integers are left out, and x stays right.
  @Test func saturatedBinsAreLeftOut() throws {
    let calibration = try SharedCovarianceTests.calibration(seed: 5, counts: 4e8)
    let counts = try Self.counts(seed: 31, perVoxel: 3e6).map { min($0, 65535) }
    #expect(counts.contains(65535))
    let source = try Self.source(counts)
    let map = try LithiumMap(source: source, calibration: calibration)
    #expect(map.counts?.saturation == 65535)
    #expect(map.counts?.notice?.contains("saturated") == true)
    let result = try map.map(Region(whole: source.grid.shape))
    var errors = Moments()
    for voxel in result.x.indices {
      let truth = 0.2 + 0.1 * Double(voxel / (Self.side * Self.side))
      errors.add((Double(result.x[voxel]) - truth) / Double(result.sigma[voxel]))
    }
    #expect(errors.count == counts.count / SharedCovarianceTests.axis.count)
    #expect(
      abs(errors.mean) < 0.8 && errors.standardDeviation < 1.2, "\(errors.mean) \(errors.standardDeviation)")
    // A ratio of windows cannot leave bins out.
    let ratio = try LithiumMap(
      source: source, calibration: calibration, options: MapOptions(method: .sParameter)
    ).map(Region(whole: source.grid.shape))
    #expect(ratio.mask.allSatisfy { $0 == VoxelStatus.badCounts.rawValue })
  }

  /// One voxel, empty and missing numbers: nothing is said, nothing breaks.
  @Test func littleSaysNothing() throws {
    let axis = SharedCovarianceTests.axis
    for value in [Float(0), .nan, -1, 1e30] {
      let one = try SpectralVolume(
        grid: Grid(unscaled: Shape(z: 1, y: 1, x: 1)), energy: axis,
        counts: [Float](repeating: value, count: axis.count))
      #expect(try CountStatistics(one).kind == .unknown)
      let many = try SpectralVolume(
        grid: Grid(unscaled: Shape(z: 3, y: 2, x: 5)), energy: axis,
        counts: [Float](repeating: value, count: 30 * axis.count))
      #expect(try CountStatistics(many).areCounts || value == 1e30)
    }
  }
}
