import Foundation
import Microstructure
import Results
import Testing
import Transport
import Volumetry

/// Settings: defaults, decoding over them, encoding, and what is refused.
@Suite struct SettingsTests {
  private func decoded<Value: OperationSettings>(_ type: Value.Type, _ values: [String: JSONValue]) throws
    -> Value
  {
    try Value(overriding: values)
  }

  private func roundTrips<Value: OperationSettings>(_ value: Value) throws {
    let again = try JSONDecoder().decode(Value.self, from: try JSONEncoder().encode(value))
    #expect(again == value)
    #expect(try Value(overriding: [:]) == Value())
    try Value().validate()
    for key in Value.CodingKeys.allCases { #expect(Value.help(key).hasSuffix("."), "\(key.stringValue)") }
  }

  @Test func everyTypeKeepsItsValuesAndExplainsItsKeys() throws {
    try roundTrips(VolumeInputSettings())
    try roundTrips(SpectralInputSettings())
    try roundTrips(CalibrateSettings())
    try roundTrips(SegmentSettings())
    try roundTrips(ThresholdSettings())
    try roundTrips(OrientSettings())
    try roundTrips(PoresSettings())
    try roundTrips(TransportSettings())
    try roundTrips(ParticlesSettings())
    try roundTrips(InterfacesSettings())
    try roundTrips(PathsSettings())
    try roundTrips(RegisterSettings())
    try roundTrips(FractionsSettings())
    try roundTrips(MapSettings())
    try roundTrips(ChemistrySettings())
    try roundTrips(CorrelateSettings())
    try roundTrips(FiguresSettings())
    try roundTrips(ReportSettings())
  }

  @Test func valuesGoOverTheDefaults() throws {
    let map = try decoded(MapSettings.self, ["range_sigmas": .int(4), "denoise": .text("auto")])
    #expect(map.rangeSigmas == 4 && map.denoise == .auto && map.minimumCounts == MapSettings().minimumCounts)
    #expect(try decoded(MapSettings.self, ["denoise": .number(0.05)]).denoise == .sigma(0.05))
    #expect(throws: DecodingError.self) { try decoded(MapSettings.self, ["denoise": .text("soon")]) }
    #expect(throws: DecodingError.self) { try decoded(SegmentSettings.self, ["classes": .text("two")]) }
    let lengths = try decoded(RegisterSettings.self, ["psf_fwhm_um": .list([.int(1), .int(2), .int(3)])])
    #expect(lengths.pointSpread?.vector == SIMD3(3, 2, 1))
    #expect(try decoded(TransportSettings.self, ["phase": .int(0)]).phase == LabelSet([0]))
    #expect(
      try decoded(TransportSettings.self, ["phase": .list([.int(0), .int(2)])]).phase == LabelSet([0, 2]))
  }

  @Test func theHelpShowsTheDefaultOfTheType() {
    #expect(MapSettings.option(.minimumCounts).hasSuffix("(default: 50)"))
    #expect(TransportSettings.option(.axes).hasSuffix("(default: xyz)"))
    #expect(!SegmentSettings.option(.mask).contains("default"))
  }

  @Test func whatCannotBeUsedIsRefused() {
    var segment = SegmentSettings()
    segment.strength = 2
    #expect(throws: VoxelithError.self) { try segment.validate() }
    segment.denoise = .nonLocalMeans
    #expect(throws: Never.self) { try segment.validate() }
    segment.sweepMetrics = [.porosity]
    #expect(throws: VoxelithError.self) { try segment.validate() }
    var transport = TransportSettings()
    transport.axes = "xx"
    #expect(throws: VoxelithError.self) { try transport.validate() }
    transport.axes = "z"
    transport.separator = .upper
    #expect(throws: VoxelithError.self) { try transport.validate() }
    transport.electrode = true
    #expect(throws: Never.self) { try transport.validate() }
    transport.chargedSides = true
    transport.sides = .periodic
    #expect(throws: VoxelithError.self) { try transport.validate() }
    var particles = ParticlesSettings()
    particles.numbered = true
    particles.phase = 3
    #expect(throws: VoxelithError.self) { try particles.validate() }
    var raw = VolumeInputSettings()
    raw.rawOffset = 4
    #expect(throws: VoxelithError.self) { try raw.validate() }
    var pores = PoresSettings()
    pores.outside = 0
    #expect(throws: VoxelithError.self) { try pores.validate() }
    var spectra = SpectralInputSettings()
    spectra.pinholeFlipped = true
    #expect(throws: VoxelithError.self) { try spectra.validate() }
    var orient = OrientSettings()
    orient.fill = true
    #expect(throws: VoxelithError.self) { try orient.checkMask(given: false) }
    #expect(throws: Never.self) { try orient.checkMask(given: true) }
  }
}
