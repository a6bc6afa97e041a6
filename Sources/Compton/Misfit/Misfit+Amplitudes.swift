extension Misfit {
  /// The same with the amplitudes of the standards among what was corrected, where they are not what live times say by five
  /// standard deviations and a hundredth; their errors are in those of the standards.
  public func including(_ amplitudes: StandardAmplitudes?, standards names: [String]) -> Misfit {
    guard let amplitudes, amplitudes.source != .told else { return self }
    var result = self
    for (index, value) in amplitudes.values.enumerated() {
      let sigma = amplitudes.sigmas[index]
      guard abs(value - 1) > max(0.01, 5 * sigma) else { continue }
      let name = index < names.count ? names[index] : "\(index + 1)"
      result.corrections.append(
        Correction(
          name: "amplitude of \(name)", value: value, sigma: sigma, unit: nil, biasOfX: 0,
          cause: "packing of the standards, or a beam that changed between them"))
      if result.verdict == .described { result.verdict = .corrected }
    }
    return result
  }
}
