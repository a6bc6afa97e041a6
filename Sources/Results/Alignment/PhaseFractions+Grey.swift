import Foundation
import Microstructure
import Registration
import Volumetry

/// Fractions from grey values.
///
/// The mean grey value of a coarse voxel is the sum of the phases' own values times their fractions, whatever the blur of
/// the scan. With two phases that is all; with more, the labels' fractions are moved as little as makes them agree with
/// the grey value, each threshold in the measure of the voxels that lie near it.
extension PhaseFractions {
  /// - Parameters:
  ///   - grey: what the thresholds were applied to.
  ///   - labels: class k, in rising order of grey, has the label k.
  ///   - resolved: whether the blur of the scan was taken out of the labels.
  mutating func useGrey(
    _ grey: any VolumeSource, model: GreyModel, histogram: GreyHistogram?, thresholds: [Double],
    labels: any VolumeSource, resolved: Bool, resources: Resources
  ) throws(VoxelithError) {
    let classes = model.means.count
    let blur = try PartialVolume(model).fittingBlur(to: grey, resources: resources)
      .blurVariance(in: grey, resources: resources)
    var sharp = try FieldProjection(
      onto: projection.target, through: projection.transform, spread: remainingSpread(blur.value, grey.grid))
    sharp.minimumCoverage = projection.minimumCoverage
    sharp.minimumShare = projection.minimumCoverage
    let means = try sharp.means(of: [grey], resources: resources)[0]
    let start =
      classes > 2
      ? try projection.phaseFractions(of: labels, phases: Array(0..<classes), resources: resources) : []
    let gain = Self.gain(model, histogram: histogram, thresholds: thresholds)
    let place = phases.map { phase in phase.label < classes ? phase.label : nil }
    let middle = model.means.reduce(0, +) / Double(classes)
    var filled = self.values.map(\.voxels)
    for voxel in means.voxels.indices {
      let mean = Double(means.voxels[voxel])
      var parts = [Double](repeating: .nan, count: classes)
      if mean.isFinite, !self.values[0].voxels[voxel].isNaN {
        // Without labels to start from: equal parts, whose sum is one.
        let first = classes > 2 ? start.map { Double($0.voxels[voxel]) } : [0.5, 0.5]
        let expected = classes > 2 ? zip(first, model.means).reduce(0) { $0 + $1.0 * $1.1 } : middle
        parts = (0..<classes).map { first[$0] + gain[$0] * (mean - expected) }
      }
      for (phase, label) in place.enumerated() {
        filled[phase][voxel] = label.map { Float(parts[$0]) } ?? (parts[0].isFinite ? 0 : .nan)
      }
    }
    let values = zip(self.values, filled).map { Volume(grid: $0.grid, voxels: $1) }
    let variance =
      model.noise * model.noise * model.correlatedVoxels * sharp.squaredWeight(fine: grey.grid)
    let own = place.map { label in label.map { gain[$0] } ?? 0 }
    var noise = Matrix(zeros: phases.count, phases.count)
    for a in phases.indices { for b in phases.indices { noise[a, b] = own[a] * own[b] * variance } }
    noise = noise + (try exchange(blur.value, labels: labels, resources))
    var doubt: [Double]?
    if classes > 2, resolved {
      let (wrong, bias) = try labelling(model, gain: gain, labels: labels, resources)
      let loose = try PartialVolume(model).looseness(of: grey, resources: resources)
      doubt = zip(bias, loose).map { abs($0) + abs($1) }
      for a in phases.indices {
        for b in phases.indices {
          if let first = place[a], let second = place[b] { noise[a, b] += wrong[first, second] }
        }
      }
    }
    var modes: [FractionMode] = []
    for errors in model.errorModes {
      // Phases' own values too high by their errors: the grey of their fractions is missing, and is made up by all.
      let missing = means.voxels.indices.map { voxel in
        errors.indices.reduce(0.0) {
          $0 + errors[$1] * Self.share(of: $1, place, values, voxel, classes)
        }
      }
      let changes = own.map { gain in missing.map { -gain * $0 } }
      modes.append(FractionMode(cause: .greyValues, changes: changes))
    }
    modes += Self.mixtures(model, place, values, doubt: doubt)
    modes.append(try blurMode(blur, labels: labels, gain: own, model, place, resources))
    set(grey: model, blur: blur, values: values, noise: noise, modes: modes)
  }

