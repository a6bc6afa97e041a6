import Compton
import Correlation
import Drawing
import Foundation
import Microstructure
import Phantoms
import Readers
import Registration
import Results
import TestSupport
import Testing
import Transport
import Volumetry

/// A series with planted changes of lithium, gain and intensity.
@Suite struct SeriesTests {
  /// Uniform voxels of one x, seen by a detector whose gain is off by a part `gain`.
  static func state(
    x: Double, gain: Double = 0, intensity: Double = 1, seed: UInt64, side: Int = 9
  ) throws -> SpectralVolume {
    var settings = TwinSettings()
    settings.ratio = 1
    settings.counts = 2e5 * intensity
    settings.backgroundFraction = 0
    settings.lithiumMean = x
    settings.lithiumGradient = 0
    settings.lithiumAmplitude = 0
    settings.seed = seed
    let nominal = EnergyAxis(first: settings.firstEnergy, width: settings.binWidth, count: settings.bins)
    settings.energyCenters = nominal.centers.map { $0 / (1 + gain) }
    let labels = LabelVolume(
      grid: Grid(shape: Shape(z: side, y: side, x: side), spacing: SIMD3(repeating: 2)), repeating: 1)
    let twin = try Twin(labels: labels, settings: settings, resources: Resources())
    return try SpectralVolume(
      grid: twin.spectra.grid, energy: nominal, acquisition: twin.spectra.acquisition,
      counts: try twin.spectra.readCounts(Region(whole: twin.spectra.grid.shape)))
  }

  static func calibration() throws -> Calibration {
    var settings = TwinSettings()
    settings.ratio = 1
    settings.counts = 2e5
    settings.backgroundFraction = 0
    settings.seed = 77
    let labels = LabelVolume(grid: Grid(unscaled: Shape(z: 1, y: 1, x: 1)), repeating: 1)
    return try Calibration(
      try Twin(labels: labels, settings: settings, resources: Resources()).standards.set)
  }

