import Foundation
import TestSupport
import Testing
import Voxelith

/// Files made to do harm: an answer within seconds, the documented exit code, one or two lines, no memory beyond reason.
@Suite(.serialized) struct HostileInputTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private func put(_ name: String, _ text: String) throws -> String {
    let path = folder.file(name)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Runs below a limit on time and memory, so that what hangs or swells fails here and not on the machine.
  @discardableResult
  private func refuses(
    _ arguments: [String], with status: Int32 = 65, says words: String..., limits: String = ""
  ) throws -> String {
    let errors = folder.file(".errors")
    let shell = try ExternalTools.run(
      "/bin/sh",
      [
        "-c", "ulimit -v 6000000; \(limits) exec timeout -s KILL 20 \"$0\" \"$@\" 2>'\(errors)' >/dev/null",
        Program.path,
      ] + arguments)
    let text = String(decoding: FileManager.default.contents(atPath: errors) ?? Data(), as: UTF8.self)
    #expect(shell.status == status, "\(arguments): \(shell.status) \(text.prefix(300))")
    // Notices of files outside the folder are not the error.
    let lines = text.split(separator: "\n").count { !$0.hasPrefix("note: ") }
    // The parser of the command line adds how the option is used.
    #expect((1...(status == 64 ? 4 : 3)).contains(lines), "\(arguments): \(text.prefix(300))")
    for word in words { #expect(text.contains(word), "\(arguments): \(text.prefix(300))") }
    return text
  }

  private func standards(_ change: (String) -> String) throws -> String {
    let text = try String(contentsOfFile: twin.path("standards.yaml"), encoding: .utf8)
      .replacing("standards/", with: twin.path("standards/"))
    return try put("standards.yaml", change(text))
  }

  @Test func aliasesThatStandForMoreThanThereIs() throws {
    let lines =
      ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
      + zip("abcdefghi", "bcdefghij").map {
        "\($1): &\($1) [" + repeatElement("*\($0)", count: 10).joined(separator: ",") + "]"
      }
    for end in ["", "? *j\n: 1\n"] {
      let bomb = try put("bomb.yaml", lines.joined(separator: "\n") + "\n" + end)
      try refuses(["calibrate", bomb, "-o", folder.file("c.json")], says: "aliases")
      try refuses(["check", bomb], says: "aliases")
      try refuses(["render", "--spec", bomb, "-o", folder.file("f.png")], says: "aliases")
    }
    // A few aliases are no attack.
    let few = try standards { $0.replacing("energy_resolution_keV: ", with: "energy_resolution_keV: &r ") }
    #expect(try Program.run(["calibrate", few, "-o", folder.file("few.json"), "-q"], in: folder).status == 0)
  }

  @Test func nestingWithoutEnd() throws {
    for text in [
      String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 100_000),
      String(repeating: "- ", count: 100_000) + "x", String(repeating: "? ", count: 50_000) + "x",
      "a: " + String(repeating: "[", count: 60) + String(repeating: "]", count: 60) + "\n"
        + String(repeating: "x", count: 5_000_000),
    ] {
      try refuses(["calibrate", try put("deep.yaml", text), "-o", folder.file("c.json")])
    }
    for text in [String(repeating: "[", count: 1_000_000), String(repeating: "{\"a\":", count: 1_000_000)] {
      let json = try put("deep.json", text)
      try refuses(["map", twin.path("xcs.nxs"), "-c", json, "-o", folder.file("m")])
      try refuses([
        "resample", twin.path("xct.tif"), "--like", twin.path("xct.tif"), "-t", json, "-o",
        folder.file("o.tif"),
      ])
      try refuses(["replay", json])
    }
  }

