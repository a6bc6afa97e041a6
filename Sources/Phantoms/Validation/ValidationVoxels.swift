import Compton
import Volumetry

/// The voxels of one repeat: what they hold, what is known of it, their spectra and bounds.
struct ValidationVoxels: Sendable {
  let spectra: SpectralVolume
  /// What the map is told of the fractions: the active material's, then the components'. Empty for clean voxels.
  let fractions: [Volume<Float>]
  let bounds: [ErrorBound]
  /// The same where nothing is known of the fractions; empty for clean voxels.
  let freeBounds: [ErrorBound]

  /// - Parameters:
  ///   - models: one for each column of the detector, or one for all.
  init(
    _ settings: ValidationSettings, kind: ValidationSettings.Kind, bench: TwinBench, rates: [TwinRates],
    models: [ErrorBoundModel], x: Double, shape: Shape, seed: UInt64
  ) throws(VoxelithError) {
    let grid = Grid(unscaled: shape)
    let components = bench.materials.components.count
    var random = SeededGenerator(seed: seed, stream: 0xF0AD_0000_0000)
    var active = [Float](repeating: 1, count: shape.count)
    var others = [[Float]](repeating: [Float](repeating: 0, count: shape.count), count: components)
    if kind == .mixture {
      for voxel in 0..<shape.count {
        let parts = Self.fractions(settings.otherFraction, count: components, random: &random)
        for (index, part) in parts.enumerated() { others[index][voxel] = Float(part) }
        active[voxel] = Float(1 - parts.reduce(0, +))
      }
    }
    let fields = TwinFields(
      grid: grid, active: active, activeLithium: active.map { $0 * Float(x) }, components: others)
    let source = TwinSpectra(
      fields: fields, energy: bench.energy, acquisition: bench.acquisition(grid), rates: rates,
      liveTime: bench.settings.voxelLiveTime, seed: seed, hasComponents: kind == .mixture)
    spectra = try SpectralVolume(
      grid: grid, energy: source.energy, acquisition: source.acquisition,
      counts: try source.readCounts(Region(whole: shape)), name: source.name)
    func bounds(areFree: Bool) -> [ErrorBound] {
      (0..<shape.count).map { voxel in
        models[models.count == 1 ? 0 : voxel % shape.x].bound(
          active: Double(active[voxel]), x: x,
          others: kind == .mixture ? others.map { Double($0[voxel]) } : [], areFree: areFree)
      }
    }
    self.bounds = bounds(areFree: false)
    freeBounds = kind == .mixture ? bounds(areFree: true) : []
    guard kind == .mixture else {
      fractions = []
      return
    }
    fractions = Self.told(others, sigma: settings.fractionSigma, random: &random).map {
      Volume(grid: grid, voxels: $0)
    }
  }

  /// Fractions of the components: a uniform sum, cut at uniform places.
  private static func fractions(
    _ sum: ClosedRange<Double>, count: Int, random: inout SeededGenerator
  ) -> [Double] {
    let total = sum.lowerBound + (sum.upperBound - sum.lowerBound) * random.uniform()
    let cuts = [0] + (1..<max(1, count)).map { _ in random.uniform() }.sorted() + [1]
    return zip(cuts, cuts.dropFirst()).map { total * ($1 - $0) }
  }

  /// The fractions with their measuring errors: the components', and the active material's as the rest.
  private static func told(
    _ others: [[Float]], sigma: Double, random: inout SeededGenerator
  ) -> [[Float]] {
    var result = others
    if sigma > 0 {
      for component in result.indices {
        for voxel in result[component].indices {
          result[component][voxel] = max(0, result[component][voxel] + Float(sigma * random.normal()))
        }
      }
    }
    let count = others.first?.count ?? 0
    let active = (0..<count).map { voxel in max(0, 1 - result.reduce(Float(0)) { $0 + $1[voxel] }) }
    return [active] + result
  }
}

extension TwinFields {
  /// Fields that are known voxel by voxel.
  init(grid: Grid, active: [Float], activeLithium: [Float], components: [[Float]]) {
    self.grid = grid
    self.active = active
    self.activeLithium = activeLithium
    self.components = components
  }
}