  @Test func findsWhatWasPlanted() throws {
    let folder = try TemporaryFolder()
    let calibration = try Self.calibration()
    let sources = [
      try Self.state(x: 0.50, seed: 1), try Self.state(x: 0.56, seed: 2),
      try Self.state(x: 0.56, gain: 5e-4, intensity: 0.97, seed: 3),
    ]
    let maps = try sources.map { try LithiumMap(source: $0, calibration: calibration) }
    let states = try SeriesState.states(["a.nxs", "b.nxs", "c.nxs"], seconds: [0, 3600, 7200])
    let series = try SeriesFolder(states: states, maps: maps, method: .profile, calibration: calibration)
    let report = try series.write(to: folder.path, overwrite: false, resources: Resources())
    #expect(report.states.map(\.state.name) == ["01-a", "02-b", "03-c"])
    #expect(report.commonVoxels > 720)

    let change = try #require(report.states[1].sinceFirst)
    #expect(abs(change.value - 0.06) < 4 * change.sigma, "\(change)")
    // The standards' error of each mean is larger than what is left of it in the difference.
    let mean = report.states[1]
    let alone = try #require(mean.meanXSigma)
    let counting = try #require(mean.meanXCountingSigma)
    #expect(alone > counting)
    // What the instrument may have done to both states alike cancels; the rest is told apart.
    let instrument = try #require(change.instrument)
    let own = report.states[..<2].map { $0.misfit?.sigma ?? .nan }
    let left = InstrumentErrors(report.states.map(\.misfit)).varianceOfDifference(1, 0).squareRoot()
    #expect(abs(instrument - left) < 1e-9)
    #expect(instrument < (own[0] * own[0] + own[1] * own[1]).squareRoot())
    let rest = (change.sigma * change.sigma - instrument * instrument).squareRoot()
    #expect(rest < 1.1 * 2.0.squareRoot() * counting)
    // A tail or a phase that nobody named may have come between the states.
    #expect(change.sigma < 0.013)

    let drift = try #require(report.states[2].drift)
    #expect(abs(drift.sinceFirst - 5e-4) < 4 * drift.sinceFirstSigma, "\(drift)")
    #expect(drift.sinceFirstSigma < 5e-5)
    #expect(abs(drift.sinceFirstAtPeak - 47.1) < 4)
    let still = try #require(report.states[1].drift)
    #expect(abs(still.sinceFirst) < 4 * still.sinceFirstSigma)
    let intensity = try #require(report.states[2].intensity)
    #expect(abs(intensity.value - 0.97) < 0.002 && intensity.sigma < 0.001)

    // The page: the answer, the figure of the series, doubts, and what is less; each state a column of the summary.
    let page = try Report(folder: ResultFolder(folder.path))
    let headings = page.sections.map { $0.heading.prefix { $0 != " " } }
    #expect(
      headings.prefix(6) == ["Result", "Figures", "Warnings", "States", "Slices", "Summary"], "\(headings)")
    let summary = page.sections.first { $0.heading == "Summary" }
    guard case .table(let rows)? = summary?.items.first else {
      Issue.record("no summary")
      return
    }
    #expect(rows[0] == ["quantity", "01-a", "02-b", "03-c"] && rows.allSatisfy { $0.count == 4 }, "\(rows)")
    #expect(rows[1][0] == "mean x" && rows[1].allSatisfy { !$0.isEmpty }, "\(rows[1])")
    let html = page.html()
    let (figure, residuals) = (html.range(of: "(series.png)"), html.range(of: "Residuals of 3 maps"))
    #expect(
      figure != nil && residuals != nil
        && figure?.lowerBound ?? html.endIndex < residuals?.lowerBound ?? html.startIndex)

    for name in SeriesFolder.names + ["03-c/dx_previous_sigma.tif", "01-a/li.tif"] {
      #expect(FileManager.default.fileExists(atPath: folder.file(name)), "\(name)")
    }
    #expect(throws: VoxelithError.self) {
      try series.write(to: folder.path, overwrite: false, resources: Resources())
    }
  }

  @Test func errorsOfDifferencesHoldVoxelByVoxel() throws {
    let folder = try TemporaryFolder()
    let calibration = try Self.calibration()
    let maps = try [(0.3, 4), (0.7, 5)].map { x, seed in
      try LithiumMap(
        source: try Self.state(x: x, seed: UInt64(seed), side: 11), calibration: calibration)
    }
    let series = try SeriesFolder(
      states: try SeriesState.states(["a", "b"]), maps: maps, method: .profile, calibration: calibration)
    try series.write(to: folder.path, overwrite: false, resources: Resources(threads: 2))
    let value = try VolumeFile.open(folder.file("02-b/dx_first.tif"))
    let sigma = try VolumeFile.open(folder.file("02-b/dx_first_sigma.tif"))
    let whole = Region(whole: value.grid.shape)
    var pulls = Moments()
    for (dx, s) in zip(try value.readFloats(whole), try sigma.readFloats(whole)) where dx.isFinite {
      pulls.add((Double(dx) - 0.4) / Double(s))
    }
    #expect(pulls.count > 1300)
    #expect(abs(pulls.standardDeviation - 1) < 0.06, "\(pulls.standardDeviation)")
  }

  /// States that share fractions with one error: it cancels in their difference, and sigma knows.
  @Test(arguments: [MapMethod.profile, .sParameter])
  func errorsOfSharedFractionsCancel(method: MapMethod) throws {
    let folder = try TemporaryFolder()
    let error = 0.04
    var settings = TwinSettings()
    settings.isMixture = true
    settings.ratio = 1
    settings.counts = 1e6
    settings.backgroundFraction = 0
    settings.lithiumGradient = 0
    settings.lithiumAmplitude = 0
    let grid = Grid(shape: Shape(z: 10, y: 12, x: 12), spacing: SIMD3(repeating: 2))
    // Blocks of 3 x 3 x 3 fine voxels: active material with a third of others.
    settings.ratio = 3
    let fine = Grid(shape: Shape(z: 30, y: 36, x: 36), spacing: SIMD3(repeating: 2))
    let labels = LabelVolume(
      grid: fine,
      voxels: (0..<fine.shape.count).map { [1, 1, 1, 0, 1, 2, 1][($0 &* 7919) % 7] })
    var random = SeededGenerator(seed: 5)
    var fractions: [Volume<Float>] = []
    var calibration: Calibration?
    var maps: [LithiumMap] = []
    for (x, seed) in [(0.4, UInt64(3)), (0.65, 4)] {
      settings.lithiumMean = x
      settings.seed = seed
      let twin = try Twin(labels: labels, settings: settings, resources: Resources())
      if fractions.isEmpty {
        let fields = twin.spectra.fields
        let others = fields.components.map { $0.map { max(0, $0 + Float(error * random.normal())) } }
        let active = fields.active.indices.map { voxel in
          max(0, 1 - others.reduce(Float(0)) { $0 + $1[voxel] })
        }
        fractions = ([active] + others).map { Volume(grid: fields.grid, voxels: $0) }
        calibration = try Calibration(twin.standards.set)
      }
      var options = MapOptions(method: method)
      options.fractionSigma = error
      options.wantsFractionPulls = true
      maps.append(
        try LithiumMap(
          source: twin.spectra, calibration: try #require(calibration), options: options,
          fractions: fractions))
    }
    #expect(maps[0].source.grid.shape == grid.shape)
    let series = try SeriesFolder(
      states: try SeriesState.states(["a", "b"]), maps: maps, method: method,
      calibration: try #require(calibration))
    let report = try series.write(to: folder.path, overwrite: false, resources: Resources(threads: 2))
    let whole = Region(whole: grid.shape)
    func read(_ name: String) throws -> [Float] {
      try VolumeFile.open(folder.file(name)).readFloats(whole)
    }
    var pulls = Moments()
    var gain = Moments()
    let alone = zip(try read("01-a/li_sigma.tif"), try read("02-b/li_sigma.tif"))
    for (each, both) in zip(
      zip(try read("02-b/dx_first.tif"), try read("02-b/dx_first_sigma.tif")), alone)
    where each.0.isFinite {
      pulls.add((Double(each.0) - 0.25) / Double(each.1))
      gain.add(Double((both.0 * both.0 + both.1 * both.1).squareRoot() / each.1))
    }
    print(
      "fractions in differences, \(method): \(pulls.count) voxels, spread/sigma \(pulls.standardDeviation), sigma without covariance \(gain.mean) times"
    )
    #expect(pulls.count > 1000)
    #expect(abs(pulls.standardDeviation - 1) < 0.08)
    // At so many counts the profile fit knows the amounts from the spectrum, the ratio does not.
    #expect(gain.mean > (method == .profile ? 1.005 : 2))
    let change = try #require(report.states[1].sinceFirst)
    #expect(abs(change.value - 0.25) < 4 * change.sigma)
  }

  @Test func correctedGainBringsXBack() throws {
    let calibration = try Self.calibration()
    let source = try Self.state(x: 0.5, gain: 2e-3, seed: 8)
    let drift = try DriftFit(
      source, calibration: calibration, withComponents: false, resources: Resources())
    #expect(abs(drift.gain - 2e-3) < 4 * (drift.gainSigma + drift.gainSharedSigma))
    func mean(_ energies: PixelEnergies?) throws -> (value: Double, sigma: Double) {
      let map = try LithiumMap(source: source, calibration: calibration, energies: energies)
      let found = try #require(
        try map.run(resources: Resources()) { (_, _) throws(VoxelithError) in }.meanOfX)
      return (found.value, (found.counts * found.counts + found.standards * found.standards).squareRoot())
    }
    let plain = try mean(nil)
    let corrected = try mean(try PixelEnergies(height: 9, width: 9, drift: drift))
    #expect(abs(plain.value - 0.5) > 4 * plain.sigma, "\(plain)")
    #expect(abs(corrected.value - 0.5) < 4 * corrected.sigma, "\(corrected)")
  }

  @Test func statesThatDoNotFitAreRefused() throws {
    let calibration = try Self.calibration()
    let maps = try [2, 3].map {
      try LithiumMap(source: try Self.state(x: 0.5, seed: 1, side: $0), calibration: calibration)
    }
    #expect(throws: VoxelithError.self) {
      try SeriesFolder(
        states: try SeriesState.states(["a", "b"]), maps: maps, method: .profile, calibration: calibration)
    }
    #expect(throws: VoxelithError.self) { try SeriesState.states(["a"]) }
    #expect(throws: VoxelithError.self) { try SeriesState.states(["a", "b"], seconds: [1]) }
  }

  @Test func seriesFilesAreReadAndChecked() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("series.yaml")
    try """
    states:
      - {file: raw/a.nxs, at: 15m, voltage_V: 3.6}
      - {file: /data/b.nxs, name: "charged 4.3", at: 4h, voltage_V: 4.3, live_time_s: 20}
    """.write(toFile: path, atomically: true, encoding: .utf8)
    let states = try SeriesFile.read(path).states
    #expect(states.map(\.file) == [folder.file("raw/a.nxs"), "/data/b.nxs"])
    #expect(states.map(\.seconds) == [900, 14_400] && states.map(\.voltage) == [3.6, 4.3])
    #expect(states.map(\.name) == ["01-a", "02-charged_4.3"] && states[1].liveTime == 20)
    for wrong in [
      "states:\n  - {file: a, at: soon}\n  - {file: b, at: 1h}", "states:\n  - {file: a}",
      "states:\n  - {file: a, tme: 1h}\n  - {file: b}", "states:\n  - {file: a, at: 1h}\n  - {file: b}",
    ] {
      try wrong.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: VoxelithError.self, "\(wrong)") { try SeriesFile.read(path) }
    }
  }

  /// States by a simulator that is none of ours, whose gain, width, background and tail drift: which it is, and x put right.
  @Test func driftsAreNamedAndCorrected() throws {
    let axis = EnergyAxis(first: 80.1, width: 0.2, count: 140)
    var random = SeededGenerator(seed: 11)
    let plain = InstrumentTwin()
    let unit = 1 / plain.expected(0.5, on: axis).reduce(0, +)
    let standards = try [0, 0.25, 0.5, 0.75, 1].map { x in
      Standard(
        name: "\(x)", x: x,
        spectrum: try Spectrum(
          energy: axis, counts: plain.expected(x, on: axis).map { Double(random.poisson(3e8 * unit * $0)) },
          liveTime: 60_000))
    }
    let calibration = try Calibration(
      try StandardSet(
        geometry: try ScatteringGeometry(incidentEnergy: 115.6, angle: 90),
        response: try DetectorResponse(resolution: plain.fwhm),
        formula: try ChemicalFormula("LixNi0.8Mn0.1Co0.1O2"), standards: standards))
    let shape = Shape(z: 6, y: 6, x: 6)
    func map(_ x: Double, _ change: (inout InstrumentTwin) -> Void) throws -> LithiumMap {
      var twin = plain
      change(&twin)
      let expected = twin.expected(x, on: axis)
      let counts = (0..<shape.count).flatMap { _ in expected.map { Float(random.poisson(3e6 * unit * $0)) } }
      return try LithiumMap(
        source: try SpectralVolume(
          grid: Grid(unscaled: shape), energy: axis,
          acquisition: Acquisition(incidentEnergy: 115.6, liveTime: 600), counts: counts),
        calibration: calibration)
    }
    let maps = try [
      map(0.5) { _ in }, map(0.55) { $0.gain = 3e-4 }, map(0.55) { $0.fwhm *= 1.03 },
      map(0.55) { $0.flat = 0.003 }, map(0.55) { $0.tail += 0.03 },
      map(0.55) {
        $0.gain = -2e-4
        $0.flat = 0.002
      },
    ]
    let names = ["first", "gain", "width", "flat", "tail", "both"]
    let folder = try TemporaryFolder()
    let series = try SeriesFolder(
      states: try SeriesState.states(names), maps: maps, method: .profile, calibration: calibration)
    let report = try series.write(to: folder.path, overwrite: false, resources: Resources())
    let found = report.states.map { $0.misfit?.corrections.map(\.name) ?? [] }
    #expect(found[0].isEmpty && report.states[0].misfit?.verdict == .described)
    #expect(found[1] == ["gain"] && found[2] == ["width"] && found[3] == ["flat_background"], "\(found)")
    #expect(Set(found[5]) == ["gain", "flat_background"], "\(found)")
    for index in [1, 2, 3, 5] {
      let state = report.states[index]
      let change = try #require(state.sinceFirst)
      print(names[index], "change", change.value, "sigma", change.sigma, found[index])
      #expect(state.misfit?.verdict == .corrected)
      #expect(abs(change.value - 0.05) < 2.5 * change.sigma, "\(names[index]): \(change)")
      #expect(change.sigma < 0.04, "\(names[index]): \(change)")
    }
    let tail = report.states[4]
    #expect(tail.misfit?.verdict == .notDescribed)
    #expect(tail.misfit?.notice?.contains("tail") == true)
    #expect(abs((tail.sinceFirst?.value ?? 0) - 0.05) < 2 * (tail.sinceFirst?.sigma ?? 0))
    // A gain is told where it is a gain, and not read from what is none.
    let gain = try #require(report.states[1].drift)
    #expect(abs(gain.sinceFirst - 3e-4) < 4 * max(gain.sinceFirstSigma, 3e-6), "\(gain)")
    #expect(report.states[2].drift == nil && report.states[3].drift == nil && report.states[4].drift == nil)
    let both = try #require(report.states[5].drift)
    #expect(abs(both.sinceFirst + 2e-4) < 2e-5, "\(both)")
  }
}
