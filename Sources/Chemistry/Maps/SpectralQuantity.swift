/// What a spectrum is turned into: one value or several, with their errors.
///
/// Values are in the order of ``channels``. Working memory is the caller's, so that nothing is allocated for a voxel.
public protocol SpectralQuantity: Sendable {
  /// Names of the values.
  var channels: [String] { get }
  /// Unit of the values: `eV`, empty for a pure number, or as the data.
  var unit: String { get }
  var noise: NoiseModel { get }
  /// Names of further numbers of a voxel that are written, each in its file.
  var extras: [String] { get }

  func makeWorkspace() -> QuantityWorkspace

  /// Measures the spectrum in `work.values`; answers in `work.results`, `work.sigmas` and `work.extras`.
  func measure(_ work: inout QuantityWorkspace) -> VoxelReason
}

extension SpectralQuantity {
  public var extras: [String] { [] }
}

/// Working memory of one thread.
public struct QuantityWorkspace: Sendable {
  /// The spectrum.
  public var values: [Double]
  public var results: [Double]
  public var sigmas: [Double]
  public var extras: [Double]
  /// Scatter about the fits against what the noise says: their sum and degrees of freedom.
  var chiSquared = 0.0
  var freedom = 0
  /// Weights of the bins in a value.
  var form: [Double]
  var first: [Double] = []
  var second: [Double] = []
  var third: [Double] = []

  init(bins: Int, channels: Int, extras: Int = 0) {
    values = [Double](repeating: 0, count: bins)
    results = [Double](repeating: 0, count: channels)
    sigmas = results
    self.extras = [Double](repeating: 0, count: extras)
    form = values
  }

  mutating func clearForm() { for bin in form.indices { form[bin] = 0 } }

  /// Error of the value whose weights are in ``form``.
  ///
  /// - Parameter variance: of every bin; nil for counts, whose variance is their value.
  func formSigma(_ variance: Double?) -> Double {
    var sum = 0.0
    if let variance {
      for weight in form { sum += weight * weight }
      sum *= variance
    } else {
      for bin in form.indices { sum += form[bin] * form[bin] * values[bin] }
    }
    return max(sum, 0).squareRoot()
  }
}
