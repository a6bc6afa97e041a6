import Foundation
import Readers
public import Volumetry

/// `ro-crate-metadata.json`: the folder as a Research Object Crate (RO-Crate 1.1, Process Run Crate 0.5), so that archives and
/// workflow hubs read what made its files, from what, and when.
///
/// Each provenance in the folder and the folders in it becomes an action: its instrument is the program, its objects are the input files and
/// the settings, its results the files beside it.
public enum ResearchCrate {
  public static let name = "ro-crate-metadata.json"
  private static let profile = "https://w3id.org/ro/wfrun/process/0.5"

  /// Describes a folder that is complete.
  ///
  /// - Throws: `missing` where no provenance lies in the folder; `cannotCreate` where the file exists and may not be replaced.
  public static func write(_ folder: String, overwrite: Bool) throws(VoxelithError) {
    let path = folder + "/" + name
    let files = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    let own = files.filter { isPart($0, of: folder) }.sorted()
    let notes = own.filter { $0.hasSuffix("provenance.json") }
    guard !notes.isEmpty else {
      throw VoxelithError(
        .missing, "there is no provenance.json that says how the files were made", file: folder)
    }
    var graph = Graph()
    var latest = ""
    for note in notes {
      let provenance = try ResultFile.read(Provenance.self, folder + "/" + note)
      latest = max(latest, graph.add(provenance, note: note, files: own))
    }
    for file in own { graph.add(try entity(file, in: folder)) }
    graph.add([
      "@id": .text("./"), "@type": .text("Dataset"), "conformsTo": reference(profile),
      "name": .text("Results of voxelith in \(PathName.last(of: folder))"),
      "description": .text(
        "Made by voxelith \(PackageVersion.current): lithium from X-ray Compton scattering."),
      "datePublished": .text(latest),
      "hasPart": .list(own.map { reference(identifier($0)) } + graph.outside.map { reference($0) }),
      "mentions": .list(graph.actions.map { reference($0) }),
      "license": .text("not chosen: whoever publishes these results says under which terms"),
    ])
    graph.add([
      "@id": .text(name), "@type": .text("CreativeWork"),
      "conformsTo": .list([reference("https://w3id.org/ro/crate/1.1")]), "about": reference("./"),
    ])
    graph.add([
      "@id": .text(profile), "@type": .text("CreativeWork"), "name": .text("Process Run Crate"),
      "version": .text("0.5"),
    ])
    let context: JSONValue = .list(
      ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"].map {
        .text($0)
      })
    try JSONOutput.write(
      JSONValue.object(["@context": context, "@graph": .list(graph.entities)]), to: path, overwrite: overwrite
    )
  }

  private static func isPart(_ file: String, of folder: String) -> Bool {
    guard file != name, !file.split(separator: "/").contains(where: { $0.hasPrefix(".") }) else {
      return false
    }
    let kind =
      try? FileManager.default.attributesOfItem(atPath: folder + "/" + file)[.type] as? FileAttributeType
    return kind == .typeRegular
  }

  private static func entity(_ file: String, in folder: String) throws(VoxelithError) -> [String: JSONValue] {
    let size = try? FileManager.default.attributesOfItem(atPath: folder + "/" + file)[.size] as? Int
    var entity: [String: JSONValue] = [
      "@id": .text(identifier(file)), "@type": .text("File"), "name": .text(file),
      "sha256": .text(try SHA256.of(file: folder + "/" + file)),
    ]
    if let size { entity["contentSize"] = .text("\(size)") }
    if let kind = kinds[PathName.ending(of: file).lowercased()] {
      entity["encodingFormat"] = .text(kind)
    }
    return entity
  }

  private static let kinds = [
    "tif": "image/tiff", "json": "application/json", "csv": "text/csv", "png": "image/png",
    "html": "text/html",
    "nxs": "application/x-hdf5", "yaml": "application/yaml", "svg": "image/svg+xml", "pdf": "application/pdf",
  ]

  fileprivate static func reference(_ id: String) -> JSONValue { .object(["@id": .text(id)]) }

  /// A path as a part of an address.
  fileprivate static func identifier(_ path: String) -> String {
    path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
  }

  /// The entities, each once.
  private struct Graph {
    private(set) var entities: [JSONValue] = []
    private(set) var actions: [String] = []
    /// Input files by their addresses.
    private(set) var outside: [String] = []
    private var known: Set<String> = []

    mutating func add(_ entity: [String: JSONValue]) {
      guard case .text(let id)? = entity["@id"], known.insert(id).inserted else { return }
      entities.append(.object(entity))
    }

    /// - Parameters:
    ///   - note: path of the provenance in the folder.
    ///   - files: all files of the folder.
    /// - Returns: when the action ended.
    mutating func add(_ provenance: Provenance, note: String, files: [String]) -> String {
      let place = note.lastIndex(of: "/").map { String(note[...$0]) } ?? ""
      let results =
        provenance.outputs?.map { place + $0 }.filter(files.contains)
        ?? files.filter { file in
          // What lies in folders below has its own provenance, if it came to be by itself.
          file.hasPrefix(place) && !file.hasSuffix("provenance.json")
            && !files.contains { $0.hasSuffix("provenance.json") && $0 != note && below($0, place, file) }
        }
      let tool = "#voxelith-\(provenance.version)"
      add([
        "@id": .text(tool), "@type": .text("SoftwareApplication"), "name": .text(provenance.program),
        "softwareVersion": .text(provenance.version),
      ])
      var objects: [JSONValue] = []
      for (path, hash) in provenance.inputs.sorted(by: { $0.key < $1.key }) {
        let full = "file://" + identifier(PathName.absolute(path, in: provenance.directory))
        add([
          "@id": .text(full), "@type": .text("File"), "name": .text(PathName.last(of: path)),
          "sha256": .text(hash),
        ])
        objects.append(reference(full))
        if !outside.contains(full) { outside.append(full) }
      }
      let action = "#" + identifier(note)
      for (name, value) in settings(provenance.parameters) {
        let id = action + "/" + identifier(name)
        add([
          "@id": .text(id), "@type": .text("PropertyValue"), "name": .text(name), "value": .text(value.text),
        ])
        objects.append(reference(id))
      }
      let seconds = provenance.seconds.values.reduce(0, +)
      let start = ISO8601DateFormatter().date(from: provenance.started) ?? Date(timeIntervalSince1970: 0)
      let end = ISO8601DateFormatter().string(from: start.addingTimeInterval(seconds))
      add([
        "@id": .text(action), "@type": .text("CreateAction"),
        "name": .text(provenance.seconds.keys.sorted().joined(separator: ", ")),
        "description": .text(provenance.command.joined(separator: " ")), "instrument": reference(tool),
        "startTime": .text(provenance.started), "endTime": .text(end), "object": .list(objects),
        "result": .list(results.map { reference(identifier($0)) }),
        "actionStatus": reference("http://schema.org/CompletedActionStatus"),
      ])
      actions.append(action)
      return end
    }

    /// Whether another provenance, below a place, is that of a file.
    private func below(_ other: String, _ place: String, _ file: String) -> Bool {
      guard let slash = other.lastIndex(of: "/") else { return false }
      let folder = String(other[...slash])
      return folder.count > place.count && file.hasPrefix(folder)
    }

    /// Settings with their names joined by dots.
    private func settings(_ value: JSONValue, _ name: String = "") -> [(String, JSONValue)] {
      guard case .object(let object) = value else { return name.isEmpty ? [] : [(name, value)] }
      return object.sorted { $0.key < $1.key }.flatMap {
        settings($0.value, name.isEmpty ? $0.key : name + "." + $0.key)
      }
    }
  }
}
