/// Factors that turn a file's unit into ours.
enum NexusUnits {
  /// Micrometres in one unit of length, or nil where the text names none.
  static func micrometers(_ unit: String?) -> Double? {
    switch unit?.lowercased() {
    case "um", "µm", "μm", "micron", "microns", "micrometer", "micrometers", "micrometre",
      "micrometres":
      1
    case "mm", "millimeter", "millimeters", "millimetre", "millimetres": 1e3
    case "cm", "centimeter", "centimeters", "centimetre", "centimetres": 1e4
    case "nm", "nanometer", "nanometers", "nanometre", "nanometres": 1e-3
    case "m", "meter", "meters", "metre", "metres": 1e6
    default: nil
    }
  }

  /// Seconds in one unit of time; a text that names none counts as seconds.
  static func seconds(_ unit: String?) -> Double {
    switch unit?.lowercased() {
    case "ms", "millisecond", "milliseconds": 1e-3
    case "us", "µs", "μs", "microsecond", "microseconds": 1e-6
    case "ns", "nanosecond", "nanoseconds": 1e-9
    case "min", "minute", "minutes": 60
    case "h", "hr", "hour", "hours": 3600
    default: 1
    }
  }

  /// Degrees in one unit of angle; a text that names none counts as degrees.
  static func degrees(_ unit: String?) -> Double {
    switch unit?.lowercased() {
    case "rad", "radian", "radians": 180 / Double.pi
    case "mrad", "milliradian", "milliradians": 0.18 / Double.pi
    default: 1
    }
  }
}
