import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Text files of multichannel analysers, with calibration and live time from their headers.
@Suite("Multichannel analysers")
struct MultichannelTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ text: String) throws -> String {
    let path = folder.file("s.txt")
    try writeBytes(Array(text.utf8), to: path)
    return path
  }

  static let amptek =
    "<<PMCA SPECTRUM>>\r\nTAG - live\r\nLIVE_TIME - 12.5\r\nREAL_TIME - 13\r\n<<CALIBRATION>>\r\nLABEL - keV\r\n0 1\r\n10 6\r\n<<DATA>>\r\n1\r\n2\r\n30\r\n<<END>>\r\n<<DP5 CONFIGURATION>>\r\nRESC=Y;\r\n"

  @Test func energiesCountsAndTimes() throws {
    let texts = [
      Self.amptek,
      "$SPEC_ID:\nx\n$MEAS_TIM:\n12.5 13\n$DATA:\n0 2\n1\n2\n30\n$MCA_CAL:\n3\n1 0.5 0 keV\n",
      "$SPEC_ID:\nx\n$MEAS_TIM:\n12.5 13\n$DATA:\n0 2\n1 2 30\n$ENER_FIT:\n1 0.5\n",
      "#FORMAT      : EMSA/MAS Spectral Data File\n#NPOINTS : 3.\n#XUNITS : eV\n#DATATYPE : Y\n#XPERCHAN : 500\n#OFFSET : 1000\n#LIVETIME -s : 12.5\n#SPECTRUM : Spectral Data Starts Here\n1., 2., 30.\n#ENDOFDATA :\n",
      "#FORMAT : EMSA/MAS Spectral Data File\n#NPOINTS : 3\n#XUNITS : keV\n#DATATYPE : XY\n#LIVETIME : 12.5\n#SPECTRUM :\n1, 1\n1.5, 2\n2, 30\n#ENDOFDATA :\n",
      "#F a\n#S 1 ascan x 0 1 1 1\n#@CTIME 13 12.5 13\n#@CHANN 3 0 2 1\n#@CALIB 1 0.5 0\n@A 1 2\\\n 30\n",
    ]
    for text in texts {
      let spectrum = try SpectrumFile.read(try path(text))
      #expect(spectrum.energy.centers == [1, 1.5, 2], "\(text)")
      #expect(spectrum.counts == [1, 2, 30], "\(text)")
      #expect(spectrum.liveTime == 12.5, "\(text)")
      let source = try SpectralFile.open(folder.file("s.txt"))
      #expect(source.grid.shape == Shape(z: 1, y: 1, x: 1) && source.acquisition.liveTime == 12.5)
    }
  }

  /// Two calibrations that differ: one is taken, and the other is told.
  @Test func calibrationsThatContradictEachOther() throws {
    for (fit, isTold) in [
      ("1 0.5", false), ("1.001 0.5", false), ("2 0.5", true), ("1 0.6", true), ("0 0", false),
    ] {
      for sections in [
        "$ENER_FIT:\n\(fit)\n$MCA_CAL:\n3\n1 0.5 0 keV\n", "$MCA_CAL:\n3\n1 0.5 0 keV\n$ENER_FIT:\n\(fit)\n",
      ] {
        let source = try SpectralFile.open(try path("$SPEC_ID:\nx\n$DATA:\n0 2\n1\n2\n30\n" + sections))
        #expect(source.energy.centers == [1, 1.5, 2], "\(sections)")
        let told = SpectralFile.notices(source).contains { $0.contains("other calibration") }
        #expect(told == isTold, "\(sections)")
      }
    }
  }

  @Test func pointsOfAScanAreVoxels() throws {
    let text = "#F a\n#S 1 ascan x 0 1 2 1\n#@CALIB 0 0.1 0\n@A 1 2 3\n@A 4 5 6\n@A 7 8 9\n"
    let source = try SpectralFile.open(try path(text))
    #expect(source.grid.shape == Shape(z: 1, y: 1, x: 3))
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == (1...9).map { Float($0) })
    #expect(throws: VoxelithError.self) { try SpectrumFile.read(folder.file("s.txt")) }
  }

  /// Energies that fall, channels that do not begin at 0, the caller's coefficients, and where each number came from.
  @Test func energiesOfEveryKind() throws {
    let falling =
      "#FORMAT : EMSA/MAS Spectral Data File\n#NPOINTS : 3\n#XUNITS : keV\n#DATATYPE : XY\n#LIVETIME : 12.5\n#SPECTRUM :\n2, 30\n1.5, 2\n1, 1\n#ENDOFDATA :\n"
    let late = "$SPEC_ID:\nx\n$MEAS_TIM:\n12.5 13\n$DATA:\n4 6\n1\n2\n30\n$ENER_FIT:\n-1 0.5\n"
    for text in [falling, late, late.replacing("-1 0.5", with: "9 9")] {
      var options = SpectralOpenOptions()
      if text.contains("9 9") { options.energyCoefficients = [-1, 0.5] }
      let source = try SpectralFile.open(try path(text), options: options)
      #expect(source.energy.centers == [1, 1.5, 2] && source.acquisition.liveTime == 12.5, "\(text)")
      #expect(try source.readCounts(Region(whole: source.grid.shape)) == [1, 2, 30], "\(text)")
      let told = try SpectralFile.describe(folder.file("s.txt"), options: options).origins.map(\.quantity)
      #expect(told.contains("energies") && told.contains("live time"), "\(told)")
    }
    let bare = try path(Self.amptek.replacing("0 1\r\n10 6\r\n", with: ""))
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(bare) }
    #expect(error?.advice?.contains("--energy-coefficients") == true)
    let options = SpectralOpenOptions(energyCoefficients: [1, 0.5])
    #expect(try SpectralFile.open(bare, options: options).energy.centers == [1, 1.5, 2])
  }

  /// Points that were measured for different times keep their own.
  @Test func timesOfPoints() throws {
    let text =
      "#F a\n#S 1 ascan x 0 1 1 1\n#@CALIB 0 0.1 0\n#@CTIME 1 2 3\n@A 1 2 3\n#@CTIME 1 4 5\n@A 4 5 6\n"
    let source = try SpectralFile.open(try path(text))
    #expect(source.acquisition.voxelLiveTimes == [2, 4] && source.acquisition.liveTime == 3)
  }

  /// What is not there, cut off, or in a unit that is not known, is an error and never a guess.
  @Test func damageIsTold() throws {
    let texts = [
      Self.amptek.replacing("LABEL - keV", with: "LABEL - furlong"),
      Self.amptek.replacing("30\r\n", with: "x\r\n"),
      Self.amptek.replacing("0 1\r\n10 6\r\n", with: ""),
      "$SPEC_ID:\nx\n$DATA:\n0 9\n1\n2\n30\n$ENER_FIT:\n1 0.5\n",
      "#FORMAT : EMSA/MAS Spectral Data File\n#NPOINTS : 9\n#XUNITS : eV\n#DATATYPE : Y\n#XPERCHAN : 500\n#SPECTRUM :\n1, 2\n#ENDOFDATA :\n",
      "#F a\n#S 1 ascan\n@A 1 2 3\n#S 2 ascan\n@A 1 2 3\n",
    ]
    for text in texts {
      let error = #expect(throws: VoxelithError.self) { try SpectrumFile.read(try path(text)) }
      #expect(error?.code == .data, "\(text)")
    }
  }

  @Test(.enabled(if: SharedCases.isPresent))
  func aFileThatOnceFailed() throws {
    let source = try SpectralFile.open(SharedCases.path("files/16-text-spectra/s.mca"))
    #expect(source.energy.count > 100)
    #expect(try source.readCounts(Region(whole: source.grid.shape)).reduce(0, +) > 0)
  }
}
