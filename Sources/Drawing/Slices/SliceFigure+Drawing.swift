import Volumetry

extension SliceFigure {
  public func draw(into scene: inout Scene, frame: Rectangle, style: FigureStyle) {
    let layout = layout(width: frame.width, style: style)
    func shifted(_ box: Rectangle) -> Rectangle {
      Rectangle(x: box.x + frame.x, y: box.y + frame.y, width: box.width, height: box.height)
    }
    let picture = shifted(layout.picture)
    for (index, line) in layout.title.enumerated() {
      let left = frame.right - TextLayout.width(line, font: style.titleFont)
      scene.text(
        line,
        at: Point(
          max(frame.x, min(picture.x, left)), frame.y + Double(index) * TextLayout.height(style.titleFont)),
        font: style.titleFont, .start, .top)
    }
    drawPicture(into: &scene, picture)
    arrows?.draw(into: &scene, picture, slice, style: style)
    scene.stroke(Path(picture), Stroke(.black, width: style.axisWidth))
    if let bar = layout.bar { colorBar.draw(into: &scene, frame: shifted(bar), style: style) }
    drawFooter(into: &scene, frame: frame, layout: layout, style: style)
  }

  private func drawPicture(into scene: inout Scene, _ picture: Rectangle) {
    if slice.hasMissing { Hatch.draw(into: &scene, picture) }
    let limit = 2048
    let shown = steps.isEmpty ? slice.reduced(toFit: limit) : slice.sampled(toFit: limit)
    var raster = scale.raster(shown.values, width: shown.width, height: shown.height)
    if let weights, shown.width == slice.width {
      scene.fill(Path(picture), .white)
      if slice.hasMissing { Hatch.draw(into: &scene, picture) }
      raster.fade(toWhite: weights)
    }
    // Voxels larger than a pixel keep their sharp borders; smaller ones are averaged.
    let isFine =
      steps.isEmpty && (Double(shown.width) > picture.width * 2 || Double(shown.height) > picture.height * 2)
    scene.image(raster, in: picture, smooth: isFine)
    for overlay in overlays { overlay.draw(into: &scene, picture, extent: slice.extent) }
  }

  private func drawFooter(
    into scene: inout Scene, frame: Rectangle, layout: SliceLayout, style: FigureStyle
  ) {
    let row = Self.rowHeight(style)
    let left = frame.x + layout.picture.x
    let middle = frame.y + layout.footer + row / 2
    scaleBar.draw(
      into: &scene, left: left, middle: middle, pointsPerUnit: layout.pointsPerUnit, style: style)
    if layout.placeIsBeside {
      let right = frame.right
      for text in layout.place {
        scene.text(text, at: Point(right, middle), font: style.tickFont, .end, .middle)
      }
    } else {
      for (index, text) in layout.place.enumerated() {
        scene.text(
          text, at: Point(left, middle + Double(index + 1) * row), font: style.tickFont, .start, .middle)
      }
    }
    let below = layout.placeIsBeside ? 1 : 1 + layout.place.count
    for (index, text) in layout.notes.enumerated() {
      scene.text(
        text, at: Point(left, middle + Double(index + below) * row), font: style.tickFont, .start, .middle)
    }
  }
}

extension Raster {
  /// Mixes every pixel with white: weight 1 leaves it, weight 0 is white.
  mutating func fade(toWhite weights: [Float]) {
    for i in 0..<min(weights.count, width * height) {
      let weight = min(max(weights[i].isNaN ? 0 : weights[i], 0), 1)
      for part in 0..<3 {
        let value = Float(pixels[4 * i + part])
        pixels[4 * i + part] = UInt8(255 + (value - 255) * weight + 0.5)
      }
    }
  }
}
