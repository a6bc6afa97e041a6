public import Foundation

/// How long the tests of endurance run: short by default, long with `VOXELITH_SOAK=1` (`make soak`).
public enum Soak {
  public static let isLong = ProcessInfo.processInfo.environment["VOXELITH_SOAK"] == "1"

  public static func count(short: Int, long: Int) -> Int { isLong ? long : short }
}

/// The files of a folder that must not depend on when and how they were made.
public func content(of folder: String) throws -> [String: Data] {
  var found: [String: Data] = [:]
  for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
    let name = (path as NSString).lastPathComponent
    // Provenance has times and the command line, and the page of the report shows it.
    guard name != "provenance.json", !path.hasSuffix("report/report.html"),
      !path.hasSuffix("report/stage.json"), !name.hasPrefix(".out-"), !name.hasPrefix(".err-")
    else { continue }
    found[path] = FileManager.default.contents(atPath: folder + "/" + path)
  }
  return found
}

/// Paths at which two folders differ.
public func differences(_ first: [String: Data], _ second: [String: Data]) -> [String] {
  Set(first.keys).union(second.keys).filter { first[$0] != second[$0] }.sorted()
}