  /// Covariance between classes of what labels get wrong in one voxel, once they agree with its grey value, and the mean of it: that
  /// of labels whose truth is known.
  private func labelling(
    _ model: GreyModel, gain: [Double], labels: any VolumeSource, _ resources: Resources
  ) throws(VoxelithError) -> (own: Matrix, bias: [Double]) {
    // The box that is as wide as a voxel with its point spread.
    let sigma = projection.spread.sigma
    let spacing = projection.target.spacing
    let width = (spacing * spacing + 12 * sigma * sigma).squareRoot()
    let fine = labels.grid.spacing / projection.transform.scale
    let errors = try PartialVolume(model).errors(of: labels, side: width / fine, resources: resources)
    var moments = errors.map { wrong in
      let grey = zip(wrong, model.means).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(wrong, gain).map { $0 - $1 * grey }
    }
    let classes = model.means.count
    let mean = (0..<classes).map { own in moments.reduce(0) { $0 + $1[own] } / Double(max(1, moments.count)) }
    for i in moments.indices { for own in 0..<classes { moments[i][own] -= mean[own] } }
    var result = Matrix(zeros: classes, classes)
    for a in 0..<classes {
      for b in 0..<classes {
        result[a, b] = moments.reduce(0) { $0 + $1[a] * $1[b] } / Double(max(1, moments.count))
      }
    }
    return (result, mean)
  }

  /// Errors of classes between two others, which hold the voxels that are partly of these: half of what lies at faces.
  ///
  /// - Parameter doubt: error of the fraction of each class over the volume, where labels had the blur taken out; nil elsewhere.
  private static func mixtures(
    _ model: GreyModel, _ place: [Int?], _ values: [Volume<Float>], doubt: [Double]?
  ) -> [FractionMode] {
    let classes = model.means.count
    guard classes > 2 else { return [] }
    return (1..<(classes - 1)).map { (middle: Int) -> FractionMode in
      let (low, own, high) = (model.means[middle - 1], model.means[middle], model.means[middle + 1])
      let shares = [middle - 1: (high - own) / (high - low), middle + 1: (own - low) / (high - low)]
      let parts = values[0].voxels.indices.map { voxel in
        max(0, share(of: middle, place, values, voxel, classes))
      }
      var mean = Moments()
      for (part, known) in zip(parts, values[0].voxels) where !known.isNaN { mean.add(part) }
      var doubted = 0.5 * model.thin[middle]
      if let doubt, mean.mean > 0 { doubted = min(doubted, doubt[middle] / mean.mean) }
      let wrong = parts.map { doubted * $0 }
      let changes = place.map { label -> [Double] in
        guard let label else { return wrong.map { _ in 0 } }
        let factor = label == middle ? -1 : shares[label] ?? 0
        return wrong.map { factor * $0 }
      }
      return FractionMode(cause: .greyValues, changes: changes)
    }
  }

  /// Fraction of a class in a voxel, from the phases that are asked for.
  private static func share(
    of label: Int, _ place: [Int?], _ values: [Volume<Float>], _ voxel: Int, _ classes: Int
  ) -> Double {
    if let phase = place.firstIndex(of: label) { return Double(values[phase].voxels[voxel]) }
    let rest = place.indices.filter { place[$0] != nil }.reduce(1.0) { $0 - Double(values[$1].voxels[voxel]) }
    return rest / Double(max(1, classes - place.compactMap { $0 }.count))
  }

