import Foundation
public import Phantoms
import Readers
import Results
import Transport
public import Volumetry

extension SimulateSettings {
  /// - Throws: `usage` where numbers of the diffusion make no sense or say something that is not used.
  func validateDiffusion() throws(VoxelithError) {
    guard let diffusivity else {
      for (key, isGiven) in [
        ("exchange_um_per_s", exchange != nil), ("outside_x", outsideX != nil), ("times_s", times != nil),
      ] where isGiven {
        throw VoxelithError(.usage, "\(key): needs diffusivity_um2_per_s")
      }
      return
    }
    guard diffusivity.count == 1 || diffusivity.count == 3,
      diffusivity.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw VoxelithError(.usage, "diffusivity_um2_per_s: needs one positive number, or three as z,y,x")
    }
    if let exchange, !(exchange > 0 && exchange.isFinite) {
      throw VoxelithError(.usage, "exchange_um_per_s: \(exchange) is not positive")
    }
    if let outsideX { try NumberRange.lithium.check(outsideX, as: "outside_x", code: .usage) }
    if let times {
      let rises = zip(times, times.dropFirst()).allSatisfy { $0 < $1 }
      guard times.count >= 2, rises, times.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw VoxelithError(.usage, "times_s: needs two times or more, each later than the one before")
      }
    }
    if let lithium, lithium.count == 3, lithium[1] != 0 {
      throw VoxelithError(
        .usage, "lithium: a gradient does not go with diffusivity_um2_per_s, which makes one")
    }
    guard rotation.allSatisfy({ $0 == 0 }), translation.allSatisfy({ $0 == 0 }) else {
      throw VoxelithError(.usage, "rotation_deg: states that spread lie straight on the labels")
    }
  }

  /// Makes the twin and writes its folder; with a diffusivity also the spectra of the later states, `series.yaml`, and in `truth/` x of every state,
  /// what the pores let through and the diffusivities.
  ///
  /// - Returns: the twin, of the first state.
  /// - Throws: `usage` where the settings make no sense, `data` where the pores let nothing through; errors of the files.
  @discardableResult
  public func write(
    _ labels: any VolumeSource, to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> Twin {
    var own = settings(for: labels.grid)
    guard let diffusivity else {
      let twin = try Twin(labels: labels, settings: own, resources: resources)
      try TwinFolder.write(twin, to: folder, overwrite: overwrite, resources: resources)
      return twin
    }
    try OutputFile.prepareFolder(folder + "/truth")
    let effective = try effective(diffusivity, labels, folder, overwrite: overwrite, resources: resources)
    own.lithiumMean = lithium?[0] ?? 0.8
    own.lithiumAmplitude = lithium?[2] ?? 0.08
    let thickness = Double(labels.grid.shape.z / own.ratio * own.ratio) * labels.grid.spacing.z
    let speed = exchange ?? 5 * effective.z / thickness
    let end = 0.5 * thickness * thickness / effective.z
    let times = self.times ?? (0..<6).map { (end * Double($0) / 5).rounded() }
    var first: Twin?
    var lines = ["states:"]
    for (index, time) in times.enumerated() {
      own.diffusion = TwinDiffusion(
        diffusivity: effective, exchange: speed, outside: outsideX ?? 0.3, seconds: time - times[0])
      own.countSeed = seed &+ UInt64(index) &* 1_000_003
      let twin = try Twin(labels: labels, settings: own, resources: resources)
      let name = index == 0 ? "xcs.nxs" : "xcs-\(index + 1).nxs"
      if index == 0 {
        try TwinFolder.write(twin, to: folder, overwrite: overwrite, resources: resources)
        first = twin
      } else {
        try TwinFolder.writeState(twin, index + 1, to: folder, overwrite: overwrite, resources: resources)
      }
      lines.append("  - {file: \(name), name: state, at: \(time)s}")
    }
    try OutputFile.write(
      lines.joined(separator: "\n") + "\n", to: folder + "/series.yaml", overwrite: overwrite)
    try JSONOutput.write(
      DiffusionTruth(
        depth: effective.z, plane: (effective.x + effective.y) / 2,
        ratio: (effective.x + effective.y) / 2 / effective.z,
        effective: [effective.z, effective.y, effective.x],
        free: diffusivity.count == 1 ? diffusivity[0] : nil, exchange: speed, outside: outsideX ?? 0.3,
        times: times),
      to: folder + "/truth/diffusivity.json", overwrite: overwrite)
    guard let first else { throw VoxelithError(.usage, "times_s: needs two times or more") }
    return first
  }

  /// The effective diffusivity along x, y, z: as given, or the free one times what the pores let through.
  private func effective(
    _ given: [Double], _ labels: any VolumeSource, _ folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> SIMD3<Double> {
    guard given.count == 1 else { return SIMD3(given[2], given[1], given[0]) }
    var transport = TransportSettings()
    transport.phase = LabelSet([activeLabel == 0 ? 1 : 0])
    let report = try transport.solve(labels, file: "labels.tif", resources: resources)
    try JSONOutput.write(report, to: folder + "/truth/transport.json", overwrite: overwrite)
    var result = SIMD3<Double>.zero
    for (index, axis) in ["x", "y", "z"].enumerated() {
      result[index] = given[0] * (report.relativeDiffusivity(along: axis) ?? 0)
    }
    guard result.min() > 0, result.max().isFinite else {
      throw VoxelithError(
        .data, "the pores of the twin let nothing through along an axis",
        advice: "raise --porosity, or give the effective diffusivities as z,y,x")
    }
    return result
  }
}

/// `truth/diffusivity.json`.
private struct DiffusionTruth: Encodable {
  let depth: Double
  let plane: Double
  let ratio: Double
  let effective: [Double]
  let free: Double?
  let exchange: Double
  let outside: Double
  let times: [Double]

  enum CodingKeys: String, CodingKey {
    case depth = "depth_um2_per_s"
    case plane = "plane_um2_per_s"
    case ratio = "plane_over_depth"
    case effective = "diffusivity_zyx_um2_per_s"
    case free = "free_diffusivity_um2_per_s"
    case exchange = "exchange_um_per_s"
    case outside = "outside_x"
    case times = "times_s"
  }
}
