/// Materials beside each other, by theory.
public struct TheoryTable: Sendable, Hashable, Codable {
  /// Says that no standards stand behind these numbers.
  public var isTheory = true
  public var settings: TheorySettings
  public var materials: [TheoryPlan]

  enum CodingKeys: String, CodingKey {
    case settings, materials
    case isTheory = "theory"
  }

  public init(settings: TheorySettings, materials: [TheoryPlan]) {
    (self.settings, self.materials) = (settings, materials)
  }
}
