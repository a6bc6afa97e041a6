import Foundation
public import Volumetry

/// What was measured of each particle, and of the contacts between them.
public struct ParticleTable: Sendable {
  public struct Particle: Sendable, Hashable {
    /// Number in the labels.
    public var number: Int
    public var voxels = 0
    /// Cubic micrometres.
    public var volume = 0.0
    /// Of the ball of the same volume (the disc of the same area in a single slice), in micrometres.
    public var equivalentDiameter = 0.0
    /// Of the largest ball within, in micrometres.
    public var inscribedDiameter = 0.0
    /// x, y, z in micrometres.
    public var center = SIMD3<Double>.zero
    /// Surface against what is no particle, and against other particles, in square micrometres.
    public var freeSurface = 0.0
    public var contactSurface = 0.0
    /// Surface of the ball of the same volume over the own one, 1 for a ball (H. Wadell, J. Geol. 43 (1935) 250); in a single
    /// slice the circumference of the disc of the same area over the own one. Above 1 by no more than the error of the surface. Nil where the
    /// particle touches a face of the volume, which cuts it.
    public var sphericity: Double?
    /// Full axes of the ellipsoid of the same moments, the longest first, in micrometres.
    public var axes = SIMD3<Double>.zero
    /// Direction of the longest axis (x, y, z); nil where no axis is longest.
    public var direction: SIMD3<Double>?
    /// Number of other particles that it touches.
    public var contacts = 0
    /// Faces of the volume that it touches.
    public var faces = RunComponents.Faces()

    public var isCut: Bool { !faces.isEmpty }
  }

  /// Two particles that touch.
  public struct Contact: Sendable, Hashable {
    /// Numbers, the lower first.
    public let first: Int
    public let second: Int
    /// Square micrometres: of the neck where the particles were parted, with the rim that the watershed adds taken off; of particles that
    /// came with numbers, and where there is no neck, the size of the vector area of the faces.
    public internal(set) var area: Double
    /// Twice the largest distance to the outside on the contact, in micrometres.
    public let inscribedDiameter: Double
    /// Middle of the contact: x, y, z in micrometres.
    public let center: SIMD3<Double>
  }

  public let grid: Grid
  public let particles: [Particle]
  /// In the order of both numbers.
  public let contacts: [Contact]

  /// - Parameter phase: what the particles were parted from, which tells what lies outside the sample; nil where they came
  ///   with numbers.
  /// - Throws: what reading throws.
  public init(
    _ separation: ParticleSeparation, phase: PhaseLabels? = nil, resources: Resources = Resources()
  ) throws(VoxelithError) {
    let grid = separation.labels.grid
    var moments = [ParticleMoments](repeating: ParticleMoments(), count: separation.count)
    moments.gather(separation.labels)
    var contacts: [ContactKey: ContactSum] = [:]
    ContactSum.gather(separation, into: &contacts)
    let surfaces = try ParticleSurface(separation, phase: phase).measure(resources: resources)
    let sorted = contacts.sorted { $0.key < $1.key }
    var touching = sorted.map { $0.value.contact($0.key, grid: grid) }
    // Particles that came with numbers have the borders that they were given.
    if phase != nil {
      touching.takeNecks(sorted.map { $0.value.vectorArea(grid) }, of: separation)
    }
    var particles = moments.enumerated().map { index, sums in
      sums.particle(
        number: index + 1, grid: grid, inscribedRadius: separation.inscribedRadii[index],
        freeSurface: surfaces[index])
    }
    for contact in touching {
      for number in [contact.first, contact.second] {
        particles[number - 1].contacts += 1
        particles[number - 1].contactSurface += contact.area
      }
    }
    for index in particles.indices { particles[index].setSphericity(grid) }
    self.grid = grid
    self.particles = particles
    self.contacts = touching
  }
}

