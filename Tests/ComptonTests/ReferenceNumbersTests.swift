import Compton
import Foundation
import Testing
import Volumetry

/// Numbers computed by an independent program from the tables of xraylib 4.
@Suite struct ReferenceNumbersTests {
  let geometry: ScatteringGeometry
  let nmc: ChemicalFormula
  let lmo: ChemicalFormula

  init() throws {
    geometry = try ScatteringGeometry(incidentEnergy: 115.6, angle: 90)
    nmc = try ChemicalFormula("LixNi0.8Mn0.1Co0.1O2")
    lmo = try ChemicalFormula("LixMn2O4")
  }

  @Test(arguments: [(115.6, 94.27318), (115.56, 94.24658), (100, 83.63336)])
  func peakEnergy(incident: Double, peak: Double) throws {
    let geometry = try ScatteringGeometry(incidentEnergy: incident, angle: 90)
    #expect(abs(geometry.peakEnergy - peak) < 1e-4)
  }

  @Test func momentumTransferAtThePeak() {
    let q = geometry.momentumTransfer(at: geometry.peakEnergy)
    #expect(abs(q - 149.1670) < 1e-3)
    #expect(abs(q / PhysicalConstants.atomicMomentum - 40.0025) < 1e-3)
  }

  @Test(arguments: [
    (-5.0, 89.9291), (-2, 92.5129), (-1, 93.3893), (1, 95.1647), (2, 96.0638), (5, 98.8073),
  ])
  func energyOfMomentum(pz: Double, expected: Double) throws {
    let energy = try #require(geometry.energy(at: pz))
    #expect(abs(energy - expected) < 1e-3)
    #expect(abs(geometry.momentum(at: energy) - pz) < 1e-9)
  }

  @Test func slopes() throws {
    #expect(abs(geometry.slope(at: geometry.peakEnergy) - 1.12650) < 1e-4)
    let step = 1e-4
    let above = try ScatteringGeometry(incidentEnergy: 115.6, angle: 90 + step).peakEnergy
    let below = try ScatteringGeometry(incidentEnergy: 115.6, angle: 90 - step).peakEnergy
    #expect(abs((above - below) / (2 * step) + 0.30355) < 1e-4)
  }

  @Test func slopeIsTheDerivativeOfMomentum() {
    for energy in stride(from: 80.0, through: 110, by: 2.5) {
      let numeric = (geometry.momentum(at: energy + 1e-4) - geometry.momentum(at: energy - 1e-4)) / 2e-4
      #expect(abs(geometry.slope(at: energy) - numeric) < 1e-6)
    }
  }

  @Test(arguments: [
    ("H", 0.849), ("Li", 2.59), ("C", 2.89), ("O", 2.78), ("P", 5.11), ("Mn", 7.16), ("Fe", 7.06),
    ("Co", 6.98), ("Ni", 6.90),
  ])
  func heightOfAtoms(symbol: String, expected: Double) throws {
    let z = try #require(AtomicData.atomicNumber(symbol))
    #expect(abs(AtomicData.profile(z, pz: 0) - expected) < 0.006)
  }

  @Test(arguments: [("Li", 2.999), ("O", 8.000), ("Mn", 24.98), ("Ni", 28.00)])
  func electronsOfAtoms(symbol: String, expected: Double) throws {
    let profile = try MaterialProfile(ChemicalFormula(symbol))
    #expect(abs(2 * profile.integral(from: 0, to: 99.999, intervals: 20_000) / expected - 1) < 1e-3)
  }

  @Test func heightOfOxides() throws {
    let spinel = try MaterialProfile(ChemicalFormula("LiMn2O4"))
    #expect(abs(spinel.value(at: 0) - 28.030) < 1e-3 && abs(spinel.electrons - 85) < 1e-9)
    let layered = try MaterialProfile(ChemicalFormula("LiNi0.8Mn0.1Co0.1O2"))
    #expect(abs(layered.value(at: 0) - 15.084) < 1e-3 && abs(layered.electrons - 46.6) < 1e-9)
  }

