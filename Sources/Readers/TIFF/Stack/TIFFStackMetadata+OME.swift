import Foundation
import Volumetry

/// The attributes of the first image of an OME-XML text (schema 2016-06 and older).
struct OMEPixels {
  let attributes: [String: String]
  let channelNames: [String]
  let stageLabel: [String: String]
  /// Images of the text, of which this is the first.
  let images: Int
  /// Where its planes lie; empty where the text does not tell.
  let blocks: [OMEPlanes.Block]

  /// nil where the text is no OME-XML with pixels.
  init?(_ text: String) {
    guard text.contains("<OME") || text.contains(":OME") else { return nil }
    let all = Self.tags("Pixels", in: text)
    guard let pixels = all.first else { return nil }
    attributes = pixels
    images = all.count
    let image = text.range(of: "</Image>").map { String(text[..<$0.lowerBound]) } ?? text
    channelNames = Self.tags("Channel", in: image).compactMap { $0["Name"] }
    stageLabel = Self.tags("StageLabel", in: image).first ?? [:]
    blocks = Self.blocks(in: image)
  }

  func number(_ key: String) -> Int? { attributes[key].flatMap { Int($0) } }

  /// A length in um; the unit is um where the text names none.
  static func length(_ key: String, in attributes: [String: String]) -> Double? {
    guard let value = attributes[key].flatMap({ Double($0) }), value.isFinite else { return nil }
    guard let unit = attributes[key + "Unit"] else { return value }
    return Units.factor(unit, .length).map { value * $0 }
  }

  /// The first unit of a length that is there and not understood.
  var unknownUnit: String? {
    for key in ["PhysicalSizeX", "PhysicalSizeY", "PhysicalSizeZ"] where attributes[key] != nil {
      if let unit = attributes[key + "Unit"], Units.factor(unit, .length) == nil, !Units.isCount(unit) {
        return unit
      }
    }
    return nil
  }

  /// The elements `TiffData`, each with the file that it names.
  private static func blocks(in image: String) -> [OMEPlanes.Block] {
    var result: [OMEPlanes.Block] = []
    let pieces = image.components(separatedBy: "TiffData")
    for (before, piece) in zip(pieces, pieces.dropFirst()) {
      // What stands between the bracket and the name is a prefix, or the stroke of an end tag.
      guard let bracket = before.lastIndex(of: "<"), before[bracket...].dropFirst().first != "/",
        let first = piece.first, first.isWhitespace || first == "/" || first == ">"
      else { continue }
      var rest = piece[...]
      let told = attributes(&rest)
      func number(_ key: String) -> Int? { told[key].flatMap { Int($0) } }
      result.append(
        OMEPlanes.Block(
          first: (number("FirstC") ?? 0, number("FirstZ") ?? 0, number("FirstT") ?? 0),
          directory: number("IFD"), count: number("PlaneCount"),
          file: tags("UUID", in: piece).first?["FileName"]))
    }
    return result
  }

  /// The attributes of every start tag of a name, with or without a namespace prefix.
  private static func tags(_ name: String, in text: String) -> [[String: String]] {
    var result: [[String: String]] = []
    var rest = text[...]
    while let start = rest.range(of: name) {
      let before = start.lowerBound > text.startIndex ? text[text.index(before: start.lowerBound)] : " "
      rest = rest[start.upperBound...]
      guard before == "<" || before == ":", let next = rest.first,
        next.isWhitespace || next == "/" || next == ">"
      else { continue }
      result.append(attributes(&rest))
    }
    return result
  }

  private static func attributes(_ rest: inout Substring) -> [String: String] {
    var result: [String: String] = [:]
    while true {
      rest = rest.drop { $0.isWhitespace }
      guard let first = rest.first, first != ">", first != "/", let equals = rest.firstIndex(of: "=") else {
        return result
      }
      let key = String(rest[..<equals].filter { !$0.isWhitespace })
      rest = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
      guard let quote = rest.first, quote == "\"" || quote == "'" else { return result }
      rest = rest.dropFirst()
      guard let end = rest.firstIndex(of: quote) else { return result }
      result[key] = unescaped(rest[..<end])
      rest = rest[rest.index(after: end)...]
    }
  }

