import Foundation
import TestSupport
import Testing
import Voxelith

/// Help, errors and suggestions as a terminal and a script see them.
@Suite struct TerminalTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: [String], columns: Int? = nil) throws -> Program {
    try Program.run(
      arguments, in: folder, environment: columns.map { ["COLUMNS": "\($0)"] } ?? ["COLUMNS": ""])
  }

  /// No line of any help is longer than the terminal is wide, and 80 columns are taken where there is none.
  @Test func helpFitsTheTerminal() throws {
    for name in try EveryCommand.listed(in: folder).sorted().map({ [$0, "--help"] }) + [["--help"]] {
      for columns in [80, nil, 100, 60] as [Int?] {
        let help = try run(name, columns: columns)
        #expect(help.status == 0)
        let long = help.output.components(separatedBy: "\n").filter { $0.count > columns ?? 80 }
        #expect(long.isEmpty, "\(name) at \(columns ?? 80): \(long)")
      }
    }
  }

  /// Width changes where lines end and nothing else; an example that is broken says so with a backslash.
  @Test func wordsOfTheHelpAreTheSameAtEveryWidth() throws {
    for name in try EveryCommand.listed(in: folder).sorted() {
      func words(_ text: String) -> [Substring] {
        text.split { $0 == " " || $0 == "\n" || $0 == "\\" }
      }
      let wide = try run([name, "--help"], columns: 10_000).output
      let narrow = try run([name, "--help"], columns: 72).output
      #expect(words(wide) == words(narrow), "\(name)")
      let lines = narrow.components(separatedBy: "\n")
      for (index, line) in lines.enumerated() where line.hasPrefix("      --") || line.hasPrefix("      -o ")
      {
        if index > 0, lines[index - 1].hasPrefix("  voxelith") || lines[index - 1].hasPrefix("      ") {
          #expect(
            lines[index - 1].hasSuffix("\\") || !lines[index - 1].contains("voxelith"), "\(name): \(line)")
        }
      }
    }
  }

  @Test(arguments: [
    (["inspect", "nowhere.tif", "--json"], Int32(66), "missing"),
    (["render", "--json"], 64, "usage"),
    (["inspect", "--json=1", "a.tif"], 64, "usage"),
    (["map", "--jsn", "--json"], 64, "usage"),
    (["render", "a.tif", "--kind", "slise", "-o", "b.png", "--json"], 64, "usage"),
    (["check", "nowhere.yaml", "--json"], 66, "missing"),
    (["calibrate", "nowhere.yaml", "-o", "c.json", "--json"], 66, "missing"),
    (["transport", "nowhere.tif", "--phase", "0", "-o", "t.json", "--json"], 66, "missing"),
    (["correlate", "a=nowhere.tif", "b=nowhere.tif", "-o", "r", "--json"], 66, "missing"),
    (["validate", "nowhere.json", "-o", "v", "--json"], 66, "missing"),
  ])
  func errorsAreJSONWhereThatIsAsked(_ arguments: [String], _ status: Int32, _ code: String) throws {
    struct Failure: Decodable {
      struct Words: Decodable {
        var code: String
        var exitStatus: Int32
        var message: String

        enum CodingKeys: String, CodingKey {
          case code, message
          case exitStatus = "exit_status"
        }
      }
      var error: Words
    }
    let result = try run(arguments)
    #expect(result.status == status, "\(result.errors)")
    #expect(result.output.isEmpty)
    let failure = try JSONDecoder().decode(Failure.self, from: Data(result.errors.utf8))
    #expect(failure.error.code == code && failure.error.exitStatus == status, "\(result.errors)")
    #expect(!failure.error.message.isEmpty)
  }

  @Test(arguments: [
    (["mpa"], "did you mean 'map'?"), (["rendr", "x.tif"], "did you mean 'render'?"),
    (["rendr", "x.tif", "-o", "y.png"], "did you mean 'render'?"),
    (["--json", "rendr"], "did you mean 'render'?"),
    (["--json", "inspect"], "write it after 'inspect'"), (["--json"], "--json needs a command"),
    (["help", "rendr"], "did you mean 'render'?"),
    (["map", "x.nxs", "-c", "c.json", "-o", "m", "--method", "profil"], "(did you mean 'profile'?)"),
    (["correlate", "lithium=a.tif", "b=b.tif", "-o", "c", "--pair", "lithum,b"], "did you mean 'lithium'?"),
    (
      ["segment", "x.tif", "-o", "l.tif", "--sweep", "0.1", "--sweep-metrics", "porosty"],
      "did you mean 'porosity'?"
    ),
    (["render", "x.tif", "-o", "y.png", "--colums", "2"], "--columns"),
    (["render", "x.tif", "-o", "y.png", "--kind", "histgram"], "did you mean 'histogram'?"),
    (["render", "x.tif", "-o", "y.png", "--layout", "gradient"], "did you mean 'gradients'?"),
    (["render", "x.tif", "-o", "y.png", "--layout", "fig8"], "(it takes: pores-and-states or gradients)"),
    (["render", "x.tif", "-o", "y.png", "--preset", "natuer"], "did you mean 'nature'?"),
  ])
  func misspeltWordsAreGuessed(_ arguments: [String], _ guess: String) throws {
    var words = arguments
    if words.count > 1, words[1] == "x.tif" { words[1] = try input() }
    let result = try run(words)
    #expect(result.status == 64 && result.errors.contains(guess), "\(result.errors)")
    #expect(result.errors.hasPrefix("voxelith: ") || words.contains("--json"), "\(result.errors)")
  }

  /// Lines of results, notes and errors end where the terminal does, and are whole where there is none.
  @Test func outputsFitTheTerminal() throws {
    let x = try input()
    let twin = try SmallTwin.shared.get()
    let commands = [
      ["inspect", x], ["segment", x, "-o", folder.file("labels.tif"), "--sweep-metrics", "porosty"],
      ["render", x, "-o", folder.file("a.png"), "--kind", "slise"],
      ["render", x, "-o", folder.file("b.png"), "--preset", "nature", "--font", "DejaVu Serif"],
      ["check", twin.path("pipeline.yaml")],
      ["calibrate", twin.path("standards.yaml"), "-o", folder.file("c.json")],
      ["transport", twin.path("labels.tif"), "--phase", "0", "-o", folder.file("t.json")],
      ["validate", "-o", folder.file("v"), "--counts", "1e5", "--voxels", "200", "--repeats", "4"],
      [
        "correlate", "a=\(x)", "some_longer_name=\(twin.path("xct.tif"))", "-o", folder.file("r"),
        "--no-figures",
      ],
    ]
    for command in commands {
      let result = try run(command, columns: 80)
      // A path has no place to be broken.
      let lines = (result.output + result.errors).components(separatedBy: "\n").filter {
        !$0.contains(folder.path)
      }
      #expect(lines.allSatisfy { $0.count <= 80 }, "\(command): \(lines)")
    }
    // A validation is a table whose cells stand below their headings.
    let table = try run(commands[7] + ["--overwrite"], columns: 80).output.components(separatedBy: "\n")
    let head = try #require(table.first { $0.hasPrefix("  method") })
    let rows = table.filter { $0.hasPrefix("  profile") || $0.hasPrefix("  S-parameter") }
    let places = ["bias/σ", "spread/bound", "error/σ", "68 %", "95 %"].map { words in
      head.range(of: words).map { head.distance(from: head.startIndex, to: $0.lowerBound) } ?? 0
    }
    #expect(!rows.isEmpty && places.allSatisfy { $0 > 0 }, "\(table)")
    for row in rows {
      let letters = Array(row)
      #expect(places.allSatisfy { letters[$0 - 1] == " " && letters[$0] != " " }, "\(row)")
    }
    let narrow = try run(["inspect", x], columns: 50).output.split { $0 == " " || $0 == "\n" }
    #expect(narrow == (try run(["inspect", x]).output.split { $0 == " " || $0 == "\n" }))
  }

  @Test func misspeltKeysKindsMapsAndStagesAreGuessed() throws {
    func file(_ name: String, _ text: String) throws -> String {
      try text.write(toFile: folder.file(name), atomically: true, encoding: .utf8)
      return folder.file(name)
    }
    let x = try input()
    for (panel, guess) in [
      ("{kind: slise, file: \(x)}", "'slice'"), ("{kind: slice, file: \(x), tilte: a}", "'title'"),
      ("{kind: slice, file: \(x), map: virdis}", "'viridis'"),
    ] {
      let spec = try file("figure.yaml", "panels:\n  - \(panel)\n")
      let result = try run(["render", "--spec", spec, "-o", folder.file("f.png")])
      #expect(result.status == 64 && result.errors.contains("did you mean \(guess)"), "\(result.errors)")
    }
    let pipeline = try file("pipeline.yaml", "inputs: {xcs: a.nxs, standards: b.yaml}\nfigurs: {}\n")
    let key = try run(["check", pipeline])
    #expect(key.errors.contains("did you mean 'figures'"), "\(key.errors)")
    let twin = try SmallTwin.shared.get()
    let skip = try file(
      "skip.yaml",
      "inputs: {xcs: \(twin.path("xcs.nxs")), standards: \(twin.path("standards.yaml"))}\nskip: [corelate]\n")
    let stage = try run(["check", skip])
    #expect(stage.errors.contains("did you mean 'correlate'"), "\(stage.errors)")
  }

  private func input() throws -> String {
    let path = folder.file("x.tif")
    if !FileManager.default.fileExists(atPath: path) {
      let grid = Grid(shape: Shape(z: 2, y: 3, x: 4), spacing: SIMD3(2, 2, 2))
      let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .float32)
      try writer.write(.float32((0..<24).map { Float($0) }), to: Region(whole: grid.shape))
      try writer.finish()
    }
    return path
  }

  /// A value that no key takes is named with its line, and with the one that was meant.
  @Test(arguments: [
    ("segment: {denoise: medain}", "segment.denoise", "median"),
    ("transport: {phase: 0, sides: perodic}", "transport.sides", "periodic"),
    ("map: {method: profil}", "map.method", "profile"),
  ])
  func misspeltValuesOfKeysAreGuessed(_ section: String, _ key: String, _ meant: String) throws {
    let path = folder.file("p.yaml")
    try "inputs: {xcs: a.nxs, standards: b.yaml}\n\(section)\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    let result = try run(["check", path])
    for words in ["'\(key)'", "line 2", "did you mean '\(meant)'?"] {
      #expect(result.errors.contains(words), "\(result.errors)")
    }
  }

  /// With --json a note and an error are one document, and a note alone is one.
  @Test func notesAreJSONWhereThatIsAsked() throws {
    struct Document: Decodable {
      struct Words: Decodable { var code: String }
      var notes: [String]?
      var error: Words?
    }
    let path = folder.file("bare.npy")
    try NPYVolumeWriter.write(
      .float32((0..<24).map { Float($0) }), shape: [2, 3, 4], to: path, overwrite: false)
    let bad = try run(["render", path, "--kind", "surface", "--level", "99", "-o", "a.png", "--json"])
    let one = try JSONDecoder().decode(Document.self, from: Data(bad.errors.utf8))
    #expect(one.error?.code == "data" && one.notes?.isEmpty == false, "\(bad.errors)")
    let good = try run(["render", path, "-o", folder.file("b.png"), "--json"])
    let two = try JSONDecoder().decode(Document.self, from: Data(good.errors.utf8))
    #expect(good.status == 0 && two.error == nil && two.notes?.isEmpty == false, "\(good.errors)")
  }

  /// Options of the command itself come before the groups; defaults and values stand once.
  @Test func helpIsInOrderAndSaysThingsOnce() throws {
    let render = try run(["render", "--help"]).output
    let places = ["OPTIONS:", "PLOTS:", "PAGE:"].map { render.range(of: $0)?.lowerBound }
    #expect(places[0].map { own in places.dropFirst().allSatisfy { ($0 ?? own) > own } } == true)
    let words = try run(["chemistry", "--help"], columns: 10_000).output
    #expect(words.components(separatedBy: "default: edge").count == 2)
    #expect(!(try run(["stack", "--help"], columns: 10_000).output.contains("(values: z, y, x)")))
    #expect(!(try run(["interfaces", "--help"], columns: 10_000).output.contains("18")))
  }

  /// Every exit code of the library stands in the help.
  @Test func exitCodesAreComplete() throws {
    let help = try run(["--help"]).output
    for code in [
      VoxelithError.Code.usage, .data, .missing, .internal, .cannotCreate, .io, .cancelled,
    ] { #expect(help.contains("\(code.exitStatus) "), "\(code)") }
  }

  /// All channels of a volume by `stack` and `export`, one by --channel.
  @Test func everyChannelIsWritten() throws {
    let grid = Grid(shape: Shape(z: 2, y: 3, x: 4), spacing: SIMD3(2, 2, 2))
    let results = folder.file("results")
    try FileManager.default.createDirectory(atPath: results, withIntermediateDirectories: true)
    let path = results + "/vectors.tif"
    let writer = try TIFFVolumeWriter(
      path: path, grid: grid, type: .float32, channels: 3, channelNames: ["x", "y", "z"])
    for channel in 0..<3 {
      try writer.write(
        .float32((0..<24).map { Float($0 + 100 * channel) }), channel: channel, to: Region(whole: grid.shape))
    }
    try writer.finish()
    func first(_ path: String) throws -> Float { try VolumeFile.open(path).loadFloats().voxels[0] }
    let stack = try run(["stack", path, "-o", folder.file("slices"), "--range", "0,255"])
    #expect(stack.status == 0, "\(stack.errors)")
    for (name, value) in [("x", 0), ("y", 100), ("z", 200)] as [(String, Float)] {
      #expect(try first(folder.file("slices/\(name)")) == value, "\(name)")
    }
    let whole = try run(["stack", path, "-o", folder.file("v.mha"), "--format", "mha"])
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(try first(folder.file("v_z.mha")) == 200)
    let one = try run(["stack", path, "-o", folder.file("one.mha"), "--format", "mha", "--channel", "1"])
    #expect(one.status == 0, "\(one.errors)")
    #expect(try first(folder.file("one.mha")) == 100)
    let export = try run(["export", results, "-o", folder.file("export")])
    #expect(export.status == 0, "\(export.errors)")
    #expect(try first(folder.file("export/vectors_y.npy")) == 100)
    let table = try String(contentsOfFile: folder.file("export/voxels.csv"), encoding: .utf8)
    #expect(table.hasPrefix("z_um,y_um,x_um,vectors_x,vectors_y,vectors_z\n1.0,1.0,1.0,0.0,100.0,200.0\n"))
  }
}
