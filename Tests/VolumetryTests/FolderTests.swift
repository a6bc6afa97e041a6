import Foundation
import Testing
import Volumetry

/// The folders of every room stand above one another: none knows, through others, a folder that knows it.
@Suite struct FolderTests {
  /// Of each folder of Sources, as `Room/Folder`, the folders of the same room whose types it names.
  private static func uses() throws -> [String: Set<String>] {
    let here = PathName.folder(of: #filePath)
    let sources = PathName.join(PathName.folder(of: PathName.folder(of: here)), "Sources")
    let paths = try #require(FileManager.default.enumerator(atPath: sources)).compactMap { $0 as? String }
      .filter { $0.hasSuffix(".swift") }.sorted()
    try #require(paths.count > 500)
    var text: [String: String] = [:]
    for path in paths {
      let whole = try String(contentsOfFile: PathName.join(sources, path), encoding: .utf8)
      text[path] = whole.replacing(#/"""[\s\S]*?"""/#, with: "").replacing(#/\/\/[^\n]*/#, with: "")
    }
    func room(_ path: String) -> String { String(path.prefix { $0 != "/" }) }
    func folder(_ path: String) -> String {
      let parts = path.split(separator: "/")
      return parts.count > 2 ? "\(parts[0])/\(parts[1])" : "\(parts[0])/."
    }
    let declaration =
      #/(?:^|\n)\s*(?:@\w+\s+)*(?:public |package |internal |final |indirect )*(?:struct|class|enum|protocol|actor|typealias)\s+([A-Z]\w*)/#
    var homes: [String: Set<String>] = [:]
    for (path, words) in text {
      for match in words.matches(of: declaration) { homes[String(match.output.1), default: []].insert(path) }
    }
    var uses: [String: Set<String>] = [:]
    for (path, words) in text {
      for name in Set(words.matches(of: #/\b[A-Z]\w*\b/#).map { String($0.output) }) {
        let found = (homes[name] ?? []).filter { room($0) == room(path) }
        if found.count == 1, let home = found.first, folder(home) != folder(path) {
          uses[folder(path), default: []].insert(folder(home))
        }
      }
    }
    return uses
  }

  @Test func noCircleOfFolders() throws {
    let uses = try Self.uses()
    #expect(uses["Readers/Volume"]?.contains("Readers/TIFF") == true, "the walk finds what is there")
    for start in uses.keys.sorted() {
      var reached: Set<String> = []
      var open = uses[start] ?? []
      while let next = open.popFirst() {
        if reached.insert(next).inserted { open.formUnion(uses[next] ?? []) }
      }
      #expect(!reached.contains(start), "\(start) is in a circle")
    }
  }
}
