import Foundation
import Readers
public import Volumetry

/// What lies in an output folder: volumes, figures and results, whatever command wrote them.
public struct ResultFolder: Sendable {
  public let path: String
  /// Paths within the folder, in natural order.
  public let volumes: [String]
  public let figures: [String]
  public let results: [String]
  public let tables: [String]

  /// Looks through the folder and three levels below.
  ///
  /// - Throws: `missing` where there is no such folder, `data` where it holds nothing that could be shown.
  public init(_ path: String) throws(VoxelithError) {
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else {
      throw VoxelithError(.missing, "there is no such folder", file: path)
    }
    var found: [String] = []
    Self.collect(path, "", depth: 0, into: &found)
    found.sort { NaturalOrder.precedes($0, $1) }
    func having(_ endings: String...) -> [String] {
      found.filter { endings.contains(PathName.ending(of: $0).lowercased()) }
    }
    self.path = path
    volumes = found.filter(Self.isVolume)
    figures = having("png", "svg")
    results = having("json")
    tables = having("csv")
    guard !volumes.isEmpty || !figures.isEmpty || !results.isEmpty else {
      throw VoxelithError(
        .data, "the folder holds no volumes, figures or results", file: path,
        advice: "give the output folder of a command")
    }
  }

  static func isVolume(_ entry: String) -> Bool {
    ["tif", "tiff", "npy"].contains(PathName.ending(of: entry).lowercased())
  }

  /// Everything that was found.
  public var entries: [String] { volumes + figures + results + tables }

  /// Full path of an entry.
  public func file(_ entry: String) -> String { path + "/" + entry }

  private static func collect(_ root: String, _ below: String, depth: Int, into found: inout [String]) {
    let here = below.isEmpty ? root : root + "/" + below
    for name in (try? FileManager.default.contentsOfDirectory(atPath: here)) ?? [] where !name.hasPrefix(".")
    {
      let entry = below.isEmpty ? name : below + "/" + name
      var isFolder: ObjCBool = false
      guard unsafe FileManager.default.fileExists(atPath: root + "/" + entry, isDirectory: &isFolder) else {
        continue
      }
      if !isFolder.boolValue {
        found.append(entry)
      } else if depth < 3 {
        collect(root, entry, depth: depth + 1, into: &found)
      }
    }
  }
}
