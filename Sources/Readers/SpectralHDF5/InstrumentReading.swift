import Volumetry

/// How the spectra of a file were measured: the caller's numbers, then those of the file, put on the voxels.
struct InstrumentReading {
  let acquisition: Acquisition
  let origins: [GeometryOrigin]

  /// - Throws: `data` where a unit is not understood, a number is not possible, or angles do not fit the pixels.
  init(_ found: SpectralDiscovery, in file: HDF5File, options: SpectralOpenOptions) throws(VoxelithError) {
    let path = found.data.signal.path
    var (acquisition, origins) = try NexusInstrument.acquisition(
      of: file, around: path, given: options.acquisition)
    if let angle = acquisition.scatteringAngle, options.acquisition.scatteringAngle == nil {
      acquisition.scatteringAngle = try Self.placed(angle, found, file: file.path)
    }
    if options.acquisition.liveTime != nil {
      origins.append(
        GeometryOrigin(
          "live time", "\(GeometryOrigin.text(options.acquisition.liveTime ?? 0)) s", "--live-time"))
    } else {
      let (own, detectors) = (found.data.group, try NexusInstrument.detectors(of: file, around: path))
      if let times = try DetectorTimes.find(of: found.array, own: own, detectors: detectors) {
        origins.append(acquisition.setLiveTimes(Self.perVoxel(times, found), source: times.source))
      } else {
        try DetectorTimes.checkFit(of: found.array, in: [own] + detectors)
      }
    }
    self.acquisition = try options.completed(acquisition, grid: found.grid, file: file.path)
    self.origins = origins
  }

  /// Live time of every voxel, NaN where none was measured; one where it is the same for all.
  private static func perVoxel(_ times: DetectorTimes, _ found: SpectralDiscovery) -> [Double] {
    let shape = found.grid.shape
    func time(_ point: Int) -> Double { times.seconds.count == 1 ? times.seconds[0] : times.seconds[point] }
    switch found.placement {
    case .scan(let scan):
      if times.seconds.count == 1 && scan.further.isEmpty { return times.seconds }
      return (0..<shape.count).map { voxel in
        let points = scan.points(ofVoxel: voxel)
        return points.isEmpty ? .nan : points.reduce(0) { $0 + time($1) }
      }
    case .grid(let layout):
      if times.seconds.count == 1 { return times.seconds }
      var result: [Double] = []
      result.reserveCapacity(shape.count)
      Region(whole: shape).forEachVoxel { z, y, x in
        result.append(time(layout.point(z: z, y: y, x: x, of: found.array)))
      }
      return result
    }
  }

  /// Angles of pixels as the file stores them, put on the voxels with their data.
  private static func placed(
    _ angle: ScatteringAngle, _ found: SpectralDiscovery, file: String
  ) throws(VoxelithError) -> ScatteringAngle {
    guard case .perPixel(let height, let width, let values) = angle else { return angle }
    let shape = found.grid.shape
    switch found.placement {
    case .grid(let layout):
      guard height == shape.y, width == shape.x else { return angle }
      let (flipsY, flipsX) = (
        layout.y.map { layout.reversed.contains($0) } ?? false,
        layout.x.map { layout.reversed.contains($0) } ?? false
      )
      var turned: [Double] = []
      for y in 0..<height {
        for x in 0..<width {
          turned.append(values[(flipsY ? height - 1 - y : y) * width + (flipsX ? width - 1 - x : x)])
        }
      }
      return .perPixel(height: height, width: width, values: turned)
    case .scan(let scan):
      guard values.count == found.array.pointCount, shape.z == 1 else {
        throw VoxelithError(
          .data,
          "the scattering angles of \(height)x\(width) pixels do not fit the \(found.array.pointCount) points of the "
            + "scan", file: file, advice: "give one with --scattering-angle")
      }
      return .perPixel(
        height: shape.y, width: shape.x,
        values: (0..<shape.count).map { scan.first[$0] < 0 ? .nan : values[Int(scan.first[$0])] })
    }
  }
}

extension Acquisition {
  /// Sets the live times of all voxels: one for all where they are equal, and else one for each and their mean.
  /// A time of 0 is that of a voxel that is not measured yet, as writers leave it.
  mutating func setLiveTimes(_ given: [Double], source: String) -> GeometryOrigin {
    let seconds = given.map { $0 == 0 ? .nan : $0 }
    let finite = seconds.filter(\.isFinite)
    let mean = finite.reduce(0, +) / Double(max(1, finite.count))
    liveTime = finite.isEmpty ? nil : mean
    let text = GeometryOrigin.text
    guard let low = finite.min(), let high = finite.max(), high - low > 1e-6 * high else {
      return GeometryOrigin("live time", "\(text(mean)) s", source)
    }
    voxelLiveTimes = seconds.map { Float($0) }
    return GeometryOrigin(
      "live time", "\(text(low)) to \(text(high)) s, one for each voxel, mean \(text(mean)) s", source)
  }
}
