import Chemistry
import Foundation
import Readers
public import Volumetry

extension ChemistrySettings {
  /// Measures a source and writes the folder.
  ///
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten, `data` where no voxel has a value, errors of
  ///   the quantity.
  /// - Returns: what `chemistry.json` holds.
  @discardableResult
  public func write(
    _ source: any SpectralSource, to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> ChemistryReport {
    try validate()
    let quantity = try makeQuantity(source, resources: resources)
    let names = quantity.channels
    let chosen = try gradientChannel(names)
    try OutputFile.prepareFolder(folder)
    for name in outputs { try OutputFile.check(folder + "/" + name, overwrite: overwrite) }
    let grid = source.grid
    func writer(_ name: String, _ channels: [String], _ type: VoxelType = .float32) throws(VoxelithError)
      -> TIFFVolumeWriter
    {
      try TIFFVolumeWriter(
        path: folder + "/" + name, grid: grid, type: type, channels: channels.count,
        channelNames: channels.count > 1 ? channels : [], overwrite: overwrite)
    }
    let value = try writer("value.tif", names)
    let sigma = try writer("value_sigma.tif", names)
    let mask = try writer("mask.tif", ["mask"], .uint8)
    var extras: [(writer: TIFFVolumeWriter, places: Range<Int>)] = []
    if quantity is CombinationQuantity {
      let all = quantity.extras
      extras = [
        (try writer("chi_squared.tif", Array(all[..<1])), 0..<1),
        (try writer("covariance.tif", Array(all[1...])), 1..<all.count),
      ]
    }
    let summary = try ChemicalMap(source: source, quantity: quantity).run(resources: resources) {
      (block, result) throws(VoxelithError) in
      for channel in names.indices {
        try value.write(.float32(result.values[channel]), channel: channel, to: block.core)
        try sigma.write(.float32(result.sigmas[channel]), channel: channel, to: block.core)
      }
      for (writer, places) in extras {
        for place in places {
          try writer.write(
            .float32(result.extras[place]), channel: place - places.lowerBound, to: block.core)
        }
      }
      try mask.write(.uint8(result.mask), to: block.core)
    }
    let report = ChemistryReport(self.quantity, quantity, summary, grid: grid, gradientOf: names[chosen])
    try check(report, source)
    for writer in [value, sigma, mask] + extras.map(\.writer) { try writer.finish() }
    try writeGradient(
      folder, channel: names.count > 1 ? chosen : nil, grid: grid, overwrite: overwrite,
      resources: resources)
    try JSONOutput.write(report, to: folder + "/chemistry.json", overwrite: overwrite)
    return report
  }

  private func gradientChannel(_ names: [String]) throws(VoxelithError) -> Int {
    guard let gradientOf else { return 0 }
    guard let found = names.firstIndex(of: gradientOf) else {
      throw VoxelithError(
        .usage, "gradient_of: there is no channel '\(gradientOf)'",
        advice: "channels are " + names.joined(separator: ", "))
    }
    return found
  }

  /// - Throws: `data` where no voxel has a value.
  private func check(_ report: ChemistryReport, _ source: any SpectralSource) throws(VoxelithError) {
    guard report.mapped == 0 else { return }
    let reasons = report.mask.filter { $0.value.voxels > 0 }.sorted { $0.value.voxels > $1.value.voxels }
      .map { "\($0.value.voxels) \($0.key.replacingOccurrences(of: "_", with: " "))" }
    throw VoxelithError(
      .data, "no voxel has a value: \(reasons.joined(separator: ", "))", file: source.name,
      advice: "check the ranges and the noise (--noise; negative values are not counts)")
  }

  private func writeGradient(
    _ folder: String, channel: Int?, grid: Grid, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) {
    let options = VolumeOpenOptions(voxelSize: grid.spacing, channel: channel)
    let field = GradientField(
      values: try VolumeFile.open(folder + "/value.tif", options: options),
      sigmas: try VolumeFile.open(folder + "/value_sigma.tif", options: options))
    let writers = try ["gradient.tif", "gradient_sigma.tif"].map { (name) throws(VoxelithError) in
      try TIFFVolumeWriter(
        path: folder + "/" + name, grid: grid, type: .float32, channels: 3, channelNames: ["x", "y", "z"],
        overwrite: overwrite)
    }
    try field.run(resources: resources) { (block, result) throws(VoxelithError) in
      for axis in 0..<3 {
        try writers[0].write(.float32(result.gradient[axis]), channel: axis, to: block.core)
        try writers[1].write(.float32(result.sigma[axis]), channel: axis, to: block.core)
      }
    }
    for writer in writers { try writer.finish() }
  }
}
