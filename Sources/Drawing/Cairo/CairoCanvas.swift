import CCairo
import Synchronization
import Volumetry

/// Fonts are shared between all canvases of a process, and Cairo 1.16 ends it with a failed assertion where two threads use
/// one of them at a time: whatever selects, draws or lets go of a font does so alone.
private let fonts = Mutex(())

/// A page that Cairo draws on: the one owner of a surface and its context.
///
/// Coordinates are points from the upper left corner.
@safe
struct CairoCanvas: ~Copyable {
  enum Kind { case pixels(width: Int, height: Int), pdf }

  private let surface: OpaquePointer
  private let context: OpaquePointer
  private let output: ByteSink
  private let kind: Kind

  /// A picture of pixels; the page is stretched to fill it.
  init(pixels size: Size, dpi: Double) throws(VoxelithError) {
    let width = max(1, Int((size.width * dpi / 72).rounded()))
    let height = max(1, Int((size.height * dpi / 72).rounded()))
    guard width <= 32_000, height <= 32_000 else {
      throw VoxelithError(
        .usage, "a picture of \(width) x \(height) pixels is too large",
        advice: "lower the resolution or the width; PNG figures may have 32000 pixels a side")
    }
    unsafe surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(width), Int32(height))
    unsafe context = cairo_create(surface)
    output = ByteSink()
    kind = .pixels(width: width, height: height)
    unsafe cairo_scale(context, Double(width) / size.width, Double(height) / size.height)
    prepare()
  }

  /// One page of PDF 1.5.
  init(pdf size: Size, title: String) {
    let sink = ByteSink()
    unsafe surface = cairo_pdf_surface_create_for_stream(
      { target, bytes, count in
        guard let target = unsafe target else { return CAIRO_STATUS_WRITE_ERROR }
        let sink = unsafe Unmanaged<ByteSink>.fromOpaque(target).takeUnretainedValue()
        unsafe sink.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: Int(count)))
        return CAIRO_STATUS_SUCCESS
      }, Unmanaged.passUnretained(sink).toOpaque(), size.width, size.height)
    unsafe context = cairo_create(surface)
    output = sink
    kind = .pdf
    // A fixed date, so that the same figure is the same file.
    unsafe cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z")
    if !title.isEmpty { unsafe cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title) }
    prepare()
  }

  deinit {
    let (context, surface) = (unsafe context, unsafe surface)
    fonts.withLock { _ in
      unsafe cairo_destroy(context)
      unsafe cairo_surface_destroy(surface)
    }
  }

  private func prepare() {
    let options = unsafe cairo_font_options_create()
    unsafe cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    unsafe cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    unsafe cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    unsafe cairo_set_font_options(context, options)
    unsafe cairo_font_options_destroy(options)
  }

  private func check() throws(VoxelithError) {
    let status = unsafe cairo_status(context)
    guard status == CAIRO_STATUS_SUCCESS else {
      throw VoxelithError(
        .io, "the figure cannot be drawn", cause: unsafe String(cString: cairo_status_to_string(status)))
    }
  }

  // MARK: Drawing

  func shape(_ path: Path, fill: Color?, stroke: Stroke?) {
    trace(path)
    if let fill {
      setColor(fill)
      if stroke != nil { unsafe cairo_fill_preserve(context) } else { unsafe cairo_fill(context) }
    }
    if let stroke {
      setColor(stroke.color)
      unsafe cairo_set_line_width(context, stroke.width)
      unsafe cairo_set_dash(context, stroke.dash, Int32(stroke.dash.count), 0)
      unsafe cairo_set_line_cap(context, stroke.roundCap ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
      unsafe cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
      unsafe cairo_stroke(context)
    }
    unsafe cairo_new_path(context)
  }

  func text(_ text: Scene.Text) {
    unsafe cairo_save(context)
    unsafe cairo_translate(context, text.origin.x, text.origin.y)
    if text.quarterTurns == 1 { unsafe cairo_rotate(context, -Double.pi / 2) }
    setColor(text.color)
    fonts.withLock { _ in
      for run in text.runs {
        select(run.font)
        unsafe cairo_move_to(context, run.offset.x, -run.offset.y)
        unsafe cairo_show_text(context, run.text)
      }
      unsafe cairo_restore(context)
    }
    unsafe cairo_new_path(context)
  }

  func image(_ raster: Raster, in rectangle: Rectangle, smooth: Bool) {
    guard raster.width > 0, raster.height > 0 else { return }
    let picture = unsafe cairo_image_surface_create(
      CAIRO_FORMAT_ARGB32, Int32(raster.width), Int32(raster.height))
    defer { unsafe cairo_surface_destroy(picture) }
    let stride = unsafe Int(cairo_image_surface_get_stride(picture))
    guard let target = unsafe cairo_image_surface_get_data(picture) else { return }
    unsafe cairo_surface_flush(picture)
    let words = unsafe UnsafeMutableBufferPointer(start: target, count: stride * raster.height)
    var span = unsafe words.mutableSpan
    premultiply(raster, into: &span, stride: stride)
    unsafe cairo_surface_mark_dirty(picture)
    unsafe cairo_save(context)
    trace(Path(rectangle))
    unsafe cairo_clip(context)
    unsafe cairo_translate(context, rectangle.x, rectangle.y)
    unsafe cairo_scale(
      context, rectangle.width / Double(raster.width), rectangle.height / Double(raster.height))
    unsafe cairo_set_source_surface(context, picture, 0, 0)
    let pattern = unsafe cairo_get_source(context)
    unsafe cairo_pattern_set_filter(pattern, smooth ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST)
    unsafe cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD)
    unsafe cairo_paint(context)
    unsafe cairo_restore(context)
    unsafe cairo_new_path(context)
  }

  /// What follows is cut at a path, until ``endGroup(opacity:)`` lays it over the page.
  func beginGroup(clip: Path?, opacity: Double) {
    unsafe cairo_save(context)
    if let clip {
      trace(clip)
      unsafe cairo_clip(context)
    }
    if opacity < 1 { unsafe cairo_push_group(context) }
  }

  func endGroup(opacity: Double) {
    fonts.withLock { _ in
      if opacity < 1 {
        unsafe cairo_pop_group_to_source(context)
        unsafe cairo_paint_with_alpha(context, opacity)
      }
      unsafe cairo_restore(context)
    }
    unsafe cairo_new_path(context)
  }

  // MARK: Results

  /// The pixels, of a canvas of pixels.
  consuming func raster() throws(VoxelithError) -> Raster {
    try check()
    guard case .pixels(let width, let height) = kind else { return Raster(width: 0, height: 0) }
    unsafe cairo_surface_flush(surface)
    let stride = unsafe Int(cairo_image_surface_get_stride(surface))
    var result = Raster(width: width, height: height)
    guard let source = unsafe cairo_image_surface_get_data(surface) else { return result }
    let words = unsafe UnsafeBufferPointer(start: source, count: stride * height)
    unpremultiply(unsafe words.span, stride: stride, into: &result)
    return result
  }

  /// The bytes of the file, of a PDF canvas.
  consuming func document() throws(VoxelithError) -> [UInt8] {
    fonts.withLock { _ in unsafe cairo_show_page(context) }
    try check()
    fonts.withLock { _ in unsafe cairo_surface_finish(surface) }
    let status = unsafe cairo_surface_status(surface)
    guard status == CAIRO_STATUS_SUCCESS else {
      throw VoxelithError(
        .io, "the PDF cannot be written", cause: unsafe String(cString: cairo_status_to_string(status)))
    }
    return output.bytes
  }

  // MARK: Pieces

  private func setColor(_ color: Color) {
    unsafe cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
  }

  private func select(_ font: Font) {
    unsafe cairo_select_font_face(
      context, font.family, font.isItalic ? CAIRO_FONT_SLANT_ITALIC : CAIRO_FONT_SLANT_NORMAL,
      font.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    unsafe cairo_set_font_size(context, font.size)
  }

  private func trace(_ path: Path) {
    unsafe cairo_new_path(context)
    for element in path.elements {
      switch element {
      case .move(let p): unsafe cairo_move_to(context, p.x, p.y)
      case .line(let p): unsafe cairo_line_to(context, p.x, p.y)
      case .curve(let a, let b, let p): unsafe cairo_curve_to(context, a.x, a.y, b.x, b.y, p.x, p.y)
      case .close: unsafe cairo_close_path(context)
      }
    }
  }

  // MARK: Fonts

  /// Width that a text takes, in points.
  func advance(_ text: String, font: Font) -> Double {
    fonts.withLock { _ in
      select(font)
      var extents = cairo_text_extents_t()
      unsafe cairo_text_extents(context, text, &extents)
      return extents.x_advance
    }
  }

  /// A table of the font file; nil where there is none.
  func fontTable(_ tag: UInt32, font: Font) -> [UInt8]? {
    fonts.withLock { _ in
      select(font)
      let scaled = unsafe cairo_get_scaled_font(context)
      let count = unsafe ccairo_font_table(scaled, UInt(tag), nil, 0)
      guard count > 0 else { return nil }
      var bytes = [UInt8](repeating: 0, count: Int(count))
      return unsafe ccairo_font_table(scaled, UInt(tag), &bytes, count) == count ? bytes : nil
    }
  }

  /// Family of the face that fontconfig gives for a font; nil where there is none.
  func family(_ font: Font) -> String? {
    fonts.withLock { _ in
      select(font)
      var name = [CChar](repeating: 0, count: 256)
      let length = unsafe ccairo_family(cairo_get_scaled_font(context), &name, UInt(name.count))
      return length > 0
        ? String(decoding: name.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
  }

  /// Number of a character's glyph; zero where the font has none.
  func glyph(_ character: UInt32, font: Font) -> Int {
    fonts.withLock { _ in
      select(font)
      return unsafe Int(ccairo_glyph_index(cairo_get_scaled_font(context), character))
    }
  }
}

/// Where a stream of Cairo puts its bytes.
private final class ByteSink {
  var bytes: [UInt8] = []
}

private func premultiply(_ raster: Raster, into target: inout MutableSpan<UInt8>, stride: Int) {
  let source = raster.pixels.span
  for y in 0..<raster.height {
    for x in 0..<raster.width {
      let from = 4 * (y * raster.width + x)
      let to = y * stride + 4 * x
      let alpha = UInt32(source[from + 3])
      func scaled(_ part: UInt8) -> UInt8 { UInt8((UInt32(part) * alpha + 127) / 255) }
      target[to] = scaled(source[from + 2])
      target[to + 1] = scaled(source[from + 1])
      target[to + 2] = scaled(source[from])
      target[to + 3] = source[from + 3]
    }
  }
}

private func unpremultiply(_ source: Span<UInt8>, stride: Int, into raster: inout Raster) {
  let (width, height) = (raster.width, raster.height)
  var pixels = raster.pixels.mutableSpan
  for y in 0..<height {
    for x in 0..<width {
      let from = y * stride + 4 * x
      let to = 4 * (y * width + x)
      let alpha = UInt32(source[from + 3])
      if alpha == 255 {
        pixels[to] = source[from + 2]
        pixels[to + 1] = source[from + 1]
        pixels[to + 2] = source[from]
        pixels[to + 3] = 255
        continue
      }
      func divided(_ part: UInt8) -> UInt8 {
        alpha == 0 ? 0 : UInt8(min(255, (UInt32(part) * 255 + alpha / 2) / alpha))
      }
      pixels[to] = divided(source[from + 2])
      pixels[to + 1] = divided(source[from + 1])
      pixels[to + 2] = divided(source[from])
      pixels[to + 3] = source[from + 3]
    }
  }
}
