import Compton
import Tomography
import Volumetry

/// Rows of the reconstruction as lithium with its errors.
extension ReconstructionFolder {
  /// What was reconstructed of one row.
  struct Row: Sendable {
    var x: [Float]
    var sigma: [Float]
    var intensity: [Float]
    var second: [Float]
    var misfit: [Float]
    var status: [UInt8]
    var meanErrors: [Double] = []
    var resolution = Double.nan
    var chiSquared = 0.0
    var degreesOfFreedom = 0.0
  }

  /// From contrasts to lithium.
  struct Placement: Sendable {
    let amplitudes: AmplitudeRows
    let shared: SharedCovariance
    let range: ClosedRange<Double>

    func sharedSigma(_ x: Double) -> Double {
      x.isFinite ? max(0, shared.covariance(x, x)).squareRoot() : .nan
    }

    private func voxel(
      _ contrast: Float, _ sigma: Float
    ) -> (x: Float, sigma: Float, status: VoxelStatus) {
      let found = amplitudes.lithium(ratio: Double(contrast))
      let own = Double(sigma) * found.slope
      let all = (own * own + max(0, shared.covariance(found.x, found.x))).squareRoot()
      guard found.x.isFinite, all.isFinite, all > 0 else { return (.nan, .nan, .notConverged) }
      let isOutside = found.x < range.lowerBound - 3 * all || found.x > range.upperBound + 3 * all
      return (Float(found.x), Float(all), isOutside ? .outsideRange : .good)
    }

    func row(_ slice: SliceResult, _ quick: FilteredBackProjection.Slice) -> Row {
      var row = empty(slice.contrast.count)
      row.misfit = slice.misfit
      row.meanErrors = slice.meanErrors
      row.resolution = slice.resolution
      row.chiSquared = slice.chiSquared
      row.degreesOfFreedom = slice.degreesOfFreedom
      for index in slice.contrast.indices {
        row.intensity[index] = slice.density[index] * Float(amplitudes.countsPerUnit)
        if slice.isEmpty[index] { continue }
        let value = voxel(slice.contrast[index], slice.contrastSigma[index])
        (row.x[index], row.sigma[index], row.status[index]) = (value.x, value.sigma, value.status.rawValue)
        row.second[index] = Float(amplitudes.lithium(ratio: Double(quick.contrast[index])).x)
      }
      return row
    }

    func quick(_ slice: FilteredBackProjection.Slice, share: Double) -> Row {
      var row = empty(slice.contrast.count)
      let filled = slice.density.filter { $0 > 0 }.sorted()
      let level = filled.isEmpty ? 0 : filled[min(filled.count - 1, filled.count * 9 / 10)]
      for index in slice.contrast.indices {
        row.intensity[index] = slice.density[index] * Float(amplitudes.countsPerUnit)
        guard Double(slice.density[index]) >= share * Double(level), slice.density[index] > 0 else {
          continue
        }
        let value = voxel(slice.contrast[index], slice.contrastSigma[index])
        (row.x[index], row.sigma[index], row.status[index]) = (value.x, value.sigma, value.status.rawValue)
        row.second[index] = value.x
      }
      return row
    }

    private func empty(_ count: Int) -> Row {
      let missing = [Float](repeating: .nan, count: count)
      return Row(
        x: missing, sigma: missing, intensity: missing, second: missing, misfit: missing,
        status: [UInt8](repeating: VoxelStatus.empty.rawValue, count: count))
    }
  }
}
