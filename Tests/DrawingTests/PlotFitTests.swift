import Drawing
import Foundation
import TestSupport
import Testing
import Volumetry

/// Fits that figures show, against closed forms and independent numbers.
@Suite struct PlotFitTests {
  @Test func weightedLineHasTheClosedForm() throws {
    // S. Brandt, Data Analysis, weighted by 1, 1, 4, 4: normal equations solved by hand.
    let line = try #require(WeightedLine(x: [0, 1, 2, 3], y: [1, 3, 4, 8], errors: [1, 1, 0.5, 0.5]))
    // Sums: S = 10, Sx = 21, Sy = 52, Sxx = 53, Sxy = 131; D = 530 - 441 = 89.
    #expect(abs(line.slope - (1310 - 1092) / 89.0) < 1e-12)
    #expect(abs(line.intercept - (53 * 52 - 21 * 131) / 89.0) < 1e-12)
    // The points scatter by more than their errors: residuals of 84, 44, -85 and 53 over 89, weighted, over two degrees.
    let wider = Double(84 * 84 + 44 * 44 + 4 * 85 * 85 + 4 * 53 * 53) / (89 * 89) / 2
    #expect(
      abs(line.covariance.0 - wider * 53 / 89) < 1e-12 && abs(line.covariance.1 - wider * 10 / 89) < 1e-12)
    #expect(abs(line.covariance.2 + wider * 21 / 89) < 1e-12)
    // With errors twice as large they do not, and these alone count.
    let calm = try #require(WeightedLine(x: [0, 1, 2, 3], y: [1, 3, 4, 8], errors: [2, 2, 1, 1]))
    #expect(abs(calm.slope - line.slope) < 1e-12 && abs(calm.covariance.1 - 4 * 10 / 89.0) < 1e-12)
    #expect(
      WeightedLine(x: [1, 1, 1], y: [1, 2, 3]) == nil && WeightedLine(x: [1, 2], y: [1, 2]) == nil)
    let exact = try #require(WeightedLine(x: [1, 2, 4], y: [3, 5, 9]))
    #expect(
      abs(exact.slope - 2) < 1e-12 && exact.value(at: 10).sigma < 1e-6 && abs(exact.correlation - 1) < 1e-12
    )
  }

  /// Points that are the same but for rounding, and some that nearly are: no two labels of an axis are alike, and none is a row of digits.
  @Test(arguments: [(0.55, 1e-8), (0.55, 2e-5), (1e6, 0.5), (1e6, 30), (3e-7, 1e-13), (-40, 0)])
  func nearlyConstantValuesHaveAnAxis(_ middle: Double, _ span: Double) {
    for isLogarithmic in [false, true] where !isLogarithmic || middle > 0 {
      let values = [middle - span / 2, middle, middle + span / 2]
      let plot = Plot(
        x: PlotAxis("x"), y: PlotAxis("y", logarithmic: isLogarithmic),
        [.points([10, 20, 30], values)])
      let texts = plot.scene(width: .millimetres(85)).textBoxes.map(\.text).filter { text in
        text.contains { $0.isNumber }
      }
      #expect(texts.count >= 4 && Set(texts).count == texts.count, "\(middle) \(span): \(texts)")
      #expect(texts.allSatisfy { $0.count <= 12 }, "\(middle) \(span): \(texts)")
    }
  }

  @Test func mixtureFindsItsNormals() {
    let values =
      NormalNumbers.normals(6000, seed: 3).map { 20 + 2 * $0 }
      + NormalNumbers.normals(3000, seed: 5).map { 50 + 4 * $0 }
    let mixture = NormalMixture(fitting: values, components: 2).components
    #expect(abs(mixture[0].mean - 20) < 0.15 && abs(mixture[1].mean - 50) < 0.4)
    #expect(abs(mixture[0].sigma - 2) < 0.1 && abs(mixture[1].sigma - 4) < 0.3)
    #expect(abs(mixture[0].weight - 2.0 / 3) < 0.01)
    #expect(NormalMixture(fitting: [3, 3, 3], components: 2).components.allSatisfy { $0.mean == 3 })
  }

  /// An even choice of directions has density 1 everywhere; a bundle lies where it points, with and without its sense.
  @Test func poleFigureIsEqualArea() throws {
    let golden = Double.pi * (3 - 5.0.squareRoot())
    let even = (0..<60_000).map { index -> SIMD3<Float> in
      let z = 1 - 2 * (Double(index) + 0.5) / 60_000
      let r = (1 - z * z).squareRoot()
      return SIMD3(Float(r * cos(golden * Double(index))), Float(r * sin(golden * Double(index))), Float(z))
    }
    let flat = try PolePlot(even)
    #expect(flat.count == 60_000)
    let inner = flat.density.indices.filter { index in
      let u = (Double(index % flat.side) + 0.5) / Double(flat.side) * 2 - 1
      let v = (Double(index / flat.side) + 0.5) / Double(flat.side) * 2 - 1
      return u * u + v * v < 0.8
    }.map { flat.density[$0] }
    #expect(inner.allSatisfy { abs($0 - 1) < 0.15 })
    for sense: Float in [1, -1] {
      let bundle = try PolePlot([SIMD3<Float>](repeating: SIMD3(0, 0.866 * sense, 0.5 * sense), count: 10))
      let peak = bundle.density.indices.max {
        bundle.density[$0].isNaN || bundle.density[$0] < bundle.density[$1]
      }
      let row = (Double((peak ?? 0) / bundle.side) + 0.5) / Double(bundle.side) * 2 - 1
      // 60 degrees from the axis: sqrt(2) sin(30 degrees), downwards as in a slice.
      #expect(abs(row - 2.0.squareRoot() / 2) < 0.02)
    }
  }
}
