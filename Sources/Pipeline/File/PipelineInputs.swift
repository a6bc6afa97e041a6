public import Results
import Volumetry

extension PipelineFile {
  /// Files, relative to the folder of the YAML file, and how they are opened.
  public struct Inputs: Codable, Sendable {
    public var files: Files
    public var spectra = SpectralInputSettings()
    public var tomogram = VolumeInputSettings()
    /// The voxel size of the XCT holds for labels that have none of their own.
    public var labelVolume = VolumeInputSettings()

    public init(xcs: String, standards: String) { files = Files(xcs: xcs, standards: standards) }

    /// The files that a pipeline names under `inputs`.
    public struct Files: Codable, Sendable, Hashable {
      /// The spectra: one file, or several exposures of one scan.
      public var xcs: FileNames
      public var standards: String
      public var xct: String?
      public var labels: String?
      /// Volume fractions made elsewhere, on the grid of the spectra.
      public var fractions: String?
      /// True lithium, fractions and transform of a twin: the report then compares with them.
      public var truth: String?
      public var truthFractions: String?
      public var truthTransform: String?

      init(xcs: String, standards: String) {
        self.xcs = FileNames(xcs)
        self.standards = standards
      }

      enum CodingKeys: String, CodingKey, CaseIterable {
        case xcs, standards, xct, labels, fractions, truth
        case truthFractions = "truth_fractions"
        case truthTransform = "truth_transform"
      }
    }

    public init(from decoder: any Decoder) throws {
      files = try Files(from: decoder)
      let values = try decoder.singleValueContainer().decode([String: JSONValue].self)
      spectra = try Self.settings(values, Self.spectralKey, decoder)
      tomogram = try Self.settings(values, { "xct_" + $0.rawValue }, decoder)
      labelVolume = try Self.settings(values, { "labels_" + $0.rawValue }, decoder)
      if labelVolume.voxelSize == nil { labelVolume.voxelSize = tomogram.voxelSize }
    }

    public func encode(to encoder: any Encoder) throws {
      try files.encode(to: encoder)
      var container = encoder.container(keyedBy: Name.self)
      func add<Value: OperationSettings>(_ value: Value, _ name: (Value.CodingKeys) -> String) throws {
        let changes = try value.changes()
        for key in Value.CodingKeys.allCases {
          if let change = changes[key.stringValue] {
            try container.encode(change, forKey: Name(stringValue: name(key)))
          }
        }
      }
      try add(spectra, Self.spectralKey)
      try add(tomogram) { "xct_" + $0.rawValue }
      var own = labelVolume
      if own.voxelSize == tomogram.voxelSize { own.voxelSize = nil }
      try add(own) { "labels_" + $0.rawValue }
    }

    /// Every key that `inputs` may have.
    static var keys: [String] {
      Files.CodingKeys.allCases.map(\.rawValue) + SpectralInputSettings.CodingKeys.allCases.map(spectralKey)
        + ["xct_", "labels_"].flatMap { prefix in VolumeInputSettings.keys.map { prefix + $0 } }
    }

    /// What XCS and XCT both have carries the name of the file; the rest speaks of spectra alone.
    static func spectralKey(_ key: SpectralInputSettings.CodingKeys) -> String {
      switch key {
      case .dataset, .energyDataset, .voxelSize, .scan: "xcs_" + key.rawValue
      default: key.rawValue
      }
    }

    private static func settings<Value: OperationSettings>(
      _ values: [String: JSONValue], _ name: (Value.CodingKeys) -> String, _ decoder: any Decoder
    ) throws -> Value {
      var own: [String: JSONValue] = [:]
      for key in Value.CodingKeys.allCases { own[key.stringValue] = values[name(key)] }
      do {
        return try Value(overriding: own)
      } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
        DecodingError.dataCorrupted(let context)
      {
        let key = context.codingPath.first.flatMap { Value.CodingKeys(stringValue: $0.stringValue) }
        throw DecodingError.dataCorrupted(
          DecodingError.Context(
            codingPath: decoder.codingPath + [key.map { Name(stringValue: name($0)) }].compactMap { $0 },
            debugDescription: key.map(Value.help) ?? context.debugDescription))
      }
    }

    private struct Name: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }

      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
  }
}
