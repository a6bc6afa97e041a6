import Foundation
import Readers
import Results
package import Volumetry

/// The errors and counts of a map's voxels at one moment.
package struct MapFacts: Sendable {
  package let shape: Shape
  /// sigma(x) of the mapped voxels, NaN of the others.
  let sigma: PagedArray<Float>
  /// Net counts in the fit's window, 0 where there are none.
  let counts: PagedArray<Float>
  package let mapped: Int
  package let totalCounts: Double
  /// Mean part of sigma(x) that more counts do not lower: that of the standards.
  let sharedSigma: Double

  /// Reads the files of a map.
  init(_ folder: String, report: MapReport, budget: Int) throws(VoxelithError) {
    let files = try ["li_sigma", "intensity"].map { (name) throws(VoxelithError) in
      try VolumeFile.open(PathName.join(folder, name + ".tif"))
    }
    let shape = files[0].grid.shape
    self.shape = shape
    let memory = WorkingMemory.holding(8 * shape.count, budget: budget)
    let (sigma, counts) = (
      try PagedArray<Float>(repeating: .nan, count: shape.count, in: memory),
      try PagedArray<Float>(repeating: 0, count: shape.count, in: memory)
    )
    var (mapped, total) = (0, 0.0)
    for z in 0..<shape.z {
      let region = Region(slices: z..<(z + 1), of: shape)
      let values = try files[0].readFloats(region)
      let intensities = try files[1].readFloats(region).map { $0.isFinite ? max(0, $0) : 0 }
      sigma.paste(values, into: region, of: shape)
      counts.paste(intensities, into: region, of: shape)
      mapped += values.count { $0.isFinite }
      total += intensities.reduce(0) { $0 + Double($1) }
    }
    (self.sigma, self.counts, self.mapped, totalCounts) = (sigma, counts, mapped, total)
    sharedSigma = report.meanSharedSigma ?? 0
  }

  /// - Parameters:
  ///   - values: sigma(x) of every voxel, NaN where there is none.
  ///   - numbers: net counts of every voxel.
  package init(shape: Shape, sigma values: [Float], counts numbers: [Float], sharedSigma: Double)
    throws(VoxelithError)
  {
    self.shape = shape
    let (sigma, counts) = (
      try PagedArray<Float>(repeating: .nan, count: shape.count, in: .unpaged),
      try PagedArray<Float>(repeating: 0, count: shape.count, in: .unpaged)
    )
    let whole = Region(whole: shape)
    sigma.paste(values, into: whole, of: shape)
    counts.paste(numbers, into: whole, of: shape)
    (self.sigma, self.counts) = (sigma, counts)
    mapped = values.count { $0.isFinite }
    totalCounts = numbers.reduce(0) { $0 + Double($1) }
    self.sharedSigma = sharedSigma
  }

  /// sigma(x) of a target; nil where none of its voxels is mapped.
  package func sigma(of target: SigmaTarget) -> Double? {
    let value: Double
    switch target {
    case .all: value = sigma.median()
    case .worst: value = sigma.quantiles([1])[0]
    case .region(let region):
      guard let inside = clipped(region) else { return nil }
      let values = sigma.box(inside, of: shape).filter(\.isFinite).sorted()
      guard !values.isEmpty else { return nil }
      let middle = values.count / 2
      value =
        values.count.isMultiple(of: 2)
        ? 0.5 * (Double(values[middle - 1]) + Double(values[middle])) : Double(values[middle])
    }
    return value.isFinite ? value : nil
  }

  /// One over the part of a voxel's sigma(x) that counts lower; NaN where the voxel is not mapped or has no such part.
  ///
  /// It rises as the root of the counts, and the noise in which it is known has the same variance at all counts: sigma(x) by counts is a function
  /// of x, of which sigma(x) is the error, so d(1 / sigma) = -(d ln sigma / dx) dx / sigma.
  func precision(_ voxel: Int) -> Double { precision(ofSigma: Double(sigma[voxel])) }

  func precision(ofSigma sigma: Double) -> Double {
    let square = sigma * sigma - sharedSigma * sharedSigma
    return square > 0 ? 1 / square.squareRoot() : .nan
  }

  /// Variance of the noise of ``precision(_:)``, by how it changed in voxels whose counts grew by a fifth or more since an earlier moment; nil
  /// where too few did. Of many voxels every second, third ... is looked at.
  func precisionNoise(since earlier: MapFacts) -> Double? {
    guard earlier.shape == shape else { return nil }
    var changes: [Double] = []
    for voxel in stride(from: 0, to: shape.count, by: 1 + shape.count / Self.mostForNoise) {
      let (before, now) = (Double(earlier.counts[voxel]), Double(counts[voxel]))
      guard before > 0, now > Self.leastGrowth * before else { continue }
      let growth = now / before
      let change = earlier.precision(voxel) * growth.squareRoot() - precision(voxel)
      if change.isFinite { changes.append(change / (growth - 1).squareRoot()) }
    }
    guard changes.count >= Self.fewestForNoise else { return nil }
    let middle = changes.sorted()[changes.count / 2]
    let sizes = changes.map { abs($0 - middle) }
    let limit = 3 * 1.4826 * sizes.sorted()[sizes.count / 2]
    return sizes.reduce(0) { $0 + min($1, limit) * min($1, limit) } / Double(sizes.count)
  }

  private static let leastGrowth = 1.2
  private static let fewestForNoise = 16
  private static let mostForNoise = 100_000

  /// Voxels of a target, and how many of them are mapped.
  func voxels(of target: SigmaTarget) -> (all: Int, mapped: Int) {
    guard case .region(let region) = target else { return (shape.count, mapped) }
    guard let inside = clipped(region) else { return (0, 0) }
    return (inside.count, sigma.box(inside, of: shape).count { $0.isFinite })
  }

  /// Voxels whose counts differ from those of an earlier moment, and those that had none.
  package func changes(since earlier: MapFacts?) -> (changed: Int, new: Int) {
    guard let earlier, earlier.shape.y == shape.y, earlier.shape.x == shape.x else { return (mapped, mapped) }
    var (changed, new) = (0, 0)
    for voxel in 0..<shape.count {
      let before = voxel < earlier.shape.count ? earlier.counts[voxel] : 0
      guard counts[voxel] != before else { continue }
      changed += 1
      let had = voxel < earlier.shape.count && earlier.sigma[voxel].isFinite
      if sigma[voxel].isFinite, !had { new += 1 }
    }
    return (changed, new)
  }

  private func clipped(_ region: Region) -> Region? {
    func cut(_ range: Range<Int>, _ side: Int) -> Range<Int> { range.clamped(to: 0..<side) }
    let (z, y, x) = (cut(region.z, shape.z), cut(region.y, shape.y), cut(region.x, shape.x))
    guard !z.isEmpty, !y.isEmpty, !x.isEmpty else { return nil }
    return Region(
      lower: Shape(z: z.lowerBound, y: y.lowerBound, x: x.lowerBound),
      shape: Shape(z: z.count, y: y.count, x: x.count))
  }
}
