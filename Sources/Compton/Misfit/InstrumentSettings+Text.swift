public import Volumetry

extension InstrumentSettings {
  /// Names of what may differ, as tables print them, with where its prior lies.
  private static var named: [(name: String, path: WritableKeyPath<InstrumentSettings, Double>)] {
    [
      ("gain", \.gain), ("offset", \.offset), ("angle", \.angle), ("width", \.width),
      ("flat_background", \.flatBackground), ("sloped_background", \.slopedBackground),
      ("elastic", \.elastic),
      ("fluorescence", \.fluorescence), ("pile_up", \.pileUp), ("shape", \.shape),
      ("tail", \.tail), ("sharing", \.sharing), ("phases", \.phases),
      ("shape_error", \.shapeError), ("between_states", \.betweenStates),
    ]
  }

  /// Sets one prior as `gain=5e-4`.
  ///
  /// - Throws: `usage` for an unknown name or a size that is not positive.
  public mutating func set(_ text: String) throws(VoxelithError) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    if let known = Self.named.first(where: { $0.name == parts.first }),
      parts.count < 2 || Double(parts[1]) == nil
    {
      throw VoxelithError(
        .usage, "'\(text)' says what may differ and not by how much",
        advice:
          "write \(known.name)=SIZE, one standard deviation: the default is \(Self()[keyPath: known.path])")
    }
    guard parts.count == 2, let value = Double(parts[1]),
      let known = Self.named.first(where: { $0.name == parts[0] })
    else {
      throw VoxelithError(
        .usage, "'\(text)' sets nothing that may differ",
        advice: "write NAME=SIZE; "
          + NameGuess.advice(for: parts.first ?? "", among: Self.named.map(\.name), as: "names"))
    }
    self[keyPath: known.path] = value
    try validate()
  }

  /// - Throws: `usage` where a prior is not a positive number: a prior of zero would say that the instrument is perfect.
  public func validate() throws(VoxelithError) {
    for (name, path) in Self.named {
      let value = self[keyPath: path]
      guard value > 0, value.isFinite else {
        throw VoxelithError(
          .usage, "the size \(value) of \(name) is not a positive number",
          advice: "give one standard deviation of what may differ; leave it out for the default")
      }
    }
    guard betweenStates <= 1 else {
      throw VoxelithError(
        .usage, "between_states is \(betweenStates), more than all that may differ",
        advice: "give the part of it that may change between states, 1 at most")
    }
    guard escapes.count == escapeShares.count, escapes.allSatisfy({ $0 > 0 }),
      escapeShares.allSatisfy({ $0 > 0 }), 0..<1 ~= tailFraction, tailLength > 0
    else {
      throw VoxelithError(.usage, "escape energies need a positive share each, and lines a tail below 1")
    }
  }
}
