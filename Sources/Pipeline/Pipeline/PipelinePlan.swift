/// The stages that a pipeline can have, in their order.
enum StageName: String, Sendable, CaseIterable {
  case inspect, calibrate, segment, orient, pores, transport
  /// The map as if the active material were alone: its intensity is what the XCT is aligned with, and its lithium
  /// shows what the fractions are good for.
  case mapPlain = "map-plain"
  case register, fractions, fields, map, correlate, figures, report

  /// Stages whose results a stage reads where they are there.
  var reads: [StageName] {
    switch self {
    case .inspect, .calibrate, .segment: []
    case .orient, .pores, .transport: [.segment]
    case .mapPlain: [.calibrate]
    case .register: [.calibrate, .segment, .mapPlain]
    case .fractions: [.segment, .register]
    case .fields: [.segment, .orient, .pores, .register, .fractions]
    case .map: [.calibrate, .register, .fractions]
    case .correlate: [.fractions, .fields, .map]
    case .figures: [.calibrate, .mapPlain, .register, .fractions, .map]
    case .report: Self.allCases.filter { $0 != .report }
    }
  }
}

/// Which stages a pipeline has, and why it has not the others.
struct PipelinePlan: Sendable {
  private(set) var stages: [StageName] = []
  /// Reasons by name of the stage.
  private(set) var leftOut: [String: String] = [:]

  var names: [String] { stages.map(\.rawValue) }

  init(_ file: PipelineFile) {
    let inputs = file.inputs
    let hasStructure = inputs.xct != nil || inputs.labels != nil
    let skip = Set(file.skip ?? [])
    for stage in StageName.allCases {
      let reason: String? =
        skip.contains(stage.rawValue)
        ? "it is among those to skip"
        : missing(stage, file, hasStructure: hasStructure)
      if let reason { leftOut[stage.rawValue] = reason } else { stages.append(stage) }
    }
  }

  func has(_ stage: StageName) -> Bool { stages.contains(stage) }

  /// What a stage lacks; nil where it can run.
  private func missing(_ stage: StageName, _ file: PipelineFile, hasStructure: Bool) -> String? {
    let inputs = file.inputs
    let hasLabels = inputs.labels != nil || has(.segment)
    switch stage {
    case .inspect, .calibrate, .map, .figures, .report: return nil
    case .segment:
      if inputs.labels != nil { return "labels are given" }
      return inputs.xct == nil ? "there is no XCT" : nil
    case .orient: return hasStructure ? nil : "there is neither an XCT nor labels"
    case .pores, .transport:
      let isAsked = stage == .pores ? file.pores != nil : file.transport != nil
      if !isAsked { return "not asked for; the section '\(stage.rawValue): {}' asks" }
      return hasLabels ? nil : "there are no labels"
    case .mapPlain:
      return hasStructure || inputs.fractions != nil ? nil : "there are no fractions to compare with"
    case .register:
      if !hasStructure { return "there is neither an XCT nor labels" }
      return has(.mapPlain) || file.register?.transform != nil ? nil : "it needs map-plain"
    case .fractions:
      if inputs.fractions != nil { return "fractions are given" }
      if !hasLabels { return "there are no labels" }
      return has(.register) ? nil : "it needs register"
    case .fields:
      guard has(.register) else { return "it needs register" }
      return has(.orient) || has(.pores) || has(.fractions) ? nil : "there is nothing to put on the grid"
    case .correlate: return has(.fields) || has(.fractions) ? nil : "there are no fields beside lithium"
    }
  }
}

extension Pipeline {
  var plan: PipelinePlan { PipelinePlan(file) }
}
