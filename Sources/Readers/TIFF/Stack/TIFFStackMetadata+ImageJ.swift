import Foundation
import Volumetry

extension TIFFStackMetadata {
  /// Number of planes that an ImageJ description tells.
  static func imageJPlanes(_ description: String?) -> Int? {
    guard let description, description.hasPrefix("ImageJ=") else { return nil }
    return keys(description)["images"].flatMap { Int($0) }
  }

  /// Key lines as ImageJ writes them (`FileSaver.getDescriptionString`), channel fastest, then slice,
  /// then frame.
  init(imageJ text: String, pixelSize: TIFFPixelSize?, planes: Int) {
    self.init(slices: planes)
    let keys = Self.keys(text)
    func count(_ key: String) -> Int { keys[key].flatMap { Int($0) } ?? 1 }
    let (channels, slices, frames) = (count("channels"), count("slices"), count("frames"))
    if channels > 0, slices > 0, frames > 0, channels <= planes, slices <= planes, frames <= planes,
      channels * slices * frames == planes
    {
      (self.channels, self.slices, self.frames) = (channels, slices, frames)
    } else if let told = keys["images"].flatMap({ Int($0) }), told > planes {
      lack = "the ImageJ header gives \(told) images, the file holds \(planes)"
    } else if keys["channels"] != nil || keys["slices"] != nil || keys["frames"] != nil {
      notes.append(
        "the ImageJ header gives \(channels) channels, \(slices) slices and \(frames) frames, but the file holds \(planes) planes, taken as slices"
      )
    }
    if slices == 1, frames > 1, self.frames == frames {
      // ImageJ opens a sequence of slices as frames when nobody tells it otherwise.
      (self.slices, self.frames) = (frames, 1)
      notes.append("the \(frames) frames are taken as slices")
    }
    if let names = keys["channel_names"] {
      channelNames = names.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    useCalibration(keys)
    useOrigin(keys)
    // ImageJ writes the unit of x, and those of y and z only where they differ.
    let spelled = keys["unit"]
    guard let spelled, !Units.isCount(spelled) else {
      useResolutionTags(pixelSize)
      return
    }
    var units: [Double] = []
    for spelling in [spelled, keys["yunit"] ?? spelled, keys["zunit"] ?? spelled] {
      guard let unit = Units.factor(spelling, .length) else {
        unknownUnit = spelling
        return
      }
      units.append(unit)
    }
    guard let pixelSize else {
      notes.append("the ImageJ header gives the unit, but the resolution tags are missing")
      return
    }
    let plane = SIMD2(units[0] * pixelSize.x, units[1] * pixelSize.y)
    let told = keys["spacing"].map { $0.replacing(",", with: ".") }
    let depth = told.map { abs(Double($0) ?? .nan) * units[2] }
    spacingSource =
      "ImageJ header: unit \(spelled)" + (keys["yunit"].map { ", yunit \($0)" } ?? "")
      + (keys["zunit"].map { ", zunit \($0)" } ?? "") + ", resolution tags"
    if let depth, depth > 0, depth.isFinite {
      spacing = SIMD3(plane.x, plane.y, depth)
      spacingSource? += " and spacing"
    } else if let told {
      unread = "the spacing '\(told.prefix(20))' of the ImageJ header is not a distance"
      notes.append("the spacing '\(told.prefix(20))' of the ImageJ header is not a slice distance")
    } else if self.slices == 1 {
      spacing = SIMD3(plane.x, plane.y, plane.x)
    } else if pixelSize.x == 1 && pixelSize.y == 1 || !text.hasPrefix(Self.othersImageJ) {
      // ImageJ leaves the spacing out where it is one unit; programs that write as it does leave it out where they know none.
      spacing = SIMD3(plane.x, plane.y, units[2])
      spacingSource? += " (no spacing: one unit)"
    } else {
      unread = "the ImageJ header gives the size in the plane, and no distance of the slices"
      notes.append(
        "the ImageJ header gives \(plane.y) x \(plane.x) µm (y, x) in the plane, but no distance of the slices"
      )
    }
  }

  /// The version that tifffile writes, whose files come from other programs.
  private static let othersImageJ = "ImageJ=1.11a"

  /// What the numbers stand for: a straight line is applied, another function told.
  private mutating func useCalibration(_ keys: [String: String]) {
    guard let kind = keys["cf"].flatMap({ Int($0) }), kind != 20 else { return }
    let unit = keys["vunit"].map { " (\($0))" } ?? ""
    guard kind == 0, keys["c2"] == nil, let offset = keys["c0"].flatMap({ Double($0) }),
      let slope = keys["c1"].flatMap({ Double($0) })
    else {
      notes.append(
        "the ImageJ header has a calibration of the values, function \(kind)\(unit), which is not applied: they are those of the file"
      )
      return
    }
    scale = ValueScale(slope: slope, offset: offset, source: "calibration of the ImageJ header\(unit)")
  }

  private mutating func useOrigin(_ keys: [String: String]) {
    let numbers = (keys["origin_um"] ?? "").split(separator: ",").compactMap { Double($0) }
    guard numbers.count == 3 else {
      let told = ["xorigin", "yorigin", "zorigin"].filter { (keys[$0].flatMap { Double($0) } ?? 0) != 0 }
      if !told.isEmpty {
        originSource =
          "0 is taken: \(told.joined(separator: ", ")) of the ImageJ header, in pixels, are not read"
      }
      return
    }
    origin = SIMD3(numbers[0], numbers[1], numbers[2])
    originSource = "ImageJ header: origin_um"
  }

  private static func keys(_ text: String) -> [String: String] {
    var result: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      guard let equals = line.firstIndex(of: "=") else { continue }
      result[String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
    return result
  }
}