extension ParticleTable.Particle {
  fileprivate mutating func setSphericity(_ grid: Grid) {
    let surface = freeSurface + contactSurface
    guard !isCut, surface > 0 else { return }
    if grid.extendedAxes.count == 2, let axis = Axis.allCases.first(where: { grid.shape[$0] == 1 }) {
      let thickness = grid.spacing(along: axis)
      sphericity = 2 * (Double.pi * volume / thickness).squareRoot() / (surface / thickness)
    } else {
      sphericity = pow(Double.pi, 1.0 / 3) * pow(6 * volume, 2.0 / 3) / surface
    }
  }
}

/// Sums over the voxels of a particle, in whole numbers: the order does not matter.
private struct ParticleMoments {
  var voxels = 0
  var first = SIMD3<Int>.zero
  var squares = SIMD3<Int>.zero
  /// Of xy, xz, yz.
  var products = SIMD3<Int>.zero
  var faces = RunComponents.Faces()

  func particle(
    number: Int, grid: Grid, inscribedRadius: Double, freeSurface: Double
  ) -> ParticleTable.Particle {
    let n = Double(voxels)
    let s = grid.spacing
    let mean = SIMD3(Double(first.x), Double(first.y), Double(first.z)) / n
    // A voxel is a box, not a point.
    let own = SIMD3(repeating: 1.0 / 12)
    let variance =
      (SIMD3(Double(squares.x), Double(squares.y), Double(squares.z)) / n - mean * mean + own) * s * s
    func covariance(_ sum: Int, _ a: Int, _ b: Int) -> Double {
      (Double(sum) / n - mean[a] * mean[b]) * s[a] * s[b]
    }
    let isFlat = grid.extendedAxes.count == 2
    func along(_ axis: Int) -> Double {
      isFlat && grid.shape[[Axis.x, .y, .z][axis]] == 1 ? 0 : variance[axis]
    }
    let eigen = SymmetricEigen(
      xx: along(0), yy: along(1), zz: along(2), xy: covariance(products.x, 0, 1),
      xz: covariance(products.y, 0, 2), yz: covariance(products.z, 1, 2))
    var particle = ParticleTable.Particle(number: number)
    particle.voxels = voxels
    particle.volume = n * s.x * s.y * s.z
    particle.center = grid.origin + (mean + 0.5) * s
    // The moments of an ellipsoid are a fifth of its squared half axes, those of an ellipse a quarter.
    let factor = isFlat ? 4.0 : 5.0
    particle.axes = 2 * SIMD3((0..<3).map { (factor * max(0, eigen.values[$0])).squareRoot() })
    if eigen.values.x > eigen.values.y * (1 + 1e-9) { particle.direction = eigen.vectors[0] }
    particle.inscribedDiameter = 2 * inscribedRadius
    if isFlat, let axis = Axis.allCases.first(where: { grid.shape[$0] == 1 }) {
      particle.equivalentDiameter = 2 * (particle.volume / grid.spacing(along: axis) / .pi).squareRoot()
    } else {
      particle.equivalentDiameter = pow(6 * particle.volume / .pi, 1.0 / 3)
    }
    particle.freeSurface = freeSurface
    particle.faces = faces
    return particle
  }
}

extension [ParticleMoments] {
  fileprivate mutating func gather(_ labels: Volume<UInt32>) {
    let shape = labels.shape
    let grid = labels.grid
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let line = shape.index(z: z, y: y, x: 0)
        var faces = RunComponents.Faces()
        if grid.extends(along: .z) && z == 0 { faces.insert(.lower(.z)) }
        if grid.extends(along: .z) && z == shape.z - 1 { faces.insert(.upper(.z)) }
        if grid.extends(along: .y) && y == 0 { faces.insert(.lower(.y)) }
        if grid.extends(along: .y) && y == shape.y - 1 { faces.insert(.upper(.y)) }
        for x in 0..<shape.x {
          let label = Int(labels.voxels[line + x])
          guard label > 0 else { continue }
          let place = SIMD3(x, y, z)
          self[label - 1].voxels += 1
          self[label - 1].first &+= place
          self[label - 1].squares &+= place &* place
          self[label - 1].products &+= SIMD3(x * y, x * z, y * z)
          if !faces.isEmpty { self[label - 1].faces.formUnion(faces) }
          guard grid.extends(along: .x) else { continue }
          if x == 0 { self[label - 1].faces.insert(.lower(.x)) }
          if x == shape.x - 1 { self[label - 1].faces.insert(.upper(.x)) }
        }
      }
    }
  }
}

