public import Volumetry

extension FieldPair {
  /// Fewer voxels than this tell nothing of the likeness of neighbours: they are taken as independent.
  public static let fewestForLikeness = 10

  /// Number of independent voxels for the correlation of two fields, from the autocorrelation of both over
  /// the lags of the grid.
  ///
  /// The autocorrelation of a mean-free field sums to about zero over all lags, and its tail is noise; so
  /// lags are summed outwards in shells, and only while the mean product of both correlations in a shell is
  /// positive beyond its scatter (the rule of the initial positive sequence; Geyer, Stat. Sci. 7 (1992) 473).
  /// Shells of fields that are long along one axis only end early in the noise of the others. So all lags are summed, too, at
  /// which both correlations are beyond two standard errors of white noise, and the smaller number counts.
  public func effectiveCount(of a: [Double], _ b: [Double]) throws(VoxelithError) -> Double {
    let n = Double(count)
    guard count >= Self.fewestForLikeness else { return n }
    let reach = Shape(z: shape.z - 1, y: shape.y - 1, x: shape.x - 1)
    let first = try Autocorrelation(onGrid(a), shape: shape, reach: reach)
    let second = try Autocorrelation(onGrid(b), shape: shape, reach: reach)
    var shells: [Int: (products: Double, pairs: Double)] = [:]
    var significant = 0.0
    var index = 0
    for z in -reach.z...reach.z {
      for y in -reach.y...reach.y {
        for x in -reach.x...reach.x {
          let pairs = first.pairs[index]
          let (one, other) = (first.values[index], second.values[index])
          let product = pairs * one * other
          index += 1
          guard pairs > 0 else { continue }
          if min(one * one, other * other) * pairs > 4 { significant += product }
          guard abs(z) <= shape.z / 2, abs(y) <= shape.y / 2, abs(x) <= shape.x / 2 else { continue }
          let shell = Int(Double(z * z + y * y + x * x).squareRoot().rounded())
          shells[shell, default: (0, 0)].products += product
          shells[shell, default: (0, 0)].pairs += pairs
        }
      }
    }
    var near = 0.0
    for shell in shells.keys.sorted() {
      guard let part = shells[shell], part.pairs > 0 else { continue }
      // Correlations below one in a hundred are not told from the scatter of the estimate.
      if shell > 0 && part.products / part.pairs < 1e-4 { break }
      near += part.products
    }
    let variance = max(near, significant) / (n * n)
    guard variance > 0 else { return n }
    return min(n, max(3, 1 + 1 / variance))
  }

  /// The same for what controls leave of two fields.
  ///
  /// What was removed takes long waves from both, so that their autocorrelations turn negative and their product
  /// does not: all lags count. Under no relation the scatter of both estimates is independent and cancels in the
  /// mean. `spent` degrees of freedom are lost beside (measured in the README of this room).
  public func effectiveCount(
    ofResiduals a: [Double], _ b: [Double], spent: Int
  ) throws(VoxelithError) -> Double {
    let n = Double(count)
    let left = n - Double(spent)
    guard count >= Self.fewestForLikeness else { return left }
    let reach = Shape(z: shape.z - 1, y: shape.y - 1, x: shape.x - 1)
    let first = try Autocorrelation(onGrid(a), shape: shape, reach: reach)
    let second = try Autocorrelation(onGrid(b), shape: shape, reach: reach)
    var sum = 0.0
    for lag in first.values.indices { sum += first.pairs[lag] * first.values[lag] * second.values[lag] }
    // With the part of one voxel with itself alone, all count.
    let independent = 1 + n * n / max(n, sum)
    return max(3, min(n, independent) * left / n)
  }
}
