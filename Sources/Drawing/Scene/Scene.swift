public import Volumetry

/// A drawing of shapes, text and pictures on a page, that PNG, PDF and SVG are made from alike.
///
/// Lengths are points (1/72 inch) from the upper left corner.
public struct Scene: Sendable {
  /// One thing on the page.
  public enum Mark: Sendable {
    case shape(Path, fill: Color?, stroke: Stroke?)
    case text(Text)
    case image(Raster, in: Rectangle, smooth: Bool)
    indirect case group([Mark], clip: Path?, opacity: Double)
  }

  /// A line of text whose runs have their places already.
  public struct Text: Sendable {
    public struct Run: Sendable {
      public var text: String
      /// Shift along the line and above the baseline, before rotation.
      public var offset: Point
      public var font: Font
    }

    public var runs: [Run]
    /// Start of the baseline.
    public var origin: Point
    public var width: Double
    public var font: Font
    public var color: Color
    /// Turned by this many quarter turns to the left: 1 reads upwards.
    public var quarterTurns: Int

    /// The box that the letters take.
    public var box: Rectangle {
      let up = font.size * Font.ascent
      let down = font.size * Font.descent
      return quarterTurns == 1
        ? Rectangle(x: origin.x - up, y: origin.y - width, width: up + down, height: width)
        : Rectangle(x: origin.x, y: origin.y - up, width: width, height: up + down)
    }
  }

  public var size: Size
  public var background: Color
  public private(set) var marks: [Mark] = []
  /// Words about the drawing that the files carry: title, description.
  public var title: String

  public init(size: Size, background: Color = .white, title: String = "") {
    self.size = size
    self.background = background
    self.title = title
  }

  public mutating func add(_ mark: Mark) { marks.append(mark) }

  /// Boxes of all text, for the check that none is cut and none overlaps.
  public var textBoxes: [(text: String, box: Rectangle)] {
    func collect(_ marks: [Mark]) -> [(text: String, box: Rectangle)] {
      marks.flatMap { mark -> [(text: String, box: Rectangle)] in
        switch mark {
        case .text(let text): [(text.runs.map(\.text).joined(), text.box)]
        case .group(let inner, _, _): collect(inner)
        case .shape, .image: []
        }
      }
    }
    return collect(marks)
  }
}
