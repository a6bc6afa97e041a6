import Foundation
import Volumetry

/// What tifffile writes into the description of a stack: `{"shape": [5, 12, 16], "axes": "ZYX"}`.
struct TIFFShape: Decodable {
  var shape: [Int]
  var axes: String?
  var truncated: Bool?

  /// nil where the description is another one.
  init?(_ description: String?) {
    guard let description, description.hasPrefix("{"),
      let found = try? JSONDecoder().decode(TIFFShape.self, from: Data(description.utf8)),
      found.shape.allSatisfy({ $0 > 0 && $0 < 1 << 31 })
    else { return nil }
    self = found
  }
}

extension TIFFStackMetadata {
  /// Number of planes that a description tells whose stack has one directory.
  static func truncatedPlanes(_ description: String?, _ page: TIFFPage) -> Int? {
    guard let shaped = TIFFShape(description), shaped.truncated == true else { return nil }
    let sides = shaped.shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    let plane = page.width * page.height * page.samples
    return plane > 0 && sides.isMultiple(of: plane) ? sides / plane : nil
  }

  /// The axes before those of a plane: those of length 1 tell nothing, one is that of the slices, and of several the letters of the
  /// axes tell (Z slices, C channels, T time). Of two without letters the shorter one is taken for the channels, as of
  /// NPY arrays of four axes.
  ///
  /// - Parameter page: sides y, x of a plane.
  mutating func useShape(_ shaped: TIFFShape, page: [Int], samples: Int) {
    let tails = samples > 1 ? [page + [samples], [samples] + page] : [page]
    guard let tail = tails.first(where: { shaped.shape.suffix($0.count) == $0[...] }) else { return }
    let all = Array(shaped.shape.dropLast(tail.count))
    let letters = shaped.axes.flatMap { $0.count == shaped.shape.count ? Array($0.uppercased()) : nil }
    let places = all.indices.filter { all[$0] > 1 }
    guard places.count > 1, places.map({ all[$0] }).reduce(1, *) == slices else { return }
    var roles = places.map { place -> PlaneAxis? in
      switch letters?[place] {
      case "Z": .slice
      case "C": .channel
      case "T": .frame
      default: nil
      }
    }
    let sides = places.map { all[$0] }
    if roles.count(where: { $0 == nil }) == 1, let open = roles.firstIndex(of: nil), !roles.contains(.slice) {
      roles[open] = .slice
    } else if roles == [nil, nil] {
      let channel = sides[1] <= sides[0] ? 1 : 0
      roles = channel == 1 ? [.slice, .channel] : [.channel, .slice]
      notes.append("axis \(places[channel]) of \(shaped.shape) is taken as the channels")
    }
    let known = roles.compactMap { $0 }
    guard known.count == roles.count, Set(known).count == known.count else {
      unknownAxes = "\(shaped.shape)" + (shaped.axes.map { " (axes \($0))" } ?? "")
      return
    }
    (channels, slices, frames) = (1, 1, 1)
    for (role, side) in zip(known, sides) {
      switch role {
      case .channel: channels = side
      case .slice: slices = side
      case .frame: frames = side
      }
    }
    order = known.reversed() + [.channel, .slice, .frame].filter { !known.contains($0) }
  }
}
