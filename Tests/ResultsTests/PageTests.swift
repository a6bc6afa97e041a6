import Drawing
import Foundation
import Readers
import Results
import TestSupport
import Testing
import Volumetry

/// The page in a browser, at the widths of a telephone, a tablet, a laptop and a large screen.
@Suite(.serialized) struct PageTests {
  /// A folder as a pipeline leaves it, with names and numbers that are long.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    func put(_ name: String, _ text: String) throws {
      let url = URL(fileURLWithPath: folder.file(name))
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    try put("calibrate/calibration.json", ResultTexts.calibration)
    try put("register/transform.json", ResultTexts.registration)
    try put("correlate/correlation.json", ResultTexts.correlation)
    try put(
      "map/map.json",
      """
      {"format_version": 1, "formula": "LixNi0.8Mn0.1Co0.1O2", "mean_x": 0.55254, "mean_x_sigma": 0.00131,
       "method": "profile", "shape": [24, 40, 48], "mapped": 9, "voxels": 10,
       "mask": {"good": {"value": 0, "voxels": 9}, "no_active_material": {"value": 7, "voxels": 1}},
       "calibrated_x_range": [0, 1]}
      """)
    try put(
      "map/provenance.json",
      """
      {"inputs_sha256": {"a.tif": "52f85ad852f85ad852f85ad852f85ad852f85ad852f85ad852f85ad852f85ad8"},
       "command": ["voxelith", "map", "spectra.nxs", "-c", "calibration.json", "-o", "results"], "parameters": {"method": "profile"},
       "program": "voxelith", "version": "1", "seeds": {}, "seconds_per_stage": {"map": 1.5},
       "started": "2026-01-01T00:00:00Z", "host": {"system": "Linux", "cores": 2, "threads": 2}}
      """)
    let volume = GalleryFigures.lithium()
    for (name, change) in [("li", { $0 }), ("li_sigma", { 0.01 + 0.02 * $0 })]
      as [(String, (Double) -> Double)]
    {
      let writer = try TIFFVolumeWriter(
        path: folder.file("map/\(name).tif"), grid: volume.grid, type: .float32)
      try writer.write(.float32(volume.mapped(change).voxels), to: Region(whole: volume.shape))
      try writer.finish()
    }
    return folder
  }

  /// The answer comes first: material, mean with error, verdict, the map beside its sigma, relations, warnings.
  @Test func thePageOpensWithTheAnswer() throws {
    let folder = try folder()
    let report = try Report(folder: ResultFolder(folder.path))
    #expect(report.sections.prefix(3).map(\.heading) == ["Result", "Slices", "Summary"])
    let html = report.html()
    let opening = html.components(separatedBy: "id=\"s1\"")[0]
    for words in [
      "Li<sub>x</sub>Ni<sub>0.8</sub>", "mean x = 0.5525 \u{00B1} 0.0013 over 9 of 10 voxels",
      "whether the model describes the spectra was not tested", "1 no active material",
      "Standard error of x by counts", "Relations in correlate/correlation.json",
    ] { #expect(opening.contains(words), "\(words)") }
    #expect(opening.components(separatedBy: "data:image/svg+xml").count == 4)
  }

  static let script = #"""
    <script>
    const el = id => document.getElementById(id);
    const box = e => e.getBoundingClientRect();
    const out = {};
    el('slice').dispatchEvent(new PointerEvent('pointermove', {clientX: box(el('slice')).left + 5, clientY: box(el('slice')).top + 5}));
    const section = el('slice').closest('section');
    out.viewer = box(section).height;
    out.slice = box(el('slice')).height;
    out.bar = box(el('bar')).height;
    out.ticks = box(el('ticks')).height;
    out.ratio = box(el('slice')).height / box(el('slice')).width;
    out.toValue = box(el('readout')).bottom - box(section.querySelector('h2')).top;
    out.barGap = box(el('bar')).left - box(el('slice')).right;
    out.page = document.documentElement.scrollWidth - innerWidth;
    // A word is broken where its rectangles lie on more than one line.
    out.broken = [];
    for (const cell of document.querySelectorAll('td, th')) {
      const text = cell.firstChild;
      if (!text || text.nodeType !== 3) continue;
      for (const word of text.data.matchAll(/[^\s]+/g)) {
        const range = document.createRange();
        range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1) out.broken.push(word[0]);
      }
      if (/^[-\u2212+]?[0-9]/.test(text.data) && text.data.length < 30) {
        const range = document.createRange(); range.selectNodeContents(text);
        if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1) out.broken.push(text.data);
      }
    }
    // Contrast of every text with what lies behind it (WCAG 2.2, 1.4.3), in light and dark.
    const parts = c => c.match(/[0-9.]+/g).map(Number);
    const light = c => { const [r, g, b] = parts(c).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\)$/.test(c) && c !== 'transparent') return c; } return 'rgb(255,255,255)'; };
    out.contrast = 99;
    for (const theme of ['light', 'dark']) {
      document.documentElement.dataset.theme = theme;
      for (const e of document.querySelectorAll('body *')) {
        if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || ['SCRIPT', 'STYLE'].includes(e.tagName)) continue;
        const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < out.contrast) { out.contrast = ratio; out.faintest = theme + ' ' + e.tagName + ' ' + e.className; }
      }
    }
    out.names = [...document.querySelectorAll('button, select, input, canvas[tabindex], .scroll')].filter(e => !(e.getAttribute('aria-label') || e.labels && e.labels.length || e.textContent.trim())).map(e => e.id);
    const pre = document.createElement('pre'); pre.id = 'results'; pre.textContent = JSON.stringify(out); document.body.append(pre);
    </script></body>
    """#

  private struct Seen: Decodable {
    var viewer, slice, bar, ticks, ratio, toValue, barGap, page, contrast: Double
    var broken, names: [String]
    var faintest: String
  }

  @Test(
    .enabled(if: ExternalTools.chromium != nil, "chromium is not installed"),
    arguments: [(400, 800), (768, 1024), (1280, 800), (1920, 1080)])
  func geometryHoldsAtEveryWidth(_ width: Int, _ height: Int) throws {
    let folder = try folder()
    let html = try Report(folder: ResultFolder(folder.path)).html()
      .replacingOccurrences(of: "</body>", with: Self.script)
    let page = folder.file("page.html")
    try Data(html.utf8).write(to: URL(fileURLWithPath: page))
    let (_, output, log) = try ExternalTools.run(
      ExternalTools.chromium,
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        "--user-data-dir=" + folder.file("profile"), "--window-size=\(width),\(height)",
        "--virtual-time-budget=2000", "--enable-logging=stderr", "--dump-dom", "file://" + page,
      ])
    let errors = log.split(separator: "\n").filter { $0.contains("CONSOLE") }
    #expect(errors.isEmpty, "\(errors)")
    let parts = output.components(separatedBy: "<pre id=\"results\">")
    let json = parts.count > 1 ? parts[1].components(separatedBy: "</pre>")[0] : ""
    let text = json.replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
      .replacingOccurrences(of: "&amp;", with: "&")
    let seen = try JSONDecoder().decode(Seen.self, from: Data(text.utf8))
    #expect(abs(seen.bar - seen.slice) < 1.5 && abs(seen.ticks - seen.slice) < 1.5, "\(seen)")
    // 40 x 48 voxels of 10 um.
    #expect(abs(seen.ratio - 40.0 / 48) < 0.01, "\(seen.ratio)")
    #expect(seen.barGap > 0 && seen.barGap < 20, "\(seen.barGap)")
    #expect(seen.page <= 0, "the page is \(seen.page) px wider than its window")
    if width >= 1280 { #expect(seen.toValue <= Double(height), "value at \(seen.toValue) px of \(height)") }
    #expect(seen.broken.isEmpty, "\(seen.broken.prefix(5))")
    #expect(seen.contrast >= 4.5, "\(seen.contrast) at \(seen.faintest)")
    #expect(seen.names.isEmpty, "without a name: \(seen.names)")
  }
}
