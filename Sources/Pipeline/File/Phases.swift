public import Results
public import Volumetry

extension PipelineFile {
  /// Which label is which phase.
  public struct Phases: OperationSettings {
    public var active = 1
    public var pore = 0
    /// Labels of the components by their names in `standards.yaml`.
    public var components: [String: Int] = [:]
    public var outside: UInt32?

    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable { case active, pore, components, outside }

    public static func help(_ key: CodingKeys) -> String {
      switch key {
      case .active: "Label of the active material."
      case .pore: "Label of the pores."
      case .components: "Labels of the components by their names in standards.yaml."
      case .outside:
        "Label of voxels outside the sample, which do not count; none, unless the labels say so (segment --mask)."
      }
    }

    public func validate() throws(VoxelithError) {
      for label in [active, pore] + components.values where !(0...65535).contains(label) {
        throw VoxelithError(.usage, "\(label) is not a label", advice: "labels run from 0 to 65535")
      }
      if let outside, ([active, pore] + components.values).contains(Int(outside)) {
        throw VoxelithError(.usage, "outside: the label \(outside) is that of a phase")
      }
    }
  }

  /// A transform from elsewhere: nothing is aligned then. A key of the section `register`.
  public struct GivenTransform: OperationSettings {
    public var transform: String?

    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable { case transform }

    public static func help(_ key: CodingKeys) -> String {
      switch key {
      case .transform: "A transform from elsewhere (JSON or ITK .tfm): nothing is aligned then."
      }
    }

    public func validate() throws(VoxelithError) {}
  }

  /// Whether relations are looked at again with lithium that knows nothing of the fractions. A key of the section
  /// `correlate`.
  public struct CrossCheck: OperationSettings {
    public var isWanted = true

    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable { case isWanted = "cross_check" }

    public static func help(_ key: CodingKeys) -> String {
      switch key {
      case .isWanted:
        "Relate the fractions also with lithium_free, whose fit finds the amounts of the phases itself: its errors are larger and independent of the fractions."
      }
    }

    public func validate() throws(VoxelithError) {}
  }

  /// Another place for the window of the calibration's fit. A key of the section `map`.
  struct MapWindow: OperationSettings {
    var fitWindow: [Double]?

    enum CodingKeys: String, CodingKey, CaseIterable { case fitWindow = "fit_window_au" }

    static func help(_ key: CodingKeys) -> String {
      switch key {
      case .fitWindow: CalibrateSettings.help(.fitWindow)
      }
    }

    func validate() throws(VoxelithError) {}
  }
}
