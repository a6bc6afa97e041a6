import Drawing
import Foundation
import Readers
import Results
import TestSupport
import Testing
import Volumetry

@Suite struct ReportTests {
  private func report() throws -> Report {
    let volume = GalleryFigures.lithium(shape: Shape(z: 6, y: 10, x: 14), spacing: SIMD3(10, 20, 50))
    var report = Report(title: "Sample <script>alert(1)</script> & \"co\"")
    report.volumes = [
      try ReportVolume(volume, name: "li</script><b>.tif", label: "x"),
      try ReportVolume(
        GalleryFigures.grey(Shape(z: 12, y: 20, x: 28)), name: "xct.tif", label: "grey", map: .grey),
    ]
    report.sections = [
      Report.Section(
        "Numbers <i>",
        [.paragraph("a < b"), .table([["quantity", "value"], ["<img src=x onerror=alert(1)>", "1"]])]),
      Report.Section("Slices", [.viewer]),
      Report.Section(
        "Figures",
        [.drawing(GalleryFigures.calibration().scene(width: .millimetres(85)), caption: "Calibration")]),
      Report.Section("Results", [.text("{\"a\": \"</pre>\"}", title: "map.json")]),
    ]
    return report
  }

  @Test func namesAreEscaped() throws {
    let html = try report().html()
    #expect(!html.contains("<script>alert"))
    #expect(!html.contains("<img src=x"))
    #expect(!html.contains("li</script>"))
    #expect(!html.contains("\"</pre>"))
    #expect(html.contains("&lt;script&gt;alert(1)"))
    #expect(!html.contains("http://") && !html.contains("https://"))
  }