/// Two numbers, the lower first.
private struct ContactKey: Hashable, Comparable {
  let first: UInt32
  let second: UInt32

  static func < (a: ContactKey, b: ContactKey) -> Bool { (a.first, a.second) < (b.first, b.second) }
}

/// Faces between two particles.
private struct ContactSum {
  /// Faces across x, y, z: those from the lower to the higher number towards higher indices less the others.
  var vector = SIMD3<Int>.zero
  var faces = 0
  /// Sum of the middles of the faces, in half voxels.
  var middles = SIMD3<Int>.zero
  var depth: Float = 0

  /// Square micrometres, from the lower number to the higher.
  func vectorArea(_ grid: Grid) -> SIMD3<Double> {
    let s = grid.spacing
    return SIMD3(Double(vector.x), Double(vector.y), Double(vector.z))
      * SIMD3(s.y * s.z, s.x * s.z, s.x * s.y)
  }

  func contact(_ key: ContactKey, grid: Grid) -> ParticleTable.Contact {
    let s = grid.spacing
    let area = vectorArea(grid)
    let middle = SIMD3(Double(middles.x), Double(middles.y), Double(middles.z)) / Double(2 * faces)
    return ParticleTable.Contact(
      first: Int(key.first), second: Int(key.second), area: (area * area).sum().squareRoot(),
      inscribedDiameter: 2 * Double(depth), center: grid.origin + (middle + 0.5) * s)
  }

  static func gather(_ separation: ParticleSeparation, into contacts: inout [ContactKey: ContactSum]) {
    let labels = separation.labels.voxels
    let depths = separation.depths
    let shape = separation.labels.shape
    let steps = [(0, Shape(z: 0, y: 0, x: 1)), (1, Shape(z: 0, y: 1, x: 0)), (2, Shape(z: 1, y: 0, x: 0))]
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let i = shape.index(z: z, y: y, x: x)
          let own = labels[i]
          guard own != 0 else { continue }
          for (axis, step) in steps {
            guard z + step.z < shape.z, y + step.y < shape.y, x + step.x < shape.x else { continue }
            let j = shape.index(z: z + step.z, y: y + step.y, x: x + step.x)
            let other = labels[j]
            guard other != 0 && other != own else { continue }
            var sum = ContactSum()
            let key = ContactKey(first: min(own, other), second: max(own, other))
            if let known = contacts[key] { sum = known }
            sum.vector[axis] += own < other ? 1 : -1
            sum.faces += 1
            sum.middles &+= SIMD3(2 * x + step.x, 2 * y + step.y, 2 * z + step.z)
            sum.depth = max(sum.depth, max(depths[i], depths[j]))
            contacts[key] = sum
          }
        }
      }
    }
  }
}

extension [ParticleTable.Contact] {
  /// Areas of necks in place of those of the watershed.
  fileprivate mutating func takeNecks(_ areas: [SIMD3<Double>], of separation: ParticleSeparation) {
    let labels = separation.labels
    let grid = labels.grid
    var profiles: [NeckProfile] = []
    var contactOf: [Int] = []
    var profilesOf = [[Int]](repeating: [], count: separation.count + 1)
    for (index, contact) in enumerated() {
      guard let profile = NeckProfile(area: areas[index], center: contact.center, grid: grid) else {
        continue
      }
      profilesOf[contact.first].append(profiles.count)
      profilesOf[contact.second].append(profiles.count)
      contactOf.append(index)
      profiles.append(profile)
    }
    guard !profiles.isEmpty else { return }
    let shape = labels.shape
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let line = shape.index(z: z, y: y, x: 0)
        for x in 0..<shape.x {
          let label = Int(labels.voxels[line + x])
          guard label > 0 else { continue }
          for number in profilesOf[label] { profiles[number].add(x: x, y: y, z: z) }
        }
      }
    }
    for (profile, index) in zip(profiles, contactOf) { self[index].area = profile.neckArea }
  }
}