  @Test(arguments: [("Mn", 7.156), ("O", 2.784), ("Ni", 6.887)])
  func shellsAddUpToTheAtom(symbol: String, expected: Double) throws {
    let z = try #require(AtomicData.atomicNumber(symbol))
    let sum = AtomicData.shells(z).reduce(0) {
      $0 + $1.occupancy * AtomicData.profile(z, shell: $1.index, pz: 0)
    }
    #expect(abs(sum / expected - 1) < 1e-3)
    #expect(abs(sum / AtomicData.profile(z, pz: 0) - 1) < 0.005)
  }

  @Test func kleinNishina() {
    let crossSection = CrossSection(geometry)
    #expect(abs(crossSection.kleinNishina - 0.0275075) < 1e-6)
    #expect(abs(CrossSection.total(incidentEnergy: 115.6) - 0.475765) < 1e-6)
    let ratio = crossSection.kleinNishina(azimuth: 90) / crossSection.kleinNishina(azimuth: 0)
    #expect(abs(ratio - 48.9) < 0.05)
    let mean = 0.5 * (crossSection.kleinNishina(azimuth: 0) + crossSection.kleinNishina(azimuth: 90))
    #expect(abs(mean / crossSection.kleinNishina - 1) < 1e-12)
  }

  @Test func narrowProfileReturnsKleinNishina() {
    let crossSection = CrossSection(geometry)
    let profile = GaussianProfile(width: 0.01)
    let peak = geometry.peakEnergy
    let step = 1e-4
    var integral = 0.0
    for index in -2000...2000 {
      integral += step * crossSection.doubleDifferential(at: peak + Double(index) * step, profile: profile)
    }
    #expect(abs(integral / crossSection.kleinNishina - 1) < 1e-5)
  }

  @Test func sParameterOfNMC811() throws {
    let windows = try MomentumWindows.sParameter(d: 1, r: 5)
    let neutral = [(0.0, 0.99240), (0.5, 1.02510), (1, 1.05637)]
    let ionic = [(0.0, 0.99240), (0.5, 1.00713), (1, 1.02098)]
    for (x, expected) in neutral {
      #expect(abs(windows.ratio(of: try MaterialProfile(nmc, x: x, model: .neutral)) - expected) < 1e-4)
    }
    for (x, expected) in ionic {
      #expect(abs(windows.ratio(of: try MaterialProfile(nmc, x: x)) - expected) < 1e-4)
    }
  }

  @Test func sParameterOfLMO() throws {
    let windows = try MomentumWindows.sParameter(d: 1, r: 5)
    for (x, neutral, ionic) in [(0.0, 1.09093, 1.09093), (0.5, 1.10793, 1.09747), (1, 1.12451, 1.10378)] {
      #expect(abs(windows.ratio(of: try MaterialProfile(lmo, x: x, model: .neutral)) - neutral) < 1e-4)
      #expect(abs(windows.ratio(of: try MaterialProfile(lmo, x: x)) - ionic) < 1e-4)
    }
  }

  @Test func signOfTheSlope() throws {
    func slope(_ text: String, d: Double, model: LithiumModel) throws -> Double {
      let formula = try ChemicalFormula(text)
      let windows = try MomentumWindows.sParameter(d: d, r: 5)
      return windows.ratio(of: try MaterialProfile(formula, x: 1, model: model))
        - windows.ratio(of: try MaterialProfile(formula, x: 0, model: model))
    }
    for text in ["LixMn2O4", "LixCoO2", "LixNi0.8Mn0.1Co0.1O2", "LixFePO4"] {
      #expect(try slope(text, d: 1, model: .ionic) > 0)
    }
    #expect(try slope("LixC6", d: 1, model: .ionic) < 0)
    #expect(try slope("LixC6", d: 2, model: .ionic) > 0)
  }

  @Test(arguments: [(115.6, 1.1977), (94.27, 1.6737)])
  func attenuationOfNMC811(energy: Double, expected: Double) throws {
    let formula = try ChemicalFormula("LiNi0.8Mn0.1Co0.1O2")
    #expect(abs(formula.attenuation(energy: energy, density: 4.75) / expected - 1) < 0.01)
  }
}
