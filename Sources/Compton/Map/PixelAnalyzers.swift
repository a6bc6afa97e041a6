import Volumetry

/// The analyzers of all detector pixels: made beforehand where they fit the memory, else when they are asked for.
struct PixelAnalyzers: Sendable {
  let geometry: PixelGeometry
  private let maker: Maker
  /// One for each key of the geometry; empty where they are made on demand.
  private let made: [VoxelAnalyzer]

  /// Makes the analyzer of one pixel.
  struct Maker: Sendable {
    let calibration: Calibration
    let options: MapOptions
    let absorption: Absorption?
    let axis: EnergyAxis
    let liveTime: Double?
    let hasEnergies: Bool
    let carriers: RingCarriers
    /// What the detector's response changes of the absorption; nil without either.
    let seen: SeenAttenuation?

    func analyzer(_ key: PixelGeometry.Key) throws(VoxelithError) -> VoxelAnalyzer {
      let ring = carriers.nearest(key.angle)
      let (calibration, carrier) = (ring.calibration, ring.carrier)
      let geometry = try ScatteringGeometry(incidentEnergy: calibration.incidentEnergy, angle: key.angle)
      let isAsCalibrated = abs(key.angle - calibration.scatteringAngle) < 1e-6 && !hasEnergies
      if isAsCalibrated {
        return try VoxelAnalyzer(
          calibration: calibration, options: options, basis: calibration.methods.profile, axis: axis,
          geometry: geometry, liveTime: liveTime, absorption: absorption, seen: seen)
      }
      let own =
        hasEnergies ? try EnergyAxis(centers: axis.centers.map { key.gain * $0 + key.offset }) : axis
      let carried = try carrier.carry(to: geometry, axis: own)
      return try VoxelAnalyzer(
        calibration: calibration, options: options, basis: carried.basis, keptVariance: carried.keptVariance,
        axis: own, geometry: geometry, liveTime: liveTime, absorption: absorption, seen: seen)
    }

    /// The analyzer of a key; an error tells which pixel it is.
    func analyzer(_ index: Int, of geometry: PixelGeometry) throws(VoxelithError) -> VoxelAnalyzer {
      do throws(VoxelithError) {
        return try analyzer(geometry.keys[index])
      } catch {
        guard geometry.keys.count > 1, let pixel = geometry.keyOfPixel.firstIndex(of: Int32(index)) else {
          throw error
        }
        throw error.located(place: "pixel y \(pixel / geometry.width), x \(pixel % geometry.width)")
      }
    }

    /// Bytes of one analyzer, roughly.
    var bytes: Int {
      let parts = 13 + 3 * calibration.methods.profile.components.count
      return 4 * axis.count * (2 * parts + 4) + 1024
    }
  }

  /// - Throws: errors of any pixel, with its place.
  init(_ geometry: PixelGeometry, maker: Maker, memory: Int, threads: Int) throws(VoxelithError) {
    self.geometry = geometry
    self.maker = maker
    let keys = geometry.keys
    guard keys.count * maker.bytes <= max(memory, 64 << 20) else {
      made = []
      _ = try maker.analyzer(keys[0])
      return
    }
    made = try Parallel.map(keys.count, threads: threads) { (index) throws(VoxelithError) in
      try maker.analyzer(index, of: geometry)
    }
  }

  /// The analyzer of a pixel; nil for a dead one.
  func analyzer(y: Int, x: Int) throws(VoxelithError) -> VoxelAnalyzer? {
    let key = geometry.key(y: y, x: x)
    if key < 0 { return nil }
    return made.isEmpty ? try maker.analyzer(geometry.keys[key]) : made[key]
  }

  /// The analyzer of a key of the geometry.
  func analyzer(key: Int) throws(VoxelithError) -> VoxelAnalyzer {
    made.isEmpty ? try maker.analyzer(geometry.keys[key]) : made[key]
  }

  /// Bytes of an analyzer that is made when it is asked for; 0 where all are kept.
  var bytesOnDemand: Int { made.isEmpty ? maker.bytes : 0 }

  /// Any pixel's analyzer, for what does not depend on the pixel.
  func typical() throws(VoxelithError) -> VoxelAnalyzer {
    if let first = made.first { return first }
    return try maker.analyzer(geometry.keys[0])
  }
}
