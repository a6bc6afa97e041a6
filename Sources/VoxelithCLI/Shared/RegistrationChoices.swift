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

/// `NAME=PATH` or `NAME=PATH@UNIT`.
struct NamedField: ExpressibleByArgument, Sendable {
  let name: String
  let path: String
  let unit: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
    name = String(argument[..<equals])
    let rest = argument[argument.index(after: equals)...]
    if let at = rest.lastIndex(of: "@"), !rest[at...].contains("/") {
      path = String(rest[..<at])
      unit = String(rest[rest.index(after: at)...])
    } else {
      path = String(rest)
      unit = "1"
    }
    guard !path.isEmpty, !unit.isEmpty else { return nil }
  }
}
