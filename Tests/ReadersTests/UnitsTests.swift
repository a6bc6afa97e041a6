import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Units as files spell them")
struct UnitsTests {
  @Test(arguments: [
    ("um", 1.0), ("\u{B5}m", 1), ("\u{3BC}m", 1), ("\u{FFFD}m", 1), ("\\u00B5m", 1), ("\\u03bcm", 1),
    ("\\u00C5", 1e-4), ("micron", 1),
    ("Microns", 1),
    ("micrometer", 1), ("micro-metres", 1), ("[um]", 1), (" um ", 1), ("UM", 1), ("mm", 1e3), ("MM", 1e3),
    ("millimetre", 1e3), ("cm", 1e4), ("nm", 1e-3), ("nanometers", 1e-3), ("m", 1e6), ("metre", 1e6),
    ("\u{C5}", 1e-4), ("\u{212B}", 1e-4), ("angstrom", 1e-4), ("Angstroms", 1e-4), ("inch", 25400),
    ("pm", 1e-6),
  ])
  func lengths(spelling: String, micrometres: Double) throws {
    let factor = try #require(Units.factor(spelling, .length))
    #expect(abs(factor / micrometres - 1) < 1e-12)
  }

  @Test(arguments: [
    ("keV", 1.0), ("kev", 1), ("KEV", 1), ("KeV", 1), ("kiloelectronvolt", 1), ("kilo electron volts", 1),
    ("eV", 1e-3),
    ("ev", 1e-3), ("MeV", 1e3), ("meV", 1e-6), ("GeV", 1e6), ("J", 1e-3 / 1.602176634e-19),
    ("fJ", 1e-18 / 1.602176634e-19), ("joule", 1e-3 / 1.602176634e-19),
  ])
  func energies(spelling: String, keV: Double) throws {
    let factor = try #require(Units.factor(spelling, .energy))
    #expect(abs(factor / keV - 1) < 1e-12)
  }

  @Test func timesAndAngles() {
    #expect(Units.factor("ms", .time) == 1e-3)
    #expect(Units.factor("\u{B5}s", .time) == 1e-6)
    #expect(Units.factor("Sec", .time) == 1)
    #expect(Units.factor("milliseconds", .time) == 1e-3)
    #expect(Units.factor("min", .time) == 60)
    #expect(abs((Units.factor("mrad", .angle) ?? 0) * Double.pi - 0.18) < 1e-15)
    #expect(Units.factor("\u{B0}", .angle) == 1)
  }

  /// Nothing is guessed: what two readers could take for two units is none.
  @Test func notUnderstood() {
    for spelling in ["mev", "MEV", "channel", "furlong", "Mm", "", "keV/c", "s"] {
      #expect(Units.factor(spelling, .energy) == nil, "\(spelling)")
    }
    for spelling in ["Mm", "furlong", "deg", "s", "counts", "px"] {
      #expect(Units.factor(spelling, .length) == nil, "\(spelling)")
    }
    for spelling in ["ticks", "Ms", "counts", "clock cycles"] {
      #expect(Units.factor(spelling, .time) == nil, "\(spelling)")
    }
  }

