import Compton
import Testing
import Volumetry

/// What a calibration must hold before it is used, since files can be damaged or edited.
@Suite struct CalibrationChecksTests {
  enum Damage: String, CaseIterable, CustomTestStringConvertible {
    case shortCovariance, covarianceOfOneNumber, noSlope, missingNumber, shortSpectrum, newerFormat

    var testDescription: String { rawValue }

    func apply(to calibration: inout Calibration) {
      switch self {
      case .shortCovariance: calibration.methods.sParameter.covariance.removeLast()
      case .covarianceOfOneNumber: calibration.methods.valenceCore?.covariance[1] = [1]
      case .noSlope: calibration.methods.sParameter.slope = 0
      case .missingNumber: calibration.methods.sParameter.covariance[0][1] = .nan
      case .shortSpectrum: calibration.methods.profile.slope.removeLast()
      case .newerFormat: calibration.format += 1
      }
    }
  }

  @Test(arguments: Damage.allCases) func damageIsRefused(_ damage: Damage) throws {
    var calibration = try SharedCovarianceTests.calibration(seed: 1, counts: 1e6)
    try calibration.validate()
    damage.apply(to: &calibration)
    let error = #expect(throws: VoxelithError.self) { try calibration.validate(file: "c.json") }
    #expect(error?.code == .data)
    #expect(error?.file == "c.json")
  }
}
