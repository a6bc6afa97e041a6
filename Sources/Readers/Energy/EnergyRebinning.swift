import Volumetry

/// Counts of one energy axis shared out over the bins of another, in the parts in which the bins overlap.
///
/// Counts are kept, but for those that lie outside the new axis. Neighbouring bins then share counts, so their errors are no
/// longer quite apart: by a fraction of a bin for elements of one detector.
struct EnergyRebinning: Sendable {
  /// For each old bin the first new bin that it reaches and its parts from there on.
  private let targets: [(first: Int, parts: [Float])]
  private let bins: Int

  init(from old: EnergyAxis, to new: EnergyAxis) {
    bins = new.count
    let edges = new.edges
    var targets: [(first: Int, parts: [Float])] = []
    var low = 0
    for bin in 0..<old.count {
      let (left, right) = (old.edge(bin), old.edge(bin + 1))
      while low < new.count && edges[low + 1] <= left { low += 1 }
      var parts: [Float] = []
      var place = low
      while place < new.count && edges[place] < right {
        let shared = min(right, edges[place + 1]) - max(left, edges[place])
        parts.append(Float(max(0, shared) / (right - left)))
        place += 1
      }
      targets.append((low, parts))
    }
    self.targets = targets
  }

  /// Spectra one after another.
  func apply(_ counts: [Float]) -> [Float] {
    let old = targets.count
    let spectra = counts.count / max(1, old)
    var result = [Float](repeating: 0, count: spectra * bins)
    for spectrum in 0..<spectra {
      for bin in 0..<old {
        let count = counts[spectrum * old + bin]
        if count == 0 { continue }
        let (first, parts) = targets[bin]
        for part in parts.indices { result[spectrum * bins + first + part] += count * parts[part] }
      }
    }
    return result
  }

}
