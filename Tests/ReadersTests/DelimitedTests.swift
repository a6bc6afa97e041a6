import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Delimited text")
struct DelimitedTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func file(_ text: String, _ name: String = "a.csv") throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
    return folder.file(name)
  }

  @Test(arguments: [
    "energy_keV,counts\n1,10\n2,20\n3,30\n",
    "\u{FEFF}energy_keV,counts\r\n1,10\r\n2,20\r\n3,30\r\n",
    "energy_keV;counts\r1;10\r2;20\r3;30",
    "# taken on Monday\n\n\"energy_keV\"\t\"counts\"\n1\t10\n\n2\t20\n3\t30 # last\n",
    "# energy_keV counts\n 1.0e0  1.0D+01\n 2  20\n   3 30  \n",
    "counts , Energy (eV)\n10, 1000\n20, 2000.0\n30, 3e3\n",
    "Energy (MeV); counts\n0,001; 10\n0,002; 20\n0,003; 30\n",
    "1 10\n2 20\n3 30",
    "% exported\nsample: NMC811\ndwell 3 s\nenergy_keV,counts\n1,10,\n2,20,\n3,30,\n",
  ])
  func dialects(text: String) throws {
    let spectrum = try SpectrumFile.read(try file(text))
    #expect(spectrum.energy.centers == [1, 2, 3])
    #expect(spectrum.counts == [10, 20, 30])
  }

  /// Headings as Chinese Windows writes them (GB 18030 by iconv, brackets and colons as wide as the letters), and as UTF-8.
  @Test(arguments: [false, true]) func chineseHeadings(isUTF8: Bool) throws {
    let words = "# 活时间：600 s\n通道,能量（keV）,计数,误差\n"
    let bytes: [UInt8] = [
      0x23, 0x20, 0xBB, 0xEE, 0xCA, 0xB1, 0xBC, 0xE4, 0xA3, 0xBA, 0x36, 0x30, 0x30, 0x20, 0x73, 0x0A, 0xCD,
      0xA8, 0xB5, 0xC0, 0x2C, 0xC4, 0xDC, 0xC1, 0xBF, 0xA3, 0xA8, 0x6B, 0x65, 0x56, 0xA3, 0xA9, 0x2C, 0xBC,
      0xC6, 0xCA, 0xFD, 0x2C, 0xCE, 0xF3, 0xB2, 0xEE, 0x0A,
    ]
    let numbers = (0..<40).map { "\($0),\(80 + $0),\(10 * $0),\($0 % 3)\n" }.joined()
    let path = folder.file("c.csv")
    try Data((isUTF8 ? Array(words.utf8) : bytes) + Array(numbers.utf8)).write(to: URL(fileURLWithPath: path))
    let spectrum = try SpectrumFile.read(path)
    #expect(spectrum.energy.centers == (0..<40).map { Double(80 + $0) } && spectrum.liveTime == 600)
    #expect(spectrum.counts == (0..<40).map { Double(10 * $0) })
    #expect(try DelimitedTable.read(path).names == ["通道", "能量(keV)", "计数", "误差"])
  }

  /// Latin-1 stays what it is: a sign that stands alone is no half of a character.
  @Test func signsOfLatin1() throws {
    let bytes = Array("depth (".utf8) + [0xB5] + Array("m),T (".utf8) + [0xB0] + Array("C)\n1,2\n2,3\n".utf8)
    let path = folder.file("l.csv")
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    #expect(try DelimitedTable.read(path).names == ["depth (µm)", "T (°C)"])
  }

  /// A remark above the numbers has as many words as they have columns, and names none.
  @Test func remarksAreNoNames() throws {
    for remark in ["# unit keV\n", "# sample: a\n", "unit keV\n"] {
      let spectrum = try SpectrumFile.read(try file(remark + "80 5\n80.5 3\n81 4\n"))
      #expect(spectrum.energy.centers == [80, 80.5, 81] && spectrum.counts == [5, 3, 4], "\(remark)")
    }
    let named = try SpectrumFile.read(try file("# counts energy_keV\n5 80\n3 80.5\n4 81\n"))
    #expect(named.counts == [5, 3, 4])
  }

  /// A spectrum that lacks a number is no spectrum; a column without any is a voxel that was not measured.
  @Test func numbersThatAreMissing() throws {
    let path = try file("energy_keV,a,b\n80,5,nan\n80.5,nan,nan\n81,4,nan\n")
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.message.contains("row 2 of a is not a number") == true, "\(error as Any)")
    let taken = try SpectralFile.open(path, options: .init(allowsMissing: true))
    let counts = try taken.readCounts(Region(whole: taken.grid.shape))
    #expect(counts[0] == 5 && counts[1].isNaN && counts[2] == 4)
    let whole = try SpectralFile.open(try file("energy_keV,a,b\n80,5,nan\n80.5,6,nan\n81,4,nan\n"))
    #expect(whole.grid.shape.x == 2)
  }

  @Test(arguments: [
    ("", "the file is empty"),
    ("\n\n# nothing\n", "the file holds no line of numbers"),
    ("a,b\nc,d\n", "the file holds no line of numbers"),
    ("1,2\n2,3,4\n", "3 numbers where the lines above have 2"),
    ("1,2\n2,x\n", "'2,x' is not a line of numbers"),
    ("1\n2\n", "a spectrum needs a column of energies and one of counts"),
    ("1,2\n", "an energy axis needs two bins or more, not 1"),
    ("1,2\n3,2\n2,2\n", "the energy axis is not increasing: bin 2 has 2.0 keV after 3.0 keV"),
    ("1,2\n2,-3\n", "the count -3.0 is negative or not a number"),
    ("1,2\n2,nan\n", "the count nan is negative or not a number"),
    ("1,2\n2,\n", "the count nan is negative or not a number"),
    ("1,2\nnan,2\n", "the energy of bin 1 is not a finite number"),
    ("1,2\n\u{0}", "this is not a text file"),
  ])
  func faults(text: String, message: String) throws {
    let path = try file(text)
    let error = #expect(throws: VoxelithError.self) { try SpectrumFile.read(path) }
    #expect(error?.message == message)
    #expect(error?.code == .data)
    #expect(error?.file == path)
  }

  static let even: [Double] = (0..<40).map { 80 + 0.25 * Double($0) }
  /// As a calibration with a square term has them.
  static let bent: [Double] = (0..<40).map { bin -> Double in
    let channel = Double(bin)
    return 80 + 0.2 * channel + 0.003 * channel * channel
  }
  static let rounded: [Double] = (0..<40).map { (8000 + 1.3 * Double($0)).rounded() / 100 }
  static let zones: [Double] = even.prefix(20).map { 80 + ($0 - 80) / 5 } + even.prefix(20).map { $0 + 1.2 }
  static let rising: [Double] = (0..<40).map { 10 * exp(0.1 * Double($0)) }
  static let gaps: [[Double]] = [
    even.filter { $0 <= 82 || $0 >= 84 }, even.filter { $0 != 84 }, even.filter { $0 != 84 }.reversed(),
  ]
  /// A line and a range that a scan went to, at steps of its own.
  static let points: [Double] = rounded + rounded.map { $0 + 20 }

  /// Bins that are left out would make those beside them wide; rounded digits, a calibration's bend, zones of other
  /// widths and uneven points of a scan leave none out.
  @Test(
    arguments: gaps.map { ($0, true) } + [even, bent, rounded, zones, rising, points].map { ($0, false) })
  func binsThatAreLeftOut(energies: [Double], isRefused: Bool) throws {
    let path = try file("energy_keV,counts\n" + energies.map { "\($0),5\n" }.joined())
    guard isRefused else {
      #expect(try SpectrumFile.read(path).energy.count == energies.count)
      return
    }
    for read in [{ _ = try SpectrumFile.read(path) }, { _ = try SpectralFile.open(path) }] {
      let error = #expect(throws: VoxelithError.self) { try read() }
      #expect(error?.message.hasPrefix("bins are missing between") == true, "\(error as Any)")
    }
  }

  @Test func oneColumnIsNoSpectrum() throws {
    let path = try file("4\n5\n7\n")
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.message.contains("one column") == true)
    #expect(error?.advice?.contains("--energy-coefficients") == true)
    let told = try SpectralFile.open(path, options: .init(energyCoefficients: [80, 0.25]))
    #expect(try told.readCounts(Region(whole: told.grid.shape)) == [4, 5, 7])
  }

  @Test func lineOfAFaultIsNamed() throws {
    let path = try file("energy_keV,counts\r\n1,2\r\n2,oops\r\n")
    #expect(#expect(throws: VoxelithError.self) { try SpectrumFile.read(path) }?.place == "line 3")
  }

  /// As tables of voxels have them, in the last column, too.
  @Test func emptyFieldsAreMissing() throws {
    let table = try DelimitedTable.read(try file("a,b,c\n1,,\n,2,3\n4,5,6,\n"))
    #expect(table.names == ["a", "b", "c"] && table.rowCount == 3)
    #expect(table.columns.map { $0.map { $0.isNaN ? -1 : $0 } } == [[1, -1, 4], [-1, 2, 5], [-1, 3, 6]])
  }

  @Test func columnsAreChosen() throws {
    let path = try file("time,E_keV,a,b\n0.5,1,2,3\n1.5,2,4,6\n")
    let ambiguous = #expect(throws: VoxelithError.self) { try SpectrumFile.read(path) }
    #expect(ambiguous?.code == .usage)
    #expect(ambiguous?.advice?.hasPrefix("its columns are time, E_keV, a, b") == true)
    #expect(try SpectrumFile.read(path, countsColumn: "B").counts == [3, 6])
    let unsaid = #expect(throws: VoxelithError.self) {
      try SpectrumFile.read(path, energyColumn: 0, countsColumn: 2)
    }
    #expect(unsaid?.message.contains("'time'") == true)
    #expect(
      try SpectrumFile.read(path, energyColumn: 0, countsColumn: 2, energyUnit: .kiloelectronvolt).counts
        == [2, 4])
    let absent = #expect(throws: VoxelithError.self) { try SpectrumFile.read(path, countsColumn: "c") }
    #expect(absent?.message == "the table has no column c: its columns are time, E_keV, a, b")
    #expect(throws: VoxelithError.self) { try SpectrumFile.read(path, countsColumn: 4) }
    let table = try DelimitedTable.read(try file("z_index,z[um],li[1]\n0,2,3\n"))
    #expect(try table.column("Z") == [2] && table.column("z[um]") == [2] && table.column("li") == [3])
    #expect(throws: VoxelithError.self) { try table.index(of: "um") }
  }

  @Test func writtenSpectraAreReadBackExactly() throws {
    let energy = try EnergyAxis(centers: [0.1, 0.1 + 1 / 3, 99.999999999999])
    let spectrum = try Spectrum(energy: energy, counts: [0, 1e15 + 0.5, 0.1 + 0.2], liveTime: 240000.5)
    let path = folder.file("s.csv")
    try SpectrumFile.write(spectrum, to: path, comments: ["diamond"])
    #expect(try SpectrumFile.read(path) == spectrum)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasPrefix("# diamond\n# live_time_s: 240000.5\nenergy_keV,counts\n0.1,0\n"))
    let refused = #expect(throws: VoxelithError.self) { try SpectrumFile.write(spectrum, to: path) }
    #expect(refused?.code == .cannotCreate)
    try SpectrumFile.write(spectrum, to: path, overwrite: true)
    #expect(folder.entries == ["s.csv"])
  }

  /// Thousands as people and spreadsheets write them, and decimal commas that look like them.
  @Test(arguments: [
    (
      "energy_keV;counts\n84.025;8,345\n84.075;8,280\n84.125;12,403\n", [84.025, 84.075, 84.125],
      [8345.0, 8280, 12403]
    ),
    (
      "energy_keV;counts\n84,025;8.345\n84,075;8.280\n84,125;12.403\n", [84.025, 84.075, 84.125],
      [8345, 8280, 12403]
    ),
    (
      "energy_keV;counts\n84,025;8345\n84,075;8280\n84,125;12403\n", [84.025, 84.075, 84.125],
      [8345, 8280, 12403]
    ),
    ("energy_keV\tcounts\n84.5\t1,234,567\n85\t987\n85.5\t12\n", [84.5, 85, 85.5], [1_234_567, 987, 12]),
    (
      "energy_keV,counts\n84.5,\"1,234\"\n85,\"987\"\n85.5,\"2,012\"\n", [84.5, 85, 85.5], [1234, 987, 2012]
    ),
    ("energy_keV;counts\n84,5;1.234.567\n85,0;987\n85,5;12\n", [84.5, 85, 85.5], [1_234_567, 987, 12]),
    ("energy_keV;counts\n84.5;1,234.5\n85;987\n85.5;12\n", [84.5, 85, 85.5], [1234.5, 987, 12]),
    ("energy_keV;counts\n84;8,345\n85;987\n86;1,024\n", [84, 85, 86], [8345, 987, 1024]),
    ("energy_keV;counts\n84.5;8'345\n85;987\n86;1'024\n", [84.5, 85, 86], [8345, 987, 1024]),
  ])
  func thousands(text: String, energies: [Double], counts: [Double]) throws {
    let spectrum = try SpectrumFile.read(try file(text))
    #expect(spectrum.energy.centers == energies)
    #expect(spectrum.counts == counts)
  }

  /// What spreadsheets write: UTF-16 in both orders, bars, spaces that do not break and thin ones between thousands.
  @Test func textOfSpreadsheets() throws {
    let text = "energy_keV\tcounts\n84,5\t1 234 567\n85,5\t8 345\n86,5\t12\n"
    for space in ["\u{A0}", "\u{202F}", "\u{2009}", "\u{2019}", "'"] {
      for separator in ["\t", ";", "|"] {
        let own = text.replacing(" ", with: space).replacing("\t", with: separator)
        let units = Array(own.utf16)
        let low = units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let high = units.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        for bytes in [
          Array(own.utf8), [0xEF, 0xBB, 0xBF] + own.utf8, [0xFF, 0xFE] + low, [0xFE, 0xFF] + high,
        ] {
          try writeBytes(bytes, to: folder.file("t.csv"))
          let spectrum = try SpectrumFile.read(folder.file("t.csv"))
          #expect(spectrum.energy.centers == [84.5, 85.5, 86.5], "\(own)")
          #expect(spectrum.counts == [1_234_567, 8345, 12], "\(own)")
          #expect(try SpectralFile.format(of: folder.file("t.csv")) == .text)
        }
      }
    }
  }

  @Test func marksThatMayBeEitherAreRefused() throws {
    let path = try file("energy_keV;counts\n84;8,345\n85;8,280\n86;8,403\n")
    let error = #expect(throws: VoxelithError.self) { try SpectrumFile.read(path) }
    #expect(error?.message.contains("'8,345' may be a decimal number or thousands") == true)
  }

  /// Channel, energy, counts; energy, counts, error: without names the numbers tell.
  @Test func threeColumnsWithoutNames() throws {
    let energies: [Double] = (0..<64).map { (index: Int) -> Double in 84.025 + 0.05 * Double(index) }
    let counts: [Double] = (0..<64).map { (index: Int) -> Double in 8200 + 10 * Double(index) }
    var lines = ""
    for index in 0..<64 { lines += "\(index) \(energies[index]) \(Int(counts[index]))\n" }
    let channels = try file(lines)
    let spectrum = try SpectrumFile.read(channels)
    #expect(spectrum.energy.centers == energies)
    #expect(spectrum.counts == counts)
    #expect(try SpectralFile.open(channels).grid.shape == Shape(z: 1, y: 1, x: 1))
    lines = ""
    for index in 0..<64 { lines += "\(energies[index]) \(counts[index]) \(counts[index].squareRoot())\n" }
    let errors = try file(lines)
    #expect(try SpectrumFile.read(errors).counts == counts)
    #expect(try SpectralFile.open(errors).grid.shape.x == 1)
    let named = try file("channel,energy_keV,counts,sigma\n0,1,10,3\n1,2,20,4\n")
    #expect(try SpectrumFile.read(named).counts == [10, 20])
  }

  @Test func channelsAreNoEnergies() throws {
    let path = try file("channel,counts\n" + (0..<40).map { "\($0),\($0)\n" }.joined())
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.advice?.contains("--energy-coefficients") == true)
    let source = try SpectralFile.open(path, options: SpectralOpenOptions(energyCoefficients: [84, 0.5]))
    #expect(source.energy.centers[39] == 103.5)
    let bare = try file((0..<40).map { "\($0) \($0)\n" }.joined())
    #expect(throws: VoxelithError.self) { try SpectralFile.open(bare) }
    let odd = try file("energy (furlong),counts\n1,2\n2,3\n")
    #expect(
      #expect(throws: VoxelithError.self) { try SpectralFile.open(odd) }?.message.contains("furlong") == true)
  }

  @Test func ratesNeedTheLiveTime() throws {
    let text = "energy_keV,counts (1/s)\n1,0.5\n2,1.5\n"
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(try file(text)) }
    #expect(error?.code == .data)
    #expect(try SpectrumFile.read(try file("# live_time: 10 min\n" + text)).counts == [300, 900])
    let source = try SpectralFile.open(
      try file(text), options: SpectralOpenOptions(acquisition: Acquisition(liveTime: 4)))
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == [2, 6])
  }

  @Test func spectraAsASource() throws {
    let source = try SpectralFile.open(
      try file("energy_eV a b\n1000 1 2\n2000 3 4\n"),
      options: SpectralOpenOptions(voxelSize: SIMD3(1, 1, 1)))
    #expect(source.grid.shape == Shape(z: 1, y: 1, x: 2))
    #expect(source.energy.centers == [1, 2])
    let joule = try SpectralFile.open(try file("energy_J,counts\n1.602176634e-15,1\n3.204353268e-15,2\n"))
    #expect(zip(joule.energy.centers, [10.0, 20]).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == [1, 3, 2, 4])
    #expect(throws: VoxelithError.self) { try SpectralFile.open(folder.file("absent.csv")) }
    #expect(throws: VoxelithError.self) { try SpectralFile.open(folder.path) }
  }
}
