import Foundation
import Voxelith

/// Projections of a disc of one lithium content with the spectra of a calibration.
enum SmallProjections {
  /// - Parameters:
  ///   - axes: names of the axes as the file gives them.
  static func write(
    _ path: String, calibration: String, angles: [Double] = (0..<16).map { 11.25 * Double($0) },
    axes: [String] = ["rotation_angle", "y", "x", "energy"], x: Double = 0.6, counts: Double = 1e5
  ) throws {
    let loaded = try CalibrationFile.read(calibration)
    let basis = loaded.methods.profile
    let spectrum = zip(basis.constant, basis.slope).map { max(0, $0 + x * $1) }
    let total = spectrum.reduce(0, +)
    let columns = 12
    let chords = (0..<columns).map { column in
      let distance = Double(column) - 5.5
      return max(0, 16 - distance * distance).squareRoot() / 4
    }
    var generator = SeededGenerator(seed: 5)
    var values: [UInt32] = []
    for _ in angles {
      for chord in chords {
        for rate in spectrum { values.append(UInt32(generator.poisson(counts * chord * rate / total))) }
      }
    }
    let shape = [angles.count, 1, columns, spectrum.count]
    let output = try HDF5Output(path: path, overwrite: true)
    try output.group("/entry", class: "NXentry")
    try output.attribute("default", .strings(["entry"]), of: "/")
    try output.attribute("default", .strings(["data"]), of: "/entry")
    try output.group("/entry/data", class: "NXdata")
    let array = try HDF5OutputArray(
      "/entry/data/counts", in: output, type: .uint32, shape: shape, chunk: shape, packing: .none)
    try array.write(.uint32(values), start: [0, 0, 0, 0], count: shape)
    array.close()
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(axes), of: "/entry/data")
    let centers = (0..<columns).map { 50 * (Double($0) - 5.5) }
    for (name, numbers, unit) in [
      (axes[0], angles, "deg"), (axes[1], [0], "um"), (axes[2], centers, "um"),
      (axes[3], loaded.energy, "keV"),
    ] {
      try output.value("/entry/data/\(name)", .numbers(numbers), shape: [numbers.count], units: unit)
    }
    try output.finish()
  }
}
