public import Volumetry

/// The frame around a picture of slices.
public enum PictureFrame {
  /// Left and right border of the picture in pixels: centres of the frame's two upright lines.
  public static func edges(of raster: Raster) -> (left: Double, right: Double) {
    let y = raster.height / 3
    let dark = (0..<raster.width).map { 1 - raster[$0, y].luminance }
    // A line's pixels are weighed by how dark they are.
    func center(around start: Int) -> Double {
      var sum = 0.0
      var weight = 0.0
      for x in max(0, start - 1)...min(raster.width - 1, start + 4) where dark[x] > 0.02 {
        sum += dark[x] * (Double(x) + 0.5)
        weight += dark[x]
      }
      return sum / weight
    }
    let lines = dark.indices.filter { $0 > 0 && dark[$0] > 0.02 && dark[$0 - 1] <= 0.02 }
    return (center(around: lines[0]), center(around: lines[1]))
  }
}
