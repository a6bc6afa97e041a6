import Compton
import Phantoms
import Testing
import Volumetry

/// The judge itself: its figures must follow from what was planted.
@Suite struct ValidationTests {
  static func settings(_ change: (inout ValidationSettings) -> Void) -> ValidationSettings {
    var settings = ValidationSettings()
    settings.voxels = 600
    settings.repeats = 12
    settings.counts = [1e5]
    change(&settings)
    return settings
  }

  static func run(_ settings: ValidationSettings) throws -> [ValidationResult] {
    try Validation(settings).run(resources: Resources())
  }

  @Test func cleanSpectraReachTheBound() throws {
    let results = try Self.run(
      Self.settings {
        $0.kinds = [.clean]
        $0.voxels = 1500
        $0.calibration.sWindows = try? .sParameter(d: 1, r: 5)
      })
    #expect(results.map(\.method) == [.profile, .sParameter, .valenceCore])
    let profile = try #require(results.first)
    #expect(profile.voxels == 1500 && profile.masked == 0 && profile.repeats == 12)
    let part = try #require(profile.relativeErrorOfSpread)
    #expect(abs(try #require(profile.spreadOverBound) - 1) < 0.02 + 3 * part)
    #expect(abs(try #require(profile.spreadOverSigma) - 1) < 0.02 + 3 * part)
    #expect(profile.coverage95.low < 0.95 && profile.coverage95.high > 0.93)
    // The windows of the literature, against the fit.
    #expect(try #require(results[1].spreadOverBound) > 2)
  }

  @Test func ratiosAreWrongOnMixturesAndTheFitIsNot() throws {
    let results = try Self.run(
      Self.settings {
        $0.kinds = [.mixture]
        $0.bench.backgroundFraction = 0.05
        $0.methods = [.profile, .sParameter]
      })
    let profile = try #require(results.first)
    let ratio = try #require(results.last)
    #expect(abs(try #require(profile.bias)) < 4 * (try #require(profile.biasError)))
    #expect(abs(try #require(ratio.biasOverSigma)) > 1)
    #expect(ratio.verdict.bias == .fails && ratio.verdict.coverage == .fails)
  }

  @Test func fractionsWithAnErrorAreUsedForWhatTheyAreWorth() throws {
    let results = try Self.run(
      Self.settings {
        $0.kinds = [.mixture]
        $0.bench.backgroundFraction = 0.05
        $0.counts = [1e6]
        $0.voxels = 1200
        $0.fractionSigma = 0.02
        $0.otherFraction = 0.3...0.4
        $0.methods = [.profile, .profileFree, .sParameterCorrected]
      })
    for result in results {
      let part = try #require(result.relativeErrorOfSpread)
      #expect(abs(try #require(result.spreadOverSigma) - 1) < 0.03 + 3 * part, "\(result.method)")
      guard result.method.map == .profile else { continue }
      #expect(abs(try #require(result.spreadOverBound) - 1) < 0.03 + 3 * part, "\(result.method)")
    }
    // Knowing a little is better than nothing.
    #expect(try #require(results[0].spread) < (try #require(results[1].spread)))
  }

  @Test func anglesOverTheDetectorLeaveNoTrend() throws {
    let result = try #require(
      try Self.run(
        Self.settings {
          $0.kinds = [.clean]
          $0.counts = [1e6]
          $0.voxels = 960
          $0.columns = 16
          $0.bench.angleSpread = 4
          $0.methods = [.profile]
        }
      ).first)
    let trend = try #require(result.trend)
    #expect(abs(trend) < 0.01 + 3 * (try #require(result.trendError)))
    #expect(abs(try #require(result.spreadOverBound) - 1) < 0.15)
  }

  @Test func resultsDoNotDependOnThreadsNorOnTheOtherMethods() throws {
    var settings = Self.settings {
      $0.kinds = [.clean]
      $0.voxels = 60
      $0.counts = [1e4]
    }
    let all = try Validation(settings).run(resources: Resources(threads: 1))
    settings.methods = [.sParameter]
    let one = try Validation(settings).run(resources: Resources(threads: 4))
    #expect(one == all.filter { $0.method == .sParameter })
  }

  @Test func errorsOfStandardsCountForTheBound() throws {
    let poor = try Self.run(
      Self.settings {
        $0.kinds = [.clean]
        $0.methods = [.profile]
        $0.counts = [1e6]
        $0.standardCounts = 4e6
      })
    let result = try #require(poor.first)
    let plain = try #require(result.spreadOverBound)
    let full = try #require(result.spreadOverBoundWithStandards)
    #expect(full < 0.95 * plain, "\(plain) \(full)")
    #expect(try #require(result.meanSharedSigma) > 0.1 * (try #require(result.meanSigma)))
  }

  @Test func voxelsWithoutValueAreCountedAndNothingIsClaimed() throws {
    let settings = Self.settings {
      $0.kinds = [.clean]
      $0.counts = [20]
      $0.voxels = 12
      $0.standardCounts = 1e8
      $0.methods = [.profile]
    }
    let result = try #require(try Self.run(settings).first)
    #expect(result.voxels == 0 && result.masked == 12)
    #expect(result.bias == nil && result.coverage95.low == 0 && result.coverage95.high == 1)
    #expect(result.verdict.all.allSatisfy { $0 == .undecided })
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5])
  func settingsThatMakeNoSenseAreRefused(_ which: Int) {
    let settings = Self.settings {
      switch which {
      case 0: $0.voxels = 0
      case 1: $0.repeats = 10_000
      case 2: $0.counts = [-1]
      case 3: $0.otherFraction = 0.2...1.5
      case 4: $0.phases = []
      default: $0.fractionSigma = .nan
      }
    }
    #expect(throws: VoxelithError.self) { try Validation(settings) }
  }
}
