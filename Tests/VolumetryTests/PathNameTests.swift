import Foundation
import TestSupport
import Testing
import Volumetry

/// Paths of every length and form; Foundation's own functions, which end the process for some, are used nowhere.
@Suite struct PathNameTests {
  @Test(arguments: [
    ("p", "", "p", "", "p"), ("é", "", "é", "", "é"), (".", "", ".", "", "."), ("..", "", "..", "", ".."),
    ("/", "/", "/", "", "/"), ("", "", "", "", ""), ("/p", "/", "p", "", "/p"), ("p/", "", "p", "", "p"),
    ("a/b", "a", "b", "", "a/b"), ("a//b", "a", "b", "", "a//b"), ("a/b.tif", "a", "b.tif", "tif", "a/b"),
    ("a.b/c", "a.b", "c", "", "a.b/c"), (".hidden", "", ".hidden", "", ".hidden"),
    ("x.tar.gz", "", "x.tar.gz", "gz", "x.tar"), ("a/b.tif/", "a", "b.tif", "tif", "a/b"),
    ("...", "", "...", "", "..."), ("a.", "", "a.", "", "a."), ("日/本.語", "日", "本.語", "語", "日/本"),
  ])
  func parts(_ path: String, _ folder: String, _ last: String, _ ending: String, _ stem: String) {
    #expect(PathName.folder(of: path) == folder)
    #expect(PathName.last(of: path) == last)
    #expect(PathName.ending(of: path) == ending)
    #expect(PathName.withoutEnding(path) == stem)
  }

  @Test func joining() {
    #expect(
      PathName.join("", "a") == "a" && PathName.join("f", "a") == "f/a" && PathName.join("f/", "a") == "f/a")
    #expect(PathName.join("f", "/a") == "/a" && PathName.join("/", "a") == "/a")
    #expect(PathName.below("/é", "/é/日/x") == "日/x" && PathName.below("/", "/x") == "x")
    #expect(PathName.below("/a", "/ab/c") == nil && PathName.below("/a", "/a") == nil)
    #expect(PathName.absolute("/a/./b/../c//d/") == "/a/c/d" && PathName.absolute("x", in: "/f") == "/f/x")
    #expect(PathName.absolute("..", in: "/") == "/" && PathName.absolute("p").hasSuffix("/p"))
  }

  @Test func placesBehindLinks() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("d"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: folder.file("l"), withDestinationPath: "d")
    let base = PathName.real(folder.path)
    #expect(PathName.real(folder.file("l")) == base + "/d")
    #expect(PathName.real(folder.file("l/none/x")) == base + "/d/none/x")
    #expect(PathName.real("/") == "/")
  }

  /// The one place for such arithmetic is `PathName`.
  @Test func noOtherArithmetic() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources").path
    let forbidden = [
      "NSString", "astPathComponent", "pathExtension", "deletingPathExtension", "appendingPathComponent",
      "appendingPathExtension", "pathComponents", "standardizedFileURL", "standardizingPath",
      "resolvingSymlinks", "appending(path:", "appending(component:",
    ]
    var looked = 0
    for name in try FileManager.default.subpathsOfDirectory(atPath: root)
    where name.hasSuffix(".swift") && !name.hasSuffix("/PathName.swift") {
      let text = try String(contentsOfFile: root + "/" + name, encoding: .utf8)
      looked += 1
      for word in forbidden { #expect(!text.contains(word), "\(name) uses \(word)") }
    }
    #expect(looked > 500)
  }
}
