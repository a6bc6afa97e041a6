public import ArgumentParser
public import Voxelith

extension RegistrationMetric: ExpressibleByArgument {}
extension Interpolation: ExpressibleByArgument {}
extension Axis: ExpressibleByArgument {}

/// A length in um: one number for all axes, or `z,y,x`; zero is allowed.
struct AxisLengths: ExpressibleByArgument, Sendable {
  /// x, y, z.
  let vector: SIMD3<Double>

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    let values = words.compactMap { Double($0) }.filter(NumberRange.pointSpread.contains)
    guard values.count == words.count, values.count == 1 || values.count == 3 else { return nil }
    vector = values.count == 1 ? SIMD3(repeating: values[0]) : SIMD3(values[2], values[1], values[0])
  }
}

/// A file that holds the covariance of the errors of two fields: X,Y=PATH.
struct SharedErrorFile: ExpressibleByArgument, Sendable {
  let text: String
  let x: String
  let y: String
  let path: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    let names = (parts.first ?? "").split(separator: ",").map(String.init)
    guard parts.count == 2, names.count == 2, !parts[1].isEmpty else { return nil }
    text = argument
    (x, y, path) = (names[0], names[1], parts[1])
  }
}

/// `NAME=PATH`, `NAME=PATH@UNIT` or `NAME=PATH[CHANNEL]@UNIT`.
struct NamedField: ExpressibleByArgument, Sendable {
  let text: String
  let name: String
  let path: String
  let channel: Int?
  let unit: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
    text = argument
    name = String(argument[..<equals])
    var place = argument[argument.index(after: equals)...]
    if let at = place.lastIndex(of: "@"), !place[at...].contains("/") {
      unit = String(place[place.index(after: at)...])
      place = place[..<at]
    } else {
      unit = "1"
    }
    if place.hasSuffix("]"), let open = place.lastIndex(of: "["),
      let number = Int(place[place.index(after: open)...].dropLast()), number >= 0
    {
      channel = number
      place = place[..<open]
    } else {
      channel = nil
    }
    path = String(place)
    guard !path.isEmpty, !unit.isEmpty else { return nil }
  }
}
