import Volumetry

/// By how much the effects that were found move x of single voxels, so that it can be taken back.
///
/// The model with the effects is put through the fit without them at several x; between these the change runs straight.
struct LithiumShift: Sendable {
  private let start: Double
  private let step: Double
  /// Change of x to be added, by what grows with the sample and by what does not.
  private let scaled: [Double]
  private let added: [Double]

  private static let nodes = 25

  /// - Parameters:
  ///   - place: which of the fit's spectra.
  ///   - range: x that the standards cover.
  init(_ fit: InstrumentFit, place: Int, range: ClosedRange<Double>) {
    let span = range.upperBound - range.lowerBound
    let low = range.lowerBound - span
    let step = 3 * span / Double(Self.nodes - 1)
    start = low
    self.step = step
    let spectrum = fit.spectra[place]
    let shapes = fit.shapes[place]
    let amplitude = fit.amounts[place][0]
    func values(_ isAdded: Bool) -> [Double] {
      zip(fit.effects, fit.values).map { $0.isAdded == isAdded ? $1 : 0 }
    }
    func table(_ values: [Double]) -> [Double] {
      guard values.contains(where: { $0 != 0 }) else { return [] }
      let measured = (0..<Self.nodes).map { node -> (raw: Double, x: Double) in
        let x = low + Double(node) * step
        var amounts = fit.amounts[place]
        amounts[0] = amplitude
        amounts[1] = amplitude * x
        let plain = GroupEquations.plain(spectrum, amounts)
        let change = fit.change(plain, shapes, values: values)
        return (Self.fitted(zip(plain, change).map { $0 + $1 }, spectrum, start: amounts), x)
      }
      return (0..<Self.nodes).map { node in
        let raw = low + Double(node) * step
        return Self.interpolate(measured, at: raw) - raw
      }
    }
    scaled = table(values(false))
    added = table(values(true))
  }

  /// x by the weighted fit of expected counts without effects.
  private static func fitted(_ counts: [Double], _ spectrum: SummedSpectrum, start: [Double]) -> Double {
    var amounts = start
    let columns = [spectrum.constant, spectrum.slope] + spectrum.components
    for _ in 0..<3 {
      let mu = GroupEquations.plain(spectrum, amounts)
      var a = Matrix(zeros: columns.count, columns.count)
      var b = [Double](repeating: 0, count: columns.count)
      for bin in counts.indices where mu[bin] > 0 && !spectrum.leftOut.contains(bin) {
        let weight = 1 / mu[bin]
        let y = counts[bin] - spectrum.offset[bin]
        for i in columns.indices {
          b[i] += weight * columns[i][bin] * y
          for j in columns.indices { a[i, j] += weight * columns[i][bin] * columns[j][bin] }
        }
      }
      guard let factor = Cholesky(a) else { break }
      let next = factor.solve(b)
      guard next[0] > 0 else { break }
      amounts = next
    }
    return amounts[1] / amounts[0]
  }

  private static func interpolate(_ points: [(raw: Double, x: Double)], at raw: Double) -> Double {
    var index = 0
    while index < points.count - 2, points[index + 1].raw < raw { index += 1 }
    let (a, b) = (points[index], points[index + 1])
    guard b.raw != a.raw else { return a.x }
    return a.x + (raw - a.raw) / (b.raw - a.raw) * (b.x - a.x)
  }

  private func value(_ table: [Double], _ x: Double) -> Double {
    guard !table.isEmpty else { return 0 }
    let position = max(0, min(Double(table.count - 1), (x - start) / step))
    let index = min(Int(position), table.count - 2)
    let part = position - Double(index)
    return table[index] + part * (table[index + 1] - table[index])
  }

  /// What is added to a fitted x.
  ///
  /// - Parameter dilution: the map's mean intensity over that of the voxel.
  func callAsFunction(_ x: Double, dilution: Double) -> Double {
    value(scaled, x) + min(10, max(0, dilution)) * value(added, x)
  }
}
