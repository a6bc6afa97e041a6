import Compton
import Testing
import Volumetry

/// What theory says of materials, against the plan of a calibration that twins of the same theory make.
@Suite struct TheoryPlanTests {
  @Test func agreesWithThePlanOfACalibration() throws {
    let formula = try CathodeFormula("NMC811")
    #expect(formula.formula == "LixNi0.8Mn0.1Co0.1O2" && formula.range == 0...1)
    var settings = TheorySettings()
    settings.resolution = 0.8
    settings.target = 0.01
    let theory = try TheoryPlan(formula, settings: settings)
    let axis = EnergyAxis(first: 84.025, width: 0.05, count: 400)
    let geometry = try ScatteringGeometry(incidentEnergy: 115.6, angle: 90)
    let response = try DetectorResponse(resolution: 0.8)
    let model = SpectrumModel(energy: axis, geometry: geometry, response: response)
    let chemical = try ChemicalFormula(formula.formula)
    var random = SeededGenerator(seed: 5)
    let standards = try [0, 0.5, 1].map { x in
      let expected = model.expected(try MaterialProfile(chemical, x: x))
      let unit = 1e10 / expected.reduce(0, +)
      return Standard(
        name: "\(x)", x: x, xSigma: 0,
        spectrum: try Spectrum(
          energy: axis, counts: expected.map { Double(random.poisson(unit * $0)) }, liveTime: 1000))
    }
    let calibration = try Calibration(
      try StandardSet(geometry: geometry, response: response, formula: chemical, standards: standards))
    var wish = PlanSettings()
    wish.target = 0.01
    wish.rate = 1000
    wish.backgroundFraction = 0
    let plan = try MeasurementPlan(calibration, settings: wish)
    let ratio = theory.sigmaOfOneCount / plan.methods[0].precision.sigmaOfOneCount
    // The calibration's window has other ends.
    #expect(abs(ratio - 1) < 0.05, "\(ratio)")
    #expect(abs(theory.countsForTarget - 1e4 * theory.sigmaOfOneCount * theory.sigmaOfOneCount) < 1)
    #expect(theory.costOfRatio > 1 && theory.costOfRatio < 2, "\(theory.costOfRatio)")
    let best = plan.bestSWindows.sigmaOfOneCount
    let own = theory.sigmaOfOneCount * theory.costOfRatio.squareRoot()
    #expect(abs(own / best - 1) < 0.06, "\(own) \(best)")
  }

  /// Without binding, in wide windows, the electrons that one Li brings are three of all.
  @Test func electronsAreCounted() throws {
    for (text, z) in [("LMO", 2 * 25 + 4 * 8), ("LFP", 26 + 15 + 4 * 8)] {
      let plan = try TheoryPlan(try CathodeFormula(text), settings: TheorySettings())
      #expect(abs(plan.electrons - (Double(z) + 1.5)) < 1e-9, "\(plan.electrons)")
      #expect(abs(plan.lithiumShare - 3 / plan.electrons) < 1e-12)
    }
  }

  @Test func everyKnownMaterialHasNumbers() throws {
    for material in CathodeFormula.known {
      let plan = try TheoryPlan(material, settings: TheorySettings())
      #expect(
        plan.sigmaOfOneCount > 5 && plan.sigmaOfOneCount < 100, "\(material.formula) \(plan.sigmaOfOneCount)")
      #expect(plan.slope > 0.01 && plan.slope < 0.3, "\(material.formula) \(plan.slope)")
      #expect(abs(plan.detectionLimit / plan.sigma - 2 * 2.0.squareRoot()) < 1e-9)
      #expect(plan.costOfRatio >= 1)
    }
  }

  @Test func lithiumInFrontIsTheRange() throws {
    let fixed = try CathodeFormula("Li1.2Mn0.4Ti0.4O2")
    #expect(fixed.formula == "LixMn0.4Ti0.4O2" && fixed.range == 0...1.2 && fixed.name == nil)
    #expect(try CathodeFormula("LiFePO4").range == 0...1)
    #expect(try CathodeFormula("lmto").range == 0...1.2)
    for text in ["NiO2", "MnLi2O3", "Li2MnLiO3", "Lix", "NMC", ""] {
      #expect(throws: VoxelithError.self, "\(text)") {
        try TheoryPlan(try CathodeFormula(text), settings: TheorySettings())
      }
    }
    var settings = TheorySettings()
    settings.resolution = 0
    #expect(throws: VoxelithError.self) { try TheoryPlan(fixed, settings: settings) }
  }
}