  private static func unescaped(_ text: Substring) -> String {
    let text = String(text)
    guard text.contains("&") else { return text }
    return text.replacing("&#181;", with: "\u{B5}").replacing("&#xB5;", with: "\u{B5}")
      .replacing("&#xb5;", with: "\u{B5}").replacing("&lt;", with: "<").replacing("&gt;", with: ">")
      .replacing("&quot;", with: "\"").replacing("&apos;", with: "'").replacing("&amp;", with: "&")
  }
}

extension TIFFStackMetadata {
  /// - Parameters:
  ///   - planes: planes that the file holds, without thumbnails.
  ///   - directories: directories of the file.
  init(ome: OMEPixels, planes: Int, directories: Int, samples: Int) {
    self.init(slices: planes)
    let sizes = (
      c: max(1, (ome.number("SizeC") ?? 1) / samples), z: ome.number("SizeZ") ?? 1,
      t: ome.number("SizeT") ?? 1
    )
    let told =
      sizes.z > 0 && sizes.t > 0
      ? [sizes.c, sizes.z, sizes.t].reduce(1) { product, side in
        let (value, isTooLarge) = product.multipliedReportingOverflow(by: side)
        return isTooLarge ? Int.max : value
      } : 0
    if told > 0 {
      let letters = (ome.attributes["DimensionOrder"] ?? "XYCZT").dropFirst(2)
      let axes = letters.compactMap { letter -> PlaneAxis? in
        switch letter {
        case "C": .channel
        case "Z": .slice
        case "T": .frame
        default: nil
        }
      }
      let layout = OMEPlanes(
        blocks: ome.blocks, sides: (sizes.c, sizes.z, sizes.t), total: told,
        order: Set(axes).count == 3 ? axes : order, directories: directories)
      if layout.files > 1 {
        lack =
          "the OME header gives \(told) planes in \(layout.files) files, of which this one holds \(layout.held)"
      } else if told > planes {
        lack = "the OME header gives \(told) planes, the file holds \(planes)"
      } else if told == planes || layout.directories != nil {
        (channels, slices, frames) = (sizes.c, sizes.z, sizes.t)
        order = layout.order
        self.directories = layout.directories
        if layout.directories != nil, told == planes {
          notes.append("the planes lie as the OME header tells")
        }
      }
    }
    if lack == nil, channels * slices * frames != told || slices != sizes.z {
      notes.append(
        "the OME header gives \(sizes.z) slices, \(sizes.c) channels and \(sizes.t) time points, but this file holds \(planes) planes, taken as slices"
      )
    } else if ome.images > 1 {
      notes.append("the file holds \(ome.images) images, of which the first one is read")
    }
    if slices == 1, frames > 1 {
      (slices, frames) = (frames, 1)
      order = order.map { $0 == .frame ? .slice : $0 == .slice ? .frame : $0 }
      notes.append("the \(slices) time points are taken as slices")
    }
    channelNames = ome.channelNames.count == channels ? ome.channelNames : []
    let size = ["PhysicalSizeX", "PhysicalSizeY", "PhysicalSizeZ"].map {
      OMEPixels.length($0, in: ome.attributes)
    }
    if let x = size[0], let y = size[1], x > 0, y > 0 {
      if let z = size[2] ?? (slices == 1 ? x : nil), z > 0 {
        spacing = SIMD3(x, y, z)
        spacingSource = "OME header: PhysicalSizeX, Y" + (size[2] == nil ? "" : ", Z")
      } else {
        unread = "the OME header gives the size in the plane, and no distance of the slices"
        notes.append("the OME header gives \(y) x \(x) µm (y, x) in the plane, but no distance of the slices")
      }
    }
    unknownUnit = ome.unknownUnit
    let corner = ["X", "Y", "Z"].compactMap { OMEPixels.length($0, in: ome.stageLabel) }
    if ome.stageLabel["Name"] == "origin", corner.count == 3 {
      origin = SIMD3(corner[0], corner[1], corner[2])
      originSource = "OME header: StageLabel"
    }
  }
}