  @Test func numbersBeyondTheirRanges() throws {
    func replaced(_ key: String, _ value: String) throws -> String {
      try standards { text in
        text.split(separator: "\n").map { $0.hasPrefix(key + ":") ? "\(key): \(value)" : String($0) }
          .joined(separator: "\n") + "\n"
      }
    }
    for (key, value) in [
      ("energy_resolution_keV", "1e6"), ("energy_resolution_keV", "800"), ("energy_resolution_keV", "90"),
      ("energy_resolution_keV", "-1"), ("energy_resolution_keV", ".nan"), ("incident_energy_keV", "115600"),
      ("incident_energy_keV", "0.1156"), ("scattering_angle_deg", "270"), ("scattering_angle_deg", "0"),
    ] {
      try refuses(["calibrate", try replaced(key, value), "-o", folder.file("c.json")])
    }
    for extra in ["tail_fraction: 0.1\ntail_length_keV: 1e6", "tail_fraction: 1.5\ntail_length_keV: 1"] {
      try refuses(["calibrate", try standards { extra + "\n" + $0 }, "-o", folder.file("c.json")])
    }
    try refuses(
      [
        "calibrate",
        try standards {
          $0.replacing("formula: ", with: "formula: " + String(repeating: "(", count: 20_000))
        },
        "-o", folder.file("c.json"),
      ], says: "formula")
    let nested = String(repeating: "(", count: 20) + "Li" + String(repeating: ")", count: 20)
    try refuses(
      ["calibrate", try replaced("formula", nested), "-o", folder.file("c.json")], says: "parentheses")
    let long = String(repeating: "t", count: 100_000)
    try refuses(
      ["render", twin.path("xct.tif"), "-o", folder.file("f.png"), "--title", long], with: 64,
      says: "letters"
    )
    for (option, value) in [
      ("--threads", "9000000000000000000"), ("--threads", "0"), ("--threads", "-3"), ("--live-time", "0"),
      ("--incident-energy", "115600"), ("--scattering-angle", "1e9"), ("--voxel-size", "1e300"),
    ] {
      try refuses(
        [
          "map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", folder.file("m"), option + "=" + value,
        ],
        with: 64)
    }
    #expect(folder.entries.filter { $0.hasSuffix(".png") || $0 == "c.json" || $0 == "m" }.isEmpty)
  }

  @Test func errorsThatCannotBe() throws {
    func changed(_ change: (inout [String: Any]) -> Void) throws -> String {
      let data = try #require(FileManager.default.contents(atPath: twin.calibration))
      var root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      var methods = try #require(root["methods"] as? [String: Any])
      change(&methods)
      root["methods"] = methods
      let path = folder.file("cal.json")
      try JSONSerialization.data(withJSONObject: root).write(to: URL(fileURLWithPath: path))
      return path
    }
    func profile(_ key: String, _ change: ([Double]) -> [Double]) throws -> String {
      try changed { methods in
        guard var profile = methods["profile"] as? [String: Any], let values = profile[key] as? [Double]
        else { return }
        profile[key] = change(values)
        methods["profile"] = profile
      }
    }
    let map = ["map", twin.path("xcs.nxs"), "-o", folder.file("m"), "-c"]
    try refuses(map + [try profile("constant_variance") { $0.map { -$0 } }], says: "constant_variance")
    try refuses(map + [try profile("slope_variance") { $0.map { -$0 } }], says: "slope_variance")
    try refuses(map + [try profile("cross_covariance") { $0.map { 10 * $0 } }], says: "cross_covariance")
    for rows in [[[-1.0, 0], [0, -1]], [[1, 5], [5, 1]], [[1, 0.5], [0, 1]]] {
      let path = try changed { methods in
        guard var ratio = methods["s-parameter"] as? [String: Any] else { return }
        ratio["covariance"] = rows
        methods["s-parameter"] = ratio
      }
      try refuses(map + [path], says: "s-parameter")
    }
    #expect(try Program.run(map + [try changed { _ in }, "-q"], in: folder).status == 0)
  }

