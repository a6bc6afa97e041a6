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
       "command": ["voxelith", "map", "carbon-binder/spectra-of-the-charged-state.nxs", "-c", "calibration.json", "-o", "results"], "parameters": {"method": "profile"},
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
    let headings = report.sections.map(\.heading)
    #expect(Array(headings.prefix(3)) == ["Result", "Slices", "Relations"])
    #expect(headings[3].hasPrefix("Warnings (") && headings[4] == "Summary", "\(headings)")
    let html = report.html()
    let opening = html.components(separatedBy: "id=\"s4\"")[0]
    for words in [
      "Li<sub>x</sub>Ni<sub>0.8</sub>",
      "mean x = 0.5525 \u{00B1} 0.0013 (standard error, shared errors included) over 9 of 10 voxels",
      "whether the model describes the spectra was not tested",
      "1 of 10 voxels have no value: no active material.",
      "correlation r of each pair of quantities over", "(correlate/correlation.json)",
    ] { #expect(opening.contains(words), "\(words)") }
    // Without JavaScript the map stands beside its error in one drawing; the relations are another, in two widths.
    #expect(opening.components(separatedBy: "data:image/svg+xml").count == 4)
    #expect(opening.contains("<noscript><div class=\"beside\"><figure"))
  }

  /// Keys of files are read as quantities with units, figures have captions and the width of their paper.
  @Test func quantitiesAndFiguresAreNamed() throws {
    let folder = try folder()
    let plot = Plot(
      x: PlotAxis("energy (keV)"), y: PlotAxis("residual"), [Series(.line(x: [0, 1], y: [0, 1], .solid))])
    try plot.write(to: folder.file("map/misfit.png"), options: FigureOptions(width: .millimetres(85)))
    try plot.write(to: folder.file("own.png"), options: FigureOptions(width: .millimetres(85)))
    let strange =
      #"{"voxel_size_um": 2.5, "depth_sigma": 0.5, "count_per_um": 3, "energy_keV": 90, "sigma_um": 5.5, "shift_of_middle_um_xyz": [1, 2, 3], "error_voxels": 1}"#
    try Data(strange.utf8).write(to: URL(fileURLWithPath: folder.file("strange.json")))
    let html = try Report(folder: ResultFolder(folder.path)).html()
    for words in [
      "<td>voxel size (\u{00B5}m)</td>", "<td>standard error of depth</td>",
      "<td>width \u{03C3} of the gradient filter (\u{00B5}m)</td>",
      "<td>shift of middle along x, y, z (\u{00B5}m)</td>", "<td>error (voxels)</td>",
      "<td>count (\u{00B5}m\u{207B}\u{00B9})</td>",
      "<td>energy (keV)</td>", "Summed spectrum of 9 voxels against the model",
      "(map/<wbr>misfit.png)</figcaption>",
      "residual against energy (keV). (own.png)</figcaption>", "<figure style=\"width:417px\">",
      "standard error of translation x (\u{00B5}m)",
    ] { #expect(html.contains(words), "\(words)") }
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
    out.inWindow = box(el('readout')).bottom + scrollY <= innerHeight;
    out.fitted = [...document.querySelectorAll('.fitted img')].map(i => box(i).width - i.closest('.scroll').clientWidth);
    out.runs = el('name').querySelectorAll('sub').length;
    out.barGap = box(el('bar')).left - box(el('slice')).right;
    const pair = [box(el('slice')), box(el('slice-sigma'))];
    out.pair = [pair[1].top - pair[0].top, pair[1].width - pair[0].width, pair[1].height - pair[0].height, pair[1].left - pair[0].right];
    out.sigmaBar = box(el('bar-sigma')).height;
    out.page = document.documentElement.scrollWidth - innerWidth;
    // A word is broken where its rectangles lie on more than one line.
    out.broken = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, node => node.parentElement.closest('td, th') ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP);
    out.cells = 0;
    while (walker.nextNode()) {
      const text = walker.currentNode;
      out.cells += 1;
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
    // On paper: the rules of print on a body as wide as a sheet of A4 between its margins.
    for (const sheet of document.styleSheets) for (const rule of sheet.cssRules) if (rule.media && rule.media.mediaText === 'print') rule.media.mediaText = 'all';
    document.body.style.width = '190mm';
    out.paper = Math.max(...[...document.querySelectorAll('.stage:not([hidden]), #rule')].map(e => box(e).right)) - box(document.body).right;
    out.cut = ['slice', 'slice-sigma'].map(id => box(el(id)).width - el(id).parentElement.clientWidth);
    out.rule = box(el('rule')).width / box(el('slice')).width;
    const pre = document.createElement('pre'); pre.id = 'results'; pre.textContent = JSON.stringify(out); parent.document.body.append(pre);
    </script></body>
    """#

  private struct Seen: Decodable {
    var viewer, slice, bar, ticks, ratio, toValue, barGap, page, contrast: Double
    var sigmaBar: Double
    /// How far the pictures and the scale bar reach beyond the paper, and the canvases beyond their boxes.
    var paper: Double
    var cut: [Double]
    /// By how much figures that are laid out for narrow windows are wider than their place.
    var fitted: [Double]
    /// Length of the scale bar over the width of the picture on paper.
    var rule: Double
    var inWindow: Bool
    var runs: Int
    /// Top, width and height of the picture of the errors less those of the map, and the room between the two.
    var pair: [Double]
    var broken, names: [String]
    var faintest: String
  }

  /// What a page tells of itself in a browser, after a script that fills `out`.
  private func look<Value: Decodable>(
    _ type: Value.Type, at html: String, in folder: TemporaryFolder, script: String, width: Int, height: Int
  ) throws -> Value {
    // A window of Chromium is 500 px wide at least, a frame in it as wide as it is told.
    let framed = try JSONEncoder().encode(html.replacingOccurrences(of: "</body>", with: script))
    let text = String(decoding: framed, as: UTF8.self).replacingOccurrences(of: "<", with: "\\u003c")
    let page = folder.file("page.html")
    try Data(
      """
      <!DOCTYPE html><body style="margin: 0"><iframe id="frame" style="border: 0; width: \(width)px; height: \(height)px"></iframe>
      <script>document.getElementById('frame').srcdoc = \(text);</script></body>
      """.utf8
    ).write(to: URL(fileURLWithPath: page))
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
    let result = json.replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
      .replacingOccurrences(of: "&amp;", with: "&")
    return try JSONDecoder().decode(type, from: Data(result.utf8))
  }

  @Test(
    .enabled(if: ExternalTools.chromium != nil, "chromium is not installed"),
    arguments: [(400, 800), (768, 1024), (1280, 800), (1920, 1080)])
  func geometryHoldsAtEveryWidth(_ width: Int, _ height: Int) throws {
    let folder = try folder()
    let html = try Report(folder: ResultFolder(folder.path)).html()
    let seen = try look(Seen.self, at: html, in: folder, script: Self.script, width: width, height: height)
    #expect(abs(seen.bar - seen.slice) < 2.5 && abs(seen.ticks - seen.slice) < 2.5, "\(seen)")
    #expect(abs(seen.sigmaBar - seen.slice) < 2.5, "\(seen)")
    // The map and its error: one size, beside each other, or below each other in a narrow window.
    #expect(seen.pair[1...2].allSatisfy { abs($0) < 0.5 }, "\(seen.pair)")
    let isBeside = abs(seen.pair[0]) < 0.5 && seen.pair[3] > 0
    #expect(
      width < 560 ? seen.pair[0] > seen.slice && seen.slice > 180 : isBeside, "\(seen.pair), \(seen.slice)")
    // 40 x 48 voxels of 10 um.
    #expect(abs(seen.ratio - 40.0 / 48) < 0.02, "\(seen.ratio)")
    #expect(seen.barGap > 0 && seen.barGap < 20, "\(seen.barGap)")
    #expect(seen.page <= 0, "the page is \(seen.page) px wider than its window")
    if width >= 1280 { #expect(seen.toValue <= Double(height), "value at \(seen.toValue) px of \(height)") }
    // The forest plot is seen whole.
    #expect(seen.fitted.count == 1 && seen.fitted.allSatisfy { $0 <= 0.5 }, "\(seen.fitted)")
    if width >= 1280 { #expect(seen.inWindow, "the value lies below the window when the page opens") }
    #expect(seen.runs == 5, "the label has \(seen.runs) subscripts")
    #expect(
      seen.paper <= 0.5 && seen.cut.allSatisfy { $0 <= 0.5 }, "cut on paper: \(seen.paper), \(seen.cut)")
    // 100 um of 480.
    #expect(abs(seen.rule - 100.0 / 480) < 0.01, "\(seen.rule)")
    #expect(seen.broken.isEmpty, "\(seen.broken.prefix(5))")
    #expect(seen.contrast >= 4.5, "\(seen.contrast) at \(seen.faintest)")
    #expect(seen.names.isEmpty, "without a name: \(seen.names)")
  }

  private struct Keys: Decodable {
    var hidden: [Bool]
    var texts: [String]
    var slices: [Int]
    /// Left and top of the mark in its picture, of the map and of its error.
    var marks: [[Double]]
    var outline: Double
    var label: String
  }

  /// Arrow keys move a mark that is seen in both pictures; page up and the like go through the slices; the value is told with the
  /// digits of its error.
  @Test(.enabled(if: ExternalTools.chromium != nil, "chromium is not installed")) func theViewerIsUsedByKeys()
    throws
  {
    let script = #"""
      <script>
      const el = id => document.getElementById(id);
      const out = {hidden: [el('mark').hidden], texts: [], slices: [Number(el('index').value)]};
      const key = (name, more) => el('slice').dispatchEvent(new KeyboardEvent('keydown', {key: name, ...more}));
      el('slice').focus();
      out.hidden.push(el('mark').hidden, el('mark-sigma').hidden);
      out.outline = parseFloat(getComputedStyle(el('slice')).outlineWidth);
      key('ArrowRight'); key('ArrowRight'); key('ArrowDown');
      out.texts.push(el('readout').textContent);
      key('PageUp'); out.slices.push(Number(el('index').value));
      key('ArrowDown', {shiftKey: true}); out.slices.push(Number(el('index').value));
      key('Home'); out.slices.push(Number(el('index').value));
      key('End'); out.slices.push(Number(el('index').value));
      out.texts.push(el('readout').textContent);
      const place = id => { const m = el(id).getBoundingClientRect(), p = el(id).parentElement.getBoundingClientRect(); return [m.left - p.left, m.top - p.top]; };
      out.marks = [place('mark'), place('mark-sigma')];
      out.label = el('slice').getAttribute('aria-label');
      const pre = document.createElement('pre'); pre.id = 'results'; pre.textContent = JSON.stringify(out); parent.document.body.append(pre);
      </script></body>
      """#
    let folder = try folder()
    let html = try Report(folder: ResultFolder(folder.path)).html()
    let seen = try look(Keys.self, at: html, in: folder, script: script, width: 1280, height: 800)
    #expect(seen.hidden == [true, false, false] && seen.outline >= 2)
    #expect(seen.slices == [13, 14, 13, 1, 24])
    let volume = GalleryFigures.lithium()
    for (text, z) in zip(seen.texts, [12, 23]) {
      let value = Double(volume[z, 1, 2])
      let shown = String(format: "x = %.3f \u{00B1} %.3f", value, 0.01 + 0.02 * value)
      #expect(text.hasSuffix(shown), "\(text) is not \(shown)")
    }
    #expect(seen.marks[0] == seen.marks[1] && seen.marks[0][0] > 0, "\(seen.marks)")
    #expect(seen.label.contains("map/li.tif, slice 24 of 24 across z"), "\(seen.label)")
  }

  private struct Wide: Decodable {
    var page: Double
    /// Width and height of the picture's box and of the canvas in it, for the axes z, y and x.
    var boxes: [[Double]]
  }

  /// 10 x 20 x 600 voxels: no picture is wider than the window or too flat to be seen.
  @Test(
    .enabled(if: ExternalTools.chromium != nil, "chromium is not installed"), arguments: [400, 1280])
  func wideVolumesAreSeen(_ width: Int) throws {
    let script = #"""
      <script>
      const el = id => document.getElementById(id);
      const out = {boxes: []};
      for (const axis of ['z', 'y', 'x']) {
        el('axis').value = axis; el('axis').dispatchEvent(new Event('change'));
        const [b, c] = [el('slice').parentElement.getBoundingClientRect(), el('slice').getBoundingClientRect()];
        out.boxes.push([b.width, b.height, c.width, c.height]);
      }
      out.page = document.documentElement.scrollWidth - innerWidth;
      const pre = document.createElement('pre'); pre.id = 'results'; pre.textContent = JSON.stringify(out); parent.document.body.append(pre);
      </script></body>
      """#
    let folder = try TemporaryFolder()
    let volume = GalleryFigures.lithium(shape: Shape(z: 10, y: 20, x: 600))
    for name in ["li", "li_sigma"] {
      let writer = try TIFFVolumeWriter(path: folder.file("\(name).tif"), grid: volume.grid, type: .float32)
      try writer.write(.float32(volume.voxels), to: Region(whole: volume.shape))
      try writer.finish()
    }
    let html = try Report(folder: ResultFolder(folder.path)).html()
    let seen = try look(Wide.self, at: html, in: folder, script: script, width: width, height: 800)
    #expect(seen.page <= 0, "the page is \(seen.page) px wider than its window")
    for box in seen.boxes {
      #expect(box[0] <= Double(width) && box[1] <= 800, "\(seen.boxes)")
      #expect(min(box[2], box[3]) >= 60 && min(box[0], box[1]) >= 60, "\(seen.boxes)")
    }
  }

  private struct Ends: Decodable {
    var ticks: [String]
    var low, high: Double
  }

  /// Values that are nearly the same, large or small: ticks and ends of the colours that tell them apart.
  @Test(
    .enabled(if: ExternalTools.chromium != nil, "chromium is not installed"),
    arguments: [(0.55, 4e-5), (12_345.0, 2), (2.5e6, 300), (4e-7, 1e-9)])
  func nearlyConstantVolumesHaveTicks(_ middle: Double, _ span: Double) throws {
    let script = #"""
      <script>
      const el = id => document.getElementById(id);
      const out = {ticks: [...el('ticks').querySelectorAll('span:not(.sizer)')].map(s => s.textContent), low: Number(el('low').value), high: Number(el('high').value)};
      const pre = document.createElement('pre'); pre.id = 'results'; pre.textContent = JSON.stringify(out); parent.document.body.append(pre);
      </script></body>
      """#
    let folder = try TemporaryFolder()
    let grid = Grid(shape: Shape(z: 2, y: 8, x: 8), spacing: SIMD3(repeating: 10))
    let values = (0..<128).map { Float(middle + span * (Double($0) / 127 - 0.5)) }
    let writer = try TIFFVolumeWriter(path: folder.file("value.tif"), grid: grid, type: .float32)
    try writer.write(.float32(values), to: Region(whole: grid.shape))
    try writer.finish()
    let html = try Report(folder: ResultFolder(folder.path)).html()
    let seen = try look(Ends.self, at: html, in: folder, script: script, width: 1280, height: 800)
    #expect(seen.ticks.count > 2 && Set(seen.ticks).count == seen.ticks.count, "\(seen)")
    #expect(seen.high - seen.low > 0.8 * span && seen.high - seen.low < 1.5 * span, "\(seen)")
  }

  /// On paper the current slice stands with its place, the controls are gone, and no figure is cut by the end of a page.
  @Test(
    .enabled(
      if: ExternalTools.chromium != nil && ExternalTools.pdftotext != nil,
      "chromium or poppler is not installed"))
  func thePageIsPrinted() throws {
    let folder = try folder()
    let page = folder.file("page.html")
    try Data(try Report(folder: ResultFolder(folder.path)).html().utf8).write(to: URL(fileURLWithPath: page))
    let pdf = folder.file("page.pdf")
    _ = try ExternalTools.run(
      ExternalTools.chromium,
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + folder.file("profile"),
        "--virtual-time-budget=2000", "--no-pdf-header-footer", "--print-to-pdf=" + pdf, "file://" + page,
      ])
    let (_, text, _) = try ExternalTools.run(ExternalTools.pdftotext, ["-layout", pdf, "-"])
    for words in [
      "mean x = 0.5525", "z = 125 \u{00B5}m (slice 13 of 24)", "Warnings (", "All coefficients",
      "number of independent voxels", "not printed",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    for words in ["error beside", "colours", "Move the pointer"] {
      #expect(!text.contains(words), "\(words)")
    }
  }
}
