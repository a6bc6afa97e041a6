public import Volumetry

/// Projections of a sample by two numbers a pixel that are linear in what the sample holds: its density, and its density times the
/// contrast that is looked for.
///
/// For lithium the first is the sum along the ray of `a (1 + mixing (x - middle))`, the second that of `a (x - middle)`, both in the
/// amplitude that a pixel's counts are fitted with; the first is chosen so that the errors of both have nothing in common at `middle`.
public struct AmplitudeProjections: Sendable {
  public let angles: Int
  public let rows: Int
  public let columns: Int
  /// In the order row, angle, column.
  public var first: [Float]
  public var second: [Float]
  /// Rays whose numbers are none: they have no weight.
  public var isMissing: [Bool]
  /// Of every pixel (row, column).
  public let noise: [PairNoise]
  /// Pixels that counted nothing at any angle although both neighbours did: their rays are missing.
  public private(set) var deadPixels = 0

  /// - Throws: `data` where the arrays do not hold rows x angles x columns numbers.
  public init(
    angles: Int, rows: Int, columns: Int, first: [Float], second: [Float], noise: [PairNoise]
  ) throws(VoxelithError) {
    let count = angles * rows * columns
    guard first.count == count, second.count == count, noise.count == rows * columns else {
      throw VoxelithError(
        .data, "\(first.count) and \(second.count) amplitudes do not fill \(rows) rows of \(angles) angles")
    }
    self.angles = angles
    self.rows = rows
    self.columns = columns
    isMissing = zip(first, second).map { !($0.isFinite && $1.isFinite) }
    self.first = zip(first, isMissing).map { $1 ? 0 : $0 }
    self.second = zip(second, isMissing).map { $1 ? 0 : $0 }
    self.noise = noise
    leaveOutDeadPixels()
  }

  private static let leastOfNeighbour = 0.1

  private mutating func leaveOutDeadPixels() {
    for row in 0..<rows {
      func index(_ angle: Int, _ column: Int) -> Int { (row * angles + angle) * columns + column }
      let means = (0..<columns).map { column in
        (0..<angles).reduce(0.0) { $0 + Double(first[index($1, column)]) } / Double(max(1, angles))
      }
      let least = Self.leastOfNeighbour * (means.max() ?? 0)
      guard least > 0 else { continue }
      for column in 0..<columns {
        let neighbours = [column - 1, column + 1].filter { (0..<columns).contains($0) }
        guard neighbours.allSatisfy({ means[$0] > least }) else { continue }
        let values = (0..<angles).map { first[index($0, column)] }
        guard values[0] <= 0, values.allSatisfy({ $0 == values[0] }),
          !(0..<angles).contains(where: { isMissing[index($0, column)] })
        else { continue }
        deadPixels += 1
        for angle in 0..<angles { isMissing[index(angle, column)] = true }
      }
    }
  }

  package func range(row: Int) -> Range<Int> { (row * angles * columns)..<((row + 1) * angles * columns) }
}

/// Covariance of the two numbers of a ray, as [00, 01, 11]: `perFirst * first + constant`, as linear combinations of Poisson counts have it.
public struct PairNoise: Sendable, Hashable {
  public var perFirst: SIMD3<Double>
  public var constant: SIMD3<Double>
  /// First number of one count: rays are taken to expect no less.
  public var oneCount: Double

  public init(perFirst: SIMD3<Double>, constant: SIMD3<Double> = .zero, oneCount: Double) {
    self.perFirst = perFirst
    self.constant = constant
    self.oneCount = oneCount
  }

  /// The covariance of a ray that expects this number.
  func covariance(first: Double) -> SIMD3<Double> { max(first, oneCount) * perFirst + constant }
}