  @Test func transformsThatMissTheVolume() throws {
    let xct = twin.path("xct.tif")
    for shift in ["1e308", "1e9", "5000"] {
      let path = try put(
        "shift.json",
        "{\"matrix\": [[1,0,0,\(shift)],[0,1,0,0],[0,0,1,0],[0,0,0,1]], \"from\": \"fixed\", \"to\": \"moving\"}"
      )
      try refuses(["resample", xct, "--like", xct, "-t", path, "-o", folder.file("o.tif")])
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("o.tif")))
  }

  /// Pipes and devices in the place of files, and behind links: an answer at once.
  @Test func pipesInThePlaceOfFiles() throws {
    let pipe = folder.file("pipe")
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    let link = folder.file("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: pipe)
    let xct = twin.path("xct.tif")
    let out = folder.file("out")
    for path in [pipe, link, "/dev/zero"] {
      for arguments in [
        ["inspect", path], ["calibrate", path, "-o", out], ["check", path], ["run", path, "-o", out],
        ["replay", path],
        ["map", twin.path("xcs.nxs"), "-c", path, "-o", out],
        ["map", path, "-c", twin.calibration, "-o", out],
        ["resample", xct, "--like", xct, "-t", path, "-o", out + ".tif"],
        ["render", "--spec", path, "-o", out + ".png"],
        ["plan", path, "--target", "0.01"],
        ["series", path, twin.path("xcs.nxs"), "-c", twin.calibration, "-o", out],
      ] { try refuses(arguments) }
      let standards = try standards { $0.replacing(twin.path("standards/s0.csv"), with: path) }
      try refuses(["calibrate", standards, "-o", out])
    }
  }

  /// A provenance whose command is a replay, or whose inputs are pipes.
  @Test func provenanceThatReplaysItself() throws {
    let path = folder.file("provenance.json")
    func provenance(_ command: [String], inputs: [String: String] = [:]) throws {
      let root: [String: Any] = [
        "program": "voxelith", "version": "0.1.0", "command": command, "parameters": [:], "seeds": [:],
        "inputs_sha256": inputs, "seconds_per_stage": [:], "started": "",
        "host": ["system": "", "cores": 1, "threads": 1],
      ]
      try JSONSerialization.data(withJSONObject: root).write(to: URL(fileURLWithPath: path))
    }
    for command in [
      ["voxelith", "replay", path, "-o", "x"], ["voxelith", "--quiet", "replay", path, "-o", "x"],
      ["voxelith", "clean", "-o", "x"], ["voxelith"], [],
    ] {
      try provenance(command)
      try refuses(["replay", path])
    }
    let pipe = folder.file("pipe")
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    try provenance(["voxelith", "inspect", pipe, "-o", "x"], inputs: [pipe: "00"])
    try refuses(["replay", path], says: "changed")
  }

  @Test func hardlyAnyDescriptors() throws {
    let out = folder.file("out")
    for arguments in [
      ["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", out], ["inspect", twin.path("xct.tif")],
      ["run", twin.path("pipeline.yaml"), "-o", out],
    ] {
      for limit in [4, 6, 8, 10] {
        let result = try ExternalTools.run(
          "/bin/sh", ["-c", "ulimit -n \(limit); exec \"$0\" \"$@\" -q", Program.path] + arguments)
        #expect(
          [0, 65, 66, 70, 73, 74].contains(result.status),
          "\(arguments[0]) \(limit): \(result.status) \(result.log)")
        #expect(!result.log.contains("Fatal"), "\(result.log)")
        try? FileManager.default.removeItem(atPath: out)
      }
    }
  }

  /// Names that are not UTF-8, of files, of folders above them, and of outputs.
  @Test func bytesOfAnyKindInNames() throws {
    let script = """
      cd '\(folder.path)' && d=$(printf 'f\\374r Li') && mkdir "$d" && cp '\(twin.calibration)' "$d/cal.json" &&
      c=$(printf 'cal\\377.json') && cp '\(twin.calibration)' "$d/$c" && x=$(printf 'xcs\\344.nxs') &&
      cp '\(twin.path("xcs.nxs"))' "$d/$x" &&
      '\(Program.path)' map "$d/$x" -c "$d/$c" -o "$d/map" -q && test -f "$d/map/li.tif" &&
      '\(Program.path)' map "$d/$x" --calibration="$d/cal.json" -o map -q && cmp "$d/map/li.tif" map/li.tif &&
      '\(Program.path)' inspect "$d/$x" && ! '\(Program.path)' inspect "$d/$(printf 'no\\344')"
      """
    let shell = try ExternalTools.run("/bin/sh", ["-c", script])
    #expect(shell.status == 0, "\(shell.log)")
    #expect(shell.output.contains("\\xE4") && !shell.output.contains("/proc/self"), "\(shell.output)")
    #expect(shell.log.contains("no such file"), "\(shell.log)")
  }

  /// The shared inputs made by hand, where they are.
  private static let cases = FileManager.default.currentDirectoryPath + "/../shared/cases/hostile/"

  @Test(.enabled(if: FileManager.default.fileExists(atPath: cases), "needs ../shared/cases/hostile"))
  func theSharedCases() throws {
    let out = folder.file("out")
    for name in ["yaml-alias-bomb-key.yaml", "yaml-alias-bomb-seq.yaml"] {
      try refuses(["calibrate", Self.cases + name, "-o", out], says: "aliases")
    }
    for name in ["std-res-800.yaml", "std-res-1e6.yaml"] {
      let text = try String(contentsOfFile: Self.cases + name, encoding: .utf8)
      let path = try put(name, text.replacing("standards/", with: twin.path("standards/")))
      try refuses(["calibrate", path, "-o", out], says: "energy_resolution_keV")
    }
    for name in ["cal-neg-variance.json", "cal-s-cov-neg.json"] {
      try refuses(
        ["map", twin.path("xcs.nxs"), "-c", Self.cases + name, "-o", out], says: "cannot be errors")
    }
    let xct = twin.path("xct.tif")
    try refuses([
      "resample", xct, "--like", xct, "-t", Self.cases + "tr-huge-shift.json", "-o", out + ".tif",
    ])
  }
}
