import Foundation
import TestSupport
import Testing
import Voxelith

/// What a release carries beside the program: one version, man pages, provenance that others read, a map in one file.
@Suite struct ReleaseTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  private static func text(_ name: String) throws -> String {
    try String(contentsOfFile: root + "/" + name, encoding: .utf8)
  }

  /// The version stands in one place; what repeats it for others says the same.
  @Test func versionIsOne() throws {
    let version = PackageVersion.current
    #expect(try Self.text("CITATION.cff").contains("\nversion: \(version)\n"))
    #expect(try Self.text("codemeta.json").contains("\"version\": \"\(version)\""))
    #expect(try Self.text("CHANGELOG.md").contains("\n## \(version)"))
    let folder = try TemporaryFolder()
    #expect(try Program.run(["--version"], in: folder).output == version + "\n")
  }

  /// A page for each command, with every option of its help, which groff takes without a warning.
  @Test func manPagesAreThoseOfTheHelp() throws {
    let folder = try TemporaryFolder()
    let made = try ExternalTools.run(
      "/bin/sh", [Self.root + "/.packaging/man.sh", Program.path, folder.path])
    #expect(made.status == 0, "\(made.log)")
    let pages = folder.entries
    let listed = try Program.run(["--help"], in: folder).output.split(separator: "\n")
      .drop { !$0.hasPrefix("SUBCOMMANDS") }.compactMap { $0.firstMatch(of: /^  ([a-z][a-z-]*)/)?.1 }
    #expect(listed.count > 20)
    #expect(pages == (["voxelith.1"] + listed.map { "voxelith-\($0).1" }).sorted())
    for command in listed {
      let page = try String(contentsOfFile: folder.file("voxelith-\(command).1"), encoding: .utf8)
        .replacing("\\-", with: "-")
      let help = try Program.run(["help", String(command)], in: folder).output
      let options = help.matches(of: /\n  (?:-., )?(--[a-z-]+)/).map { String($0.1) }
      #expect(options.contains("--help"))
      for option in options { #expect(page.contains(option), "\(command) \(option)") }
      for part in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"] {
        #expect(page.contains(part))
      }
    }
    guard let groff = ExternalTools.find("groff") else { return print("SKIPPED groff: it is not installed") }
    for page in pages {
      let set = try ExternalTools.run(groff, ["-man", "-Tascii", "-ww", folder.file(page)])
      #expect(set.status == 0 && set.log.isEmpty, "\(page): \(set.log)")
    }
  }

  /// Completions that their shells read without a complaint.
  @Test func completionsAreThoseOfTheProgram() throws {
    let folder = try TemporaryFolder()
    let made = try ExternalTools.run(
      "/bin/sh", [Self.root + "/.packaging/share.sh", Program.path, folder.path])
    #expect(made.status == 0, "\(made.log)")
    for (shell, file) in [
      ("bash", "bash-completion/completions/voxelith"), ("zsh", "zsh/site-functions/_voxelith"),
      ("fish", "fish/vendor_completions.d/voxelith.fish"),
    ] {
      let script = try String(contentsOfFile: folder.file(file), encoding: .utf8)
      for word in ["diffuse", "watch", "threads"] {
        let isThere = script.contains(word)
        #expect(isThere, "\(shell) \(word)")
      }
      guard let program = ExternalTools.find(shell) else {
        print("SKIPPED \(shell): it is not installed")
        continue
      }
      let read = try ExternalTools.run(program, ["-n", folder.file(file)])
      #expect(read.status == 0, "\(shell): \(read.log)")
    }
  }

  /// Scripts, recipes and what services read are sound: no word of theirs is run here.
  @Test func recipesCanBeRead() throws {
    for folder in [".packaging", "Tests", ".ci"] {
      for name in try FileManager.default.contentsOfDirectory(atPath: Self.root + "/" + folder)
      where name.hasSuffix(".sh") || name == "run" {
        let read = try ExternalTools.run("/bin/bash", ["-n", "\(Self.root)/\(folder)/\(name)"])
        #expect(read.status == 0, "\(read.log)")
      }
    }
    let codemeta = try JSONSerialization.jsonObject(with: Data(try Self.text("codemeta.json").utf8))
    #expect((codemeta as? [String: Any])?["@type"] as? String == "SoftwareSourceCode")
    guard ExternalTools.python != nil else {
      return print("SKIPPED recipes: no Python: make deps-test, or VOXELITH_PYTHON")
    }
    let check = """
      import ast, glob, sys
      ast.parse(open(".packaging/spack/packages/voxelith/package.py").read())
      try:
          import yaml
      except ImportError:
          sys.exit(print("SKIPPED YAML: PyYAML is not installed"))
      read = {name: yaml.safe_load(open(name)) for name in [
          *glob.glob(".github/**/*.yml", recursive=True), ".packaging/spack/repo.yaml", "CITATION.cff",
          "Sources/VoxelithPython/voxelith/napari.yaml"]}
      assert {"cff-version", "message", "title", "authors", "version"} <= set(read["CITATION.cff"])
      jobs = read[".github/workflows/test.yml"]["jobs"]
      assert all(job["steps"] for job in jobs.values())
      for job in jobs.values():
          assert set([job.get("needs")]) - {None} <= set(jobs)
      """
    let run = try ExternalTools.package(["-c", check], in: Self.root)
    #expect(run.status == 0, "\(run.log)")
    if run.log.contains("SKIPPED") { print(run.log) }
  }

  /// All quantities in one NXdata, with the bytes of the TIFFs; command and pipeline write the same file.
  @Test func mapAsNeXus() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let made = try Program.run(
      [
        "map", twin.path("xcs.nxs"), "-c", twin.calibration, "--format", "nexus", "-o", folder.file("map"),
      ], in: folder)
    #expect(made.status == 0, "\(made.errors)")
    for (name, dataset) in [("li", "lithium"), ("li_sigma", "lithium_errors"), ("mask", "mask")] {
      let tiff = try VolumeFile.open(folder.file("map/\(name).tif"))
      let nexus = try VolumeFile.open(
        folder.file("map/map.nxs"), options: VolumeOpenOptions(dataset: "/entry/data/" + dataset))
      let whole = Region(whole: tiff.grid.shape)
      #expect(nexus.grid.shape == tiff.grid.shape && nexus.grid.spacing == SIMD3(repeating: 20))
      let (first, second) = (try tiff.read(whole), try nexus.read(whole))
      #expect(first.doubles().map(\.bitPattern) == second.doubles().map(\.bitPattern))
    }
    let again = try Program.run(
      ["map", twin.path("xcs.nxs"), "-c", twin.calibration, "--format", "nexus", "-o", folder.file("map")],
      in: folder)
    #expect(again.status == 73)
    let yaml = folder.file("pipeline.yaml")
    try """
    inputs: {xcs: \(twin.path("xcs.nxs")), standards: \(twin.path("standards.yaml"))}
    map: {format: nexus}
    skip: [figures, report]
    """.write(toFile: yaml, atomically: true, encoding: .utf8)
    let run = try Program.run(["run", yaml, "-o", folder.file("results"), "-q"], in: folder)
    #expect(run.status == 0, "\(run.errors)")
    let files = [folder.file("map/map.nxs"), folder.file("results/map/map.nxs")]
    let bytes = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    #expect(bytes[0] == bytes[1])
  }

  /// Every file of the folder with its checksum; an action for each stage, from its inputs to its results.
  @Test func resultsAsResearchCrate() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let yaml = folder.file("pipeline.yaml")
    try """
    inputs: {xcs: \(twin.path("xcs.nxs")), standards: \(twin.path("standards.yaml"))}
    skip: [report]
    """.write(toFile: yaml, atomically: true, encoding: .utf8)
    let run = try Program.run(["run", yaml, "-o", folder.file("results"), "-q", "--ro-crate"], in: folder)
    #expect(run.status == 0, "\(run.errors)")
    let crate = try Crate(folder.file("results"))
    #expect(crate.entity("ro-crate-metadata.json")?["about"] as? [String: String] == ["@id": "./"])
    let actions = crate.all("CreateAction")
    #expect(
      actions.compactMap { $0["name"] as? String }.sorted() == ["calibrate", "figures", "inspect", "map"])
    for action in actions {
      for key in ["object", "result"] {
        for part in action[key] as? [[String: String]] ?? [] {
          #expect(crate.entity(part["@id"] ?? "") != nil)
        }
      }
      #expect(crate.entity((action["instrument"] as? [String: String])?["@id"] ?? "") != nil)
    }
    let map = try #require(actions.first { $0["name"] as? String == "map" })
    let results = (map["result"] as? [[String: String]] ?? []).compactMap { $0["@id"] }
    #expect(results.contains("map/li.tif") && !results.contains { $0.hasPrefix("calibrate/") })
    let objects = (map["object"] as? [[String: String]] ?? []).compactMap { $0["@id"] }
    #expect(objects.contains { $0.hasSuffix("/xcs.nxs") })
    let lithium = try #require(crate.entity("map/li.tif"))
    #expect(try lithium["sha256"] as? String == SHA256.of(file: folder.file("results/map/li.tif")))
    // Every file, the inputs too, is a part of the whole.
    let parts = Set((crate.entity("./")?["hasPart"] as? [[String: String]] ?? []).compactMap { $0["@id"] })
    #expect(Set(crate.all("File").compactMap { $0["@id"] as? String }) == parts)
    let told = try Program.run(
      ["calibrate", twin.path("standards.yaml"), "-o", folder.file("c.json"), "--ro-crate"], in: folder)
    #expect(told.status == 64)
  }

  private struct Crate {
    let graph: [[String: Any]]

    init(_ folder: String) throws {
      let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/ro-crate-metadata.json"))
      let root = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      graph = root?["@graph"] as? [[String: Any]] ?? []
    }

    func entity(_ id: String) -> [String: Any]? { graph.first { $0["@id"] as? String == id } }
    func all(_ type: String) -> [[String: Any]] { graph.filter { $0["@type"] as? String == type } }
  }
}