  /// Change of each class's fraction for one unit of grey: C m / (m^T C m) with the values m of the classes and
  /// C = sum over thresholds of w d d^T, d the exchange between the two classes that a threshold parts.
  static func gain(_ model: GreyModel, histogram: GreyHistogram?, thresholds: [Double]) -> [Double] {
    let classes = model.means.count
    var covariance = Matrix(zeros: classes, classes)
    for (index, threshold) in thresholds.enumerated() where index + 1 < classes {
      let width = 0.1 * (model.means[index + 1] - model.means[index])
      let near = histogram.map { $0.count(from: threshold - width, to: threshold + width) } ?? 1
      let weight = max(1e-9, Double(near))
      for (a, b, sign) in [
        (index, index, 1.0), (index + 1, index + 1, 1), (index, index + 1, -1), (index + 1, index, -1),
      ] { covariance[a, b] += sign * weight }
    }
    let pulled = covariance * model.means
    let size = zip(pulled, model.means).reduce(0) { $0 + $1.0 * $1.1 }
    return pulled.map { $0 / size }
  }

  /// What the error of the scan's blur does: grey values that are blurred more than was reckoned with have fractions that vary too little.
  private func blurMode(
    _ blur: PartialVolume.BlurVariance, labels: any VolumeSource, gain: [Double], _ model: GreyModel,
    _ place: [Int?], _ resources: Resources
  ) throws(VoxelithError) -> FractionMode {
    let near = max(0, blur.value - blur.sigma)
    let less = try remainingSpread(near, labels.grid)
    let more = try remainingSpread(blur.value + blur.sigma, labels.grid)
    let part = (blur.sigma + blur.value - near) / blur.sigma
    let wide = try averages(of: labels, spread: less, resources)
    let narrow = try averages(of: labels, spread: more, resources)
    let steps = phases.indices.map { phase in
      zip(narrow[phase].values, wide[phase].values).map { ($0 - $1) / part }
    }
    let changes = phases.indices.map { own in
      steps[own].indices.map { voxel in
        gain[own]
          * place.indices.reduce(0.0) { sum, phase in
            sum + (place[phase].map { model.means[$0] * steps[phase][voxel] } ?? 0)
          }
      }
    }
    return FractionMode(cause: .greyValues, changes: changes)
  }

  /// The point spread that is left once the scan's own blur is taken off.
  ///
  /// - Parameter blur: variance in voxels^2.
  private func remainingSpread(_ blur: Double, _ fine: Grid) throws(VoxelithError) -> PointSpread {
    let scan = blur.squareRoot() * fine.spacing / projection.transform.scale
    let sigma = projection.spread.sigma
    let width = (8 * log(2.0)).squareRoot()
    return try PointSpread(
      fullWidthUm: SIMD3(
        rest(sigma.x, scan.x) * width, rest(sigma.y, scan.y) * width, rest(sigma.z, scan.z) * width))
  }

  private func rest(_ sigma: Double, _ blur: Double) -> Double {
    max(0, sigma * sigma - blur * blur).squareRoot()
  }

  /// Covariance of what a scan's blur carries across the borders of coarse voxels beyond the point spread: the
  /// difference of the phases with and without the excess.
  private func exchange(
    _ blur: Double, labels: any VolumeSource, _ resources: Resources
  ) throws(VoxelithError) -> Matrix {
    let scan = blur.squareRoot() * labels.grid.spacing / projection.transform.scale
    let sigma = projection.spread.sigma
    guard scan.x > sigma.x || scan.y > sigma.y || scan.z > sigma.z else {
      return Matrix(zeros: phases.count, phases.count)
    }
    let width = (8 * log(2.0)).squareRoot()
    let excess = SIMD3(max(scan.x, sigma.x), max(scan.y, sigma.y), max(scan.z, sigma.z))
    let wide = try FieldProjection(
      onto: projection.target, through: projection.transform,
      spread: try PointSpread(fullWidthUm: width * excess))
    return try wide.samplingErrors(
      of: labels, phases: phases.map(\.label), values: values, count: Self.lookedAt, resources: resources)
  }

  /// Voxels of which the exchange is reckoned: their root mean square is known to 4 %.
  private static let lookedAt = 300
}

extension GreyHistogram {
  /// Voxels with values in a range.
  func count(from low: Double, to high: Double) -> Int {
    counts.indices.reduce(0) { sum, bin in
      let value = center(bin)
      return value >= low && value <= high ? sum + counts[bin] : sum
    }
  }
}
