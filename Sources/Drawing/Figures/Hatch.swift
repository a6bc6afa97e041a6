import Volumetry

/// The pattern of voxels without a value: grey with darker lines from lower left to upper right, which no
/// colour map has and the page has not either.
enum Hatch {
  static let ground = Color(grey: 0.86)
  static let line = Color(grey: 0.6)
  /// Points between lines.
  static let spacing = 3.2

  static func draw(into scene: inout Scene, _ box: Rectangle) {
    scene.fill(Path(box), ground)
    scene.group(clip: Path(box)) { inner in
      var lines = Path()
      var start = -box.height
      while start < box.width {
        lines.move(to: Point(box.left + start, box.bottom))
        lines.line(to: Point(box.left + start + box.height, box.top))
        start += spacing * 2.0.squareRoot()
      }
      inner.stroke(lines, Stroke(line, width: 0.7))
    }
  }
}
