import Drawing
import Foundation
import TestSupport
import Testing
import Volumetry

@Suite struct GalleryTests {
  /// No text reaches over the border of its page and no text lies on another.
  @Test func textIsNeitherCutNorOverlapping() throws {
    for (name, panel, width) in try GalleryFigures.all() {
      let scene = panel.scene(width: .millimetres(width))
      let page = Rectangle(scene.size)
      let boxes = scene.textBoxes
      #expect(!boxes.isEmpty)
      for (index, one) in boxes.enumerated() {
        #expect(page.contains(one.box, tolerance: 0.5), "\(name): '\(one.text)' is cut")
        for other in boxes[(index + 1)...] {
          let apart = !one.box.inset(by: 1.2).overlaps(other.box.inset(by: 1.2))
          #expect(apart, "\(name): '\(one.text)' lies on '\(other.text)'")
        }
      }
    }
  }

  /// Every figure in every format; kept where VOXELITH_GALLERY names a folder.
  @Test func everyFigureIsWritten() throws {
    let kept = ProcessInfo.processInfo.environment["VOXELITH_GALLERY"]
    let folder = try TemporaryFolder()
    for (name, panel, width) in try GalleryFigures.all() {
      for format in FigureFormat.allCases {
        let path = (kept ?? folder.path) + "/\(name).\(format.rawValue)"
        try panel.write(
          to: path,
          options: FigureOptions(
            width: .millimetres(width), dpi: kept == nil ? 72 : 200, overwrite: kept != nil))
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        switch format {
        case .png: #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        case .pdf: #expect(bytes.starts(with: Array("%PDF-1.".utf8)))
        case .svg: #expect(String(decoding: bytes, as: UTF8.self).contains("<text"))
        }
      }
    }
  }
}
