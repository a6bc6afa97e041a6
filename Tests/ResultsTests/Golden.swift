import Drawing
import Foundation
import Testing
import Volumetry

/// Pictures that were looked at once and must stay.
///
/// They lie in `Tests/Goldens/Results`, named after their test; `VOXELITH_RECORD_GOLDENS=1` writes them anew.
enum Golden {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Goldens/Results")

  /// Compares a drawing with its golden picture.
  static func check(_ scene: Scene, _ name: String, dpi: Double = 100) throws {
    let file = folder.appendingPathComponent(name + ".png")
    if ProcessInfo.processInfo.environment["VOXELITH_RECORD_GOLDENS"] != nil {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(try scene.png(dpi: dpi)).write(to: file)
    }
    let golden = try PNGFile.decode([UInt8](try Data(contentsOf: file)))
    let drawn = try scene.raster(dpi: dpi)
    let difference = difference(drawn, golden)
    #expect(difference < tolerance, "\(name): differs by \(difference) of 255")
  }

  /// Largest difference that other versions of Cairo and FreeType may make.
  static let tolerance = 48.0

  /// Largest difference of any part of any pixel after a 3 x 3 mean, which smooths what anti-aliasing decides;
  /// 255 for pictures of different sizes.
  static func difference(_ a: Raster, _ b: Raster) -> Double {
    guard a.width == b.width, a.height == b.height else { return 255 }
    var largest = 0
    for y in 1..<max(1, a.height - 1) {
      for x in 1..<max(1, a.width - 1) {
        for part in 0..<3 {
          var sum = 0
          for dy in -1...1 {
            for dx in -1...1 {
              let at = 4 * ((y + dy) * a.width + x + dx) + part
              sum += Int(a.pixels[at]) - Int(b.pixels[at])
            }
          }
          largest = max(largest, abs(sum))
        }
      }
    }
    return Double(largest) / 9
  }
}