  /// Spectra of 2 x 40 bins whose axis has these numbers and this unit.
  private func spectra(
    _ energies: [Double], _ units: String?, extra: (HDF5Output) throws -> Void = { _ in }
  ) throws -> (folder: TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.nxs"), overwrite: false)
    try output.group("/entry", class: "NXentry")
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(["x", "energy"]), of: "/entry/data")
    let counts = (0..<(2 * energies.count)).map { UInt32($0) }
    try HDF5FileTests.array(output, "/entry/data/counts", [2, energies.count], .uint32(counts))
    try output.value(
      "/entry/data/energy", .numbers(energies), shape: [energies.count], units: units)
    try extra(output)
    try output.finish()
    return (folder, folder.file("a.nxs"))
  }

  private static let keV = (0..<40).map { 84 + 0.5 * Double($0) }

  @Test(arguments: [("J", 1.602176634e-16), ("meV", 1e6), ("eV", 1e3), ("keV", 1), ("MeV", 1e-3)])
  func energiesOfAnAxis(unit: String, each: Double) throws {
    let (folder, path) = try spectra(Self.keV.map { $0 * each }, unit)
    let source = try SpectralFile.open(path)
    #expect(zip(source.energy.centers, Self.keV).allSatisfy { abs($0 - $1) < 1e-9 })
    withExtendedLifetime(folder) {}
  }

  @Test(arguments: ["channel", "channels", "ADU", "bin", "parsec", "mev"])
  func unitsThatAreNoEnergyAreRefused(unit: String) throws {
    let (folder, path) = try spectra((0..<40).map(Double.init), unit)
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.code == .data)
    #expect(error?.advice?.contains("--energy-coefficients") == true)
    let given = try SpectralFile.open(path, options: SpectralOpenOptions(energyCoefficients: [84, 0.5]))
    #expect(given.energy.centers == Self.keV)
    // Where the caller calibrates every pixel himself, the numbers of the axis are what he needs.
    let raw = try SpectralFile.open(path, options: SpectralOpenOptions(keepsDetectorUnits: true))
    #expect(raw.energy.centers == (0..<40).map(Double.init))
    withExtendedLifetime(folder) {}
  }

  @Test func numbersOfChannelsWithoutAUnitAreRefused() throws {
    for first in [0.0, 1.0] {
      let (folder, path) = try spectra((0..<40).map { first + Double($0) }, nil)
      let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
      #expect(error?.message.contains("channels") == true)
      withExtendedLifetime(folder) {}
    }
    let (folder, path) = try spectra(Self.keV, nil)
    #expect(try SpectralFile.open(path).energy.centers == Self.keV)
    withExtendedLifetime(folder) {}
  }

  @Test func coefficientsThatMakeNoAxisAreRefused() throws {
    let (folder, path) = try spectra(Self.keV, "keV")
    for wrong in [[1], [1, 0], [0, 1, -0.1], [.nan, 1]] {
      let error = #expect(throws: VoxelithError.self) {
        try SpectralFile.open(path, options: SpectralOpenOptions(energyCoefficients: wrong))
      }
      #expect(error?.code == .usage)
    }
    let curved = try SpectralFile.open(
      path, options: SpectralOpenOptions(energyCoefficients: [84, 0.5, 0.001]))
    #expect(abs(curved.energy.centers[10] - (84 + 5 + 0.1)) < 1e-12)
    withExtendedLifetime(folder) {}
  }

  @Test func unitsOfTheInstrument() throws {
    let (folder, path) = try spectra(Self.keV, "keV") { output in
      try output.group("/entry/instrument", class: "NXinstrument")
      try output.group("/entry/instrument/beam", class: "NXbeam")
      try output.value("/entry/instrument/beam/incident_energy", .numbers([0.10725]), units: "angstrom")
      try output.group("/entry/instrument/detector", class: "NXdetector")
      try output.value("/entry/instrument/detector/live_time", .numbers([4.8e10]), units: "ticks")
      try output.value("/entry/instrument/detector/scattering_angle", .numbers([1.5]), units: "rad")
    }
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.message == "the unit 'ticks' of the live time is not understood")
    #expect(error?.advice?.contains("--live-time") == true)
    let source = try SpectralFile.open(
      path, options: SpectralOpenOptions(acquisition: Acquisition(liveTime: 600)))
    // h c = 12.39841984 keV angstrom.
    #expect(abs((source.acquisition.incidentEnergy ?? 0) - 115.6029) < 1e-4)
    #expect(abs((source.acquisition.scatteringAngle?.mean ?? 0) - 85.94366926962348) < 1e-9)
    #expect(source.acquisition.liveTime == 600)
    withExtendedLifetime(folder) {}
  }
}