  @Test func folderBecomesAPage() throws {
    let folder = try TemporaryFolder()
    let volume = GalleryFigures.lithium(shape: Shape(z: 4, y: 5, x: 6))
    let writer = try TIFFVolumeWriter(path: folder.file("li.tif"), grid: volume.grid, type: .float32)
    try writer.write(.float32(volume.voxels), to: Region(whole: volume.shape))
    try writer.finish()
    try Data(#"{"bias": 0.0012, "voxels": 120, "ok": true, "nested": {"sigma": 0.5}}"#.utf8).write(
      to: URL(fileURLWithPath: folder.file("map.json")))
    try Data("not JSON".utf8).write(to: URL(fileURLWithPath: folder.file("bad.json")))
    try GalleryFigures.depthProfile().write(to: folder.file("profile.svg"))
    var notices: [String] = []
    let report = try Report(folder: ResultFolder(folder.path), notice: { notices.append($0) })
    let html = report.html()
    #expect(
      html.contains("0.0012") && html.contains("nested \u{203A} standard error")
        && html.contains("profile.svg"))
    #expect(html.contains(">yes<"))
    #expect(notices.count == 1 && notices[0].contains("bad.json"))
    let path = folder.file("report.html")
    try report.write(to: path)
    #expect(#expect(throws: VoxelithError.self) { try report.write(to: path) }?.code == .cannotCreate)
    #expect(#expect(throws: VoxelithError.self) { try ResultFolder(folder.file("none")) }?.code == .missing)
    let empty = try TemporaryFolder()
    #expect(#expect(throws: VoxelithError.self) { try ResultFolder(empty.path) }?.code == .data)
  }

  /// Calibration, registration, correlation and provenance have sections of their own, with figures and intervals.
  @Test func knownResultsHaveSections() throws {
    let folder = try TemporaryFolder()
    func put(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
    }
    try put("calibration.json", ResultTexts.calibration)
    try put("transform.json", ResultTexts.registration)
    try put("correlation.json", ResultTexts.correlation)
    try put(
      "map.json",
      """
      {"format_version": 1, "mean_x": 0.55254, "mean_x_sigma": 0.00131, "method": "profile", "shape": [1, 2, 5],
       "mapped": 9, "voxels": 10, "mask": {}, "calibrated_x_range": [0, 1]}
      """)
    try put(
      "provenance.json",
      """
      {"inputs_sha256": {"a<b>.tif": "52f85ad8"}, "command": ["voxelith", "map"], "parameters": {"method": "profile"},
       "program": "voxelith", "version": "1", "seeds": {}, "seconds_per_stage": {"map": 1.5},
       "started": "2026-01-01T00:00:00Z", "host": {"system": "Linux", "cores": 2, "threads": 2}}
      """)
    try put("stage.json", #"{"key": "k", "name": "map", "outputs": {"li.tif": "2c8642ea"}}"#)
    let report = try Report(folder: ResultFolder(folder.path))
    #expect(
      report.sections.map(\.heading).filter { !$0.hasPrefix("Results") }
        .map { $0.hasPrefix("Warnings (") ? "Warnings" : $0 } == [
          "Result", "Relations", "Warnings", "Summary", "Calibration", "Registration",
          "Parameters and hashes",
        ])
    let html = report.html()
    for words in [
      "0.5525 \u{00B1} 0.0013", "9 of 10", "Calibration line with residuals, S-parameter",
      "Residuals of the standards", "\u{2212}1.3", "0.745 \u{00B5}m", "65.1 %",
      "standard error of translation x (\u{00B5}m)", "<td>0.23</td>", "0.024 (\u{2212}0.010 to 0.057)",
      "SHA-256 of a&lt;b&gt;.tif",
      "52f85ad8", "2c8642ea", "parameter method",
    ] { #expect(html.contains(words), "\(words)") }
    // Calibration, residuals, and the forest plot of the relations for wide and for narrow windows.
    #expect(html.components(separatedBy: "data:image/svg+xml;base64,").count == 5)
  }

  private static func map(_ meanX: Double) -> String {
    """
    {"format_version": 1, "mean_x": \(meanX), "mean_x_sigma": 0.01, "method": "profile", "shape": [1, 2, 5],
     "mapped": 9, "voxels": 10, "mask": {}, "calibrated_x_range": [0, 1]}
    """
  }

  /// A folder of the files given by their paths.
  private static func folder(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files {
      let path = URL(fileURLWithPath: folder.file(name))
      try FileManager.default.createDirectory(
        at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: path)
    }
    return folder
  }

  /// The map as if the active material were alone is wrong by the other phases: no page opens with it, from whatever folder
  /// above the pipeline's results it is made.
  @Test(arguments: ["", "results/", "demo/results/"])
  func aPageOfAPipelineOpensWithTheMapThatKnowsTheFractions(_ root: String) throws {
    var files: [String: String] = [:]
    for (stage, meanX) in [("map-plain", 1.4), ("map", 0.55)] {
      files[root + stage + "/map.json"] = Self.map(meanX)
      files[root + stage + "/stage.json"] = #"{"key": "k", "name": "\#(stage)", "outputs": {}}"#
    }
    files[root + "report/summary.json"] = #"{"mean": 77.5}"#
    if !root.isEmpty { files["twin/truth.json"] = #"{"mean": 88.5}"# }
    let folder = try Self.folder(files)
    var notices: [String] = []
    let html = try Report(folder: ResultFolder(folder.path), notice: { notices.append($0) }).html()
    let opening = try #require(html.range(of: "mean x = "))
    #expect(html[opening.upperBound...].hasPrefix("0.550 \u{00B1} 0.010"))
    #expect(!html.contains("77.5") && !html.contains("88.5"))
    #expect(notices.contains { $0.contains("leaves out 1 other file") } == !root.isEmpty, "\(notices)")
  }

  /// Of maps that lie side by side each is told by its name.
  @Test func mapsSideBySideAreNamed() throws {
    let folder = try Self.folder(["charged/map.json": Self.map(0.25), "discharged/map.json": Self.map(0.75)])
    let html = try Report(folder: ResultFolder(folder.path)).html()
    #expect(html.contains("charged: mean x = 0.250") && html.contains("discharged: mean x = 0.750"))
    #expect(html.contains("discharged: 1 of 10 voxels have no value."))
  }

  /// The page in a real browser: no error, the slider changes the picture, values under the cursor are the data's.
  @Test(.enabled(if: ExternalTools.chromium != nil, "chromium is not installed")) func pageWorksInABrowser()
    throws
  {
    let folder = try TemporaryFolder()
    let script = """
      <script>
      const el = id => document.getElementById(id);
      const picture = () => el('slice').toDataURL();
      const results = [];
      const first = picture();
      el('index').value = 2; el('index').dispatchEvent(new Event('input'));
      results.push(picture() !== first ? 'slider' : 'slider fails');
      const before = picture();
      el('map').value = 'viridis'; el('map').dispatchEvent(new Event('change'));
      results.push(picture() !== before ? 'map' : 'map fails');
      function point(u, v, nu, nv) {
        const box = el('slice').getBoundingClientRect();
        el('slice').dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + (u + .5) / nu * box.width, clientY: box.top + (v + .5) / nv * box.height}));
        return el('readout').textContent;
      }
      results.push(point(3, 7, 14, 10));
      el('axis').value = 'y'; el('axis').dispatchEvent(new Event('change'));
      el('index').value = 3; el('index').dispatchEvent(new Event('input'));
      results.push(point(13, 5, 14, 6));
      el('slice').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft'}));
      results.push(el('readout').textContent);
      el('under').value = 1; el('under').dispatchEvent(new Event('change'));
      const blended = picture();
      el('blend').value = 5; el('blend').dispatchEvent(new Event('input'));
      results.push(picture() !== blended ? 'blend' : 'blend fails');
      const ground = getComputedStyle(document.body).backgroundColor;
      el('theme').click();
      results.push(getComputedStyle(document.body).backgroundColor !== ground ? 'theme' : 'theme fails');
      results.push(document.documentElement.scrollWidth <= innerWidth ? 'narrow' : 'narrow fails ' + document.documentElement.scrollWidth);
      const out = document.createElement('pre'); out.id = 'results'; out.textContent = results.join('|');
      document.body.append(out);
      </script></body>
      """
    let html = try report().html().replacingOccurrences(of: "</body>", with: script)
    let page = folder.file("page.html")
    try Data(html.utf8).write(to: URL(fileURLWithPath: page))
    let (_, output, log) = try ExternalTools.run(
      ExternalTools.chromium,
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + folder.file("profile"),
        "--window-size=400,800", "--virtual-time-budget=2000", "--enable-logging=stderr", "--dump-dom",
        "file://" + page,
      ])
    #expect(!log.contains("CONSOLE"), "\(log.split(separator: "\n").filter { $0.contains("CONSOLE") })")
    let parts = output.components(separatedBy: "<pre id=\"results\">")
    let results =
      parts.count > 1
      ? parts[1].components(separatedBy: "</pre>")[0].split(separator: "|").map(String.init) : []
    let volume = GalleryFigures.lithium(shape: Shape(z: 6, y: 10, x: 14), spacing: SIMD3(10, 20, 50))
    try #require(results.count == 8, "\(output.suffix(400))")
    #expect(results[0] == "slider" && results[1] == "map" && results[5] == "blend" && results[6] == "theme")
    #expect(results[7] == "narrow", "\(results[7])")
    func expect(_ text: String, _ z: Int, _ y: Int, _ x: Int) {
      let center = volume.grid.center(z: z, y: y, x: x)
      #expect(text.contains("At (\(Int(center.x)), \(Int(center.y)), \(Int(center.z))) \u{B5}m: "), "\(text)")
      let shown = Double(text.components(separatedBy: " = ").last ?? "")
      #expect(abs((shown ?? .nan) - Double(volume[z, y, x])) < 1e-5, "\(text)")
    }
    expect(results[2], 1, 7, 3)
    expect(results[3], 5, 2, 13)
    expect(results[4], 5, 2, 12)
  }
}
