import Foundation

/// Where things of the package lie.
public enum PackageFiles {
  public static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// What was built, beside the test bundle.
  public static func built(_ name: String) -> String {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return (bundle as NSString).deletingLastPathComponent + "/" + name
  }
}
