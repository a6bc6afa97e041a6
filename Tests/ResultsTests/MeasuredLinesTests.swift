import Compton
import Correlation
import Drawing
import Microstructure
import Phantoms
import Readers
import Registration
import Results
import TestSupport
import Testing
import Transport
import Volumetry

/// Gain and offset of a measured detector: an xspress3 spectrum of Diamond's I18 beamline at 13.0 keV, four pixels of
/// 4096 channels that are 10 eV wide by its settings.
@Suite(.enabled(if: SharedData.isPresent)) struct MeasuredLinesTests {
  private func calibrate(_ lines: [String]) throws -> PixelCalibration {
    var open = SpectralOpenOptions()
    open.dataset = "entry1/xspress3/AllElementSum"
    let source = try DetectorSpectra.open(
      SharedData.path("nexus/i18_test_data.nxs"), options: open, axis: (0, 1))
    let options = try EnergyCalibrationOptions(
      lines: lines.map { try EmissionLine($0) }, resolution: 0.16, gainRange: 0.008...0.012,
      offsetRange: -0.2...0.2)
    return try PixelCalibration(source, options: options, resources: Resources())
  }

  @Test func fluorescenceAndElasticLineAgree() throws {
    let found = try calibrate(["Fe-Ka1", "Co-Ka1", "Re-La1", "elastic:13.0"])
    #expect(found.pixels.count == 4)
    for pixel in found.pixels {
      #expect(pixel.status == .good)
      #expect(abs(pixel.gain / 0.01 - 1) < 0.002 && abs(pixel.offset) < 0.015)
      #expect(Distributions.chiSquaredTail(pixel.chiSquared, dof: Double(pixel.degreesOfFreedom)) > 1e-3)
      #expect(pixel.lines.count >= 3 && pixel.lines.allSatisfy { !$0.isRejected })
    }
  }

  /// The fluorescence of cobalt and rhenium alone foretells where 13.0 keV lie.
  @Test func elasticLineIsForetold() throws {
    let known = try calibrate(["Co-Ka1", "Re-La1", "elastic:13.0"])
    let blind = try calibrate(["Co-Ka1", "Re-La1"])
    for (pixel, other) in zip(known.pixels, blind.pixels) {
      let elastic = try #require(pixel.lines.first { $0.name == "elastic" })
      let energy = other.energy(elastic.position)
      #expect(abs(energy.value - 13) < 4 * energy.sigma && energy.sigma < 0.12, "\(energy)")
    }
  }
}
