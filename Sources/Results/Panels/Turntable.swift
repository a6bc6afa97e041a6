import Drawing
import Readers
public import Solids
public import Volumetry

/// A volume that turns once around its z axis, as numbered pictures for a film.
public struct Turntable: Sendable {
  public var frames = 72
  public var width = 960
  public var height = 720
  public var background = Color.white
  public var overwrite = false

  public init() {}

  /// Names of the pictures.
  public static func names(frames: Int) -> [String] {
    (0..<frames).map { frame in
      let number = "\(frame)"
      return "frame_" + String(repeating: "0", count: max(0, 4 - number.count)) + number + ".png"
    }
  }

  /// Writes `frame_0000.png`, ... into a folder, which is made where it does not exist.
  ///
  /// - Throws: `usage` where there is no frame, `cannotCreate` where a file exists.
  public func write(
    _ rendering: VolumeRendering, to folder: String, resources: Resources = Resources()
  ) throws(VoxelithError) {
    guard frames >= 1, frames <= 10_000, width >= 16, height >= 16, width <= 8192, height <= 8192 else {
      throw VoxelithError(.usage, "a turntable has 1 to 10000 frames of 16 to 8192 pixels a side")
    }
    try OutputFile.prepareFolder(folder)
    let names = Self.names(frames: frames)
    func path(_ frame: Int) -> String { folder + "/" + names[frame] }
    for frame in 0..<frames { try OutputFile.check(path(frame), overwrite: overwrite) }
    var turned = rendering
    turned.camera.keepsSize = true
    for frame in 0..<frames {
      try resources.cancellation.check()
      turned.camera.azimuth = rendering.camera.azimuth + 360 * Double(frame) / Double(frames)
      let picture = turned.render(width: width, height: height, threads: resources.threads)
      let page = picture.over(background)
      try OutputFile.write(try PNGFile.encode(page), to: path(frame), overwrite: overwrite)
      resources.progress.report("turntable", done: frame + 1, of: frames, unit: "frames")
    }
  }
}
