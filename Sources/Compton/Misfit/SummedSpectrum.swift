import Volumetry

/// The spectrum that all mapped voxels of some pixels have together, with what the model expects of it.
///
/// Arrays hold one value for each bin of the fit's window.
struct SummedSpectrum: Sendable {
  /// Centres and widths of the bins in keV.
  var centers: [Double]
  var widths: [Double]
  /// Place of the first bin in the file's axis.
  var firstBin: Int
  var angle: Double
  var incidentEnergy: Double
  var counts: [Double]
  var voxels: Int
  /// Counts at x = 0 and their increase with x, for voxels that are filled.
  var constant: [Double]
  var slope: [Double]
  /// Known counts: background and known components.
  var offset: [Double]
  /// Spectra whose amounts are free, and what is known of these beforehand (amount and its standard deviation).
  var components: [[Double]] = []
  /// Variances of `components` by the counts that they were measured with; empty for none.
  var componentVariances: [[Double]] = []
  var knownAmounts: (amounts: [Double], sigma: Double)?
  /// Variance of `offset` by the known components that it holds; empty for none.
  var offsetVariance: [Double] = []
  /// Variance of the background, as if none of it were taken off with the spectra of the phases; empty for none.
  var backgroundVariance: [Double] = []
  /// Filled part of a voxel: of the active material for an amplitude of one, and of known components.
  var filled = (active: 1.0, known: 0.0)
  /// Variances by the standards: of `constant`, of both, of `slope`.
  var constantVariance: [Double]
  var crossCovariance: [Double]
  var slopeVariance: [Double]
  /// Bins that say nothing, as no voxel's fit uses them; the model still runs through them.
  var leftOut: Set<Int> = []

  var total: Double { sum(counts) }
  var bins: Int { counts.count }
  var usedBins: Int { counts.count - leftOut.count }

  /// Over the bins that are used.
  func sum(_ values: [Double]) -> Double {
    guard !leftOut.isEmpty else { return values.reduce(0, +) }
    return values.indices.reduce(0.0) { leftOut.contains($1) ? $0 : $0 + values[$1] }
  }

  /// Variance of a bin by the measured spectra of background and components. The spectra of phases have the background taken off,
  /// so that its error counts only for the part of the voxels that they do not fill.
  ///
  /// - Parameter amounts: amplitudes, those of the components after the first two.
  func varianceOfOthers(_ amounts: [Double], _ bin: Int) -> Double {
    var result = offsetVariance.isEmpty ? 0 : offsetVariance[bin]
    var empty = 1 - filled.known - amounts[0] * filled.active
    for k in components.indices {
      empty -= amounts[k + 2]
      if !componentVariances.isEmpty {
        result += amounts[k + 2] * amounts[k + 2] * componentVariances[k][bin]
      }
    }
    return backgroundVariance.isEmpty ? result : result + empty * empty * backgroundVariance[bin]
  }

  /// Adds the spectrum of other pixels over the bins that both have.
  mutating func add(_ other: SummedSpectrum) {
    let low = max(firstBin, other.firstBin)
    let high = min(firstBin + bins, other.firstBin + other.bins)
    guard low < high else { return }
    let own = (low - firstBin)..<(high - firstBin)
    let from = (low - other.firstBin)..<(high - other.firstBin)
    func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a[own], b[from]).map(+) }
    // Errors of the standards are the same in both.
    func joined(_ a: [Double], _ b: [Double]) -> [Double] {
      zip(a[own], b[from]).map { max(0, $0).squareRoot() + max(0, $1).squareRoot() }.map { $0 * $0 }
    }
    leftOut = Set(
      leftOut.map { $0 + firstBin - low } + other.leftOut.map { $0 + other.firstBin - low }
    ).filter { 0..<(high - low) ~= $0 }
    crossCovariance = zip(crossCovariance[own], other.crossCovariance[from]).map { a, b in
      let sum = abs(a).squareRoot() * (a < 0 ? -1 : 1) + abs(b).squareRoot() * (b < 0 ? -1 : 1)
      return sum * abs(sum)
    }
    constantVariance = joined(constantVariance, other.constantVariance)
    slopeVariance = joined(slopeVariance, other.slopeVariance)
    func joinedIfAny(_ a: [Double], _ b: [Double]) -> [Double] { a.isEmpty || b.isEmpty ? [] : joined(a, b) }
    offsetVariance = joinedIfAny(offsetVariance, other.offsetVariance)
    backgroundVariance = joinedIfAny(backgroundVariance, other.backgroundVariance)
    let part = Double(other.voxels) / Double(voxels + other.voxels)
    filled.active += part * (other.filled.active - filled.active)
    filled.known += part * (other.filled.known - filled.known)
    counts = sum(counts, other.counts)
    constant = sum(constant, other.constant)
    slope = sum(slope, other.slope)
    offset = sum(offset, other.offset)
    components = zip(components, other.components).map { sum($0, $1) }
    componentVariances = zip(componentVariances, other.componentVariances).map { joined($0, $1) }
    centers = Array(centers[own])
    widths = Array(widths[own])
    angle = (angle * Double(voxels) + other.angle * Double(other.voxels)) / Double(voxels + other.voxels)
    firstBin = low
    voxels += other.voxels
  }
}
