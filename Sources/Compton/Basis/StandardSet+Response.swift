import Volumetry

extension StandardSet {
  /// The detector with tail, sharing and slope of efficiency as the standards show them; nil where tail or sharing are told, where
  /// there is no formula, or where nothing shows. Told escapes and efficiency are kept.
  ///
  /// A slope alone is not learnt: it would stand for all that differs between the cross-section and the theory's.
  ///
  /// - Throws: `data` where the axis misses the Compton peak.
  func learntResponse() throws(VoxelithError) -> DetectorResponse? {
    guard let formula, response.tailFraction == 0, response.sharingFraction == 0,
      standards.allSatisfy({ $0.exposure.layers.isEmpty })
    else { return nil }
    var sum = [Double](repeating: 0, count: energy.count)
    var weighted = 0.0
    for standard in standards {
      let time = standard.spectrum.liveTime ?? 0
      for bin in sum.indices {
        var count = standard.spectrum.counts[bin]
        if let background, let long = background.liveTime { count -= background.counts[bin] * time / long }
        sum[bin] += count
      }
      weighted += standard.x * standard.spectrum.total
    }
    let total = standards.reduce(0) { $0 + $1.spectrum.total }
    return ResponseEstimate(
      sum, axis: energy, geometry: geometry, response: response, formula: formula, x: weighted / total,
      range: try ProfileBasis.bins(of: energy, geometry: geometry, within: -11...11))?.response
  }
}
