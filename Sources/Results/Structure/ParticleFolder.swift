import Foundation
import Microstructure
import Readers
import Volumetry

/// The content of `particles.json`: what the tables come to.
public struct ParticleReport: Codable, Sendable {
  /// Values of which a tenth, half and nine tenths of the volume lie below, and the mean over particles.
  public struct Spread: Codable, Sendable {
    public let mean: Double
    public let d10: Double
    public let d50: Double
    public let d90: Double

    enum CodingKeys: String, CodingKey {
      case mean
      case d10 = "d10_by_volume"
      case d50 = "d50_by_volume"
      case d90 = "d90_by_volume"
    }
  }

  /// Label that was parted; nil where the particles came with numbers.
  public let phase: UInt32?
  public let voxelSize: [Double]?
  public let missingAxes: [String: String]?
  public let particles: Int
  /// Particles that touch no face of the volume. Sizes and shapes are of these.
  public let wholeParticles: Int
  public let equivalentDiameter: Spread?
  public let inscribedDiameter: Spread?
  public let meanSphericity: Double?
  public let contacts: Int
  /// Other particles that a particle touches, over all.
  public let meanContacts: Double
  public let contactArea: Double
  public let freeSurface: Double

  enum CodingKeys: String, CodingKey {
    case phase, particles, contacts
    case voxelSize = "voxel_size_um"
    case missingAxes = "missing_axes"
    case wholeParticles = "whole_particles"
    case equivalentDiameter = "equivalent_diameter_um"
    case inscribedDiameter = "inscribed_diameter_um"
    case meanSphericity = "mean_sphericity"
    case meanContacts = "mean_contacts"
    case contactArea = "contact_area_um2"
    case freeSurface = "free_surface_um2"
  }

  init(_ table: ParticleTable, phase: UInt32?) {
    let whole = table.particles.filter { !$0.isCut }
    self.phase = phase
    voxelSize =
      table.grid.hasKnownSpacing ? Axis.allCases.map { table.grid.spacing(along: $0) } : nil
    missingAxes = table.grid.missingAxes.isEmpty ? nil : table.grid.missingAxes
    particles = table.particles.count
    wholeParticles = whole.count
    equivalentDiameter = Self.spread(whole, \.equivalentDiameter)
    inscribedDiameter = Self.spread(whole, \.inscribedDiameter)
    let shapes = whole.compactMap(\.sphericity)
    meanSphericity = shapes.isEmpty ? nil : shapes.reduce(0, +) / Double(shapes.count)
    contacts = table.contacts.count
    meanContacts = 2 * Double(table.contacts.count) / Double(max(1, table.particles.count))
    contactArea = table.contacts.reduce(0) { $0 + $1.area }
    freeSurface = table.particles.reduce(0) { $0 + $1.freeSurface }
  }

  private static func spread(
    _ particles: [ParticleTable.Particle], _ key: (ParticleTable.Particle) -> Double
  ) -> Spread? {
    guard !particles.isEmpty else { return nil }
    let sorted = particles.map { (value: key($0), volume: $0.volume) }.sorted { $0.value < $1.value }
    let all = sorted.reduce(0) { $0 + $1.volume }
    func quantile(_ share: Double) -> Double {
      var sum = 0.0
      for item in sorted {
        sum += item.volume
        if sum >= share * all { return item.value }
      }
      return sorted[sorted.count - 1].value
    }
    return Spread(
      mean: sorted.reduce(0) { $0 + $1.value } / Double(sorted.count), d10: quantile(0.1),
      d50: quantile(0.5), d90: quantile(0.9))
  }
}

/// Writes separated particles: labels, tables, and the network of bodies and throats.
public enum ParticleFolder {
  public static let names = [
    "particles.tif", "particles.csv", "contacts.csv", "network.csv", "particles.json",
  ]

  /// - Parameter numbers: numbers that the particles came with; nil where they count from 1.
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the measurement.
  static func write(
    _ separation: ParticleSeparation, numbers: [UInt32]?, phase: PhaseLabels?, copies: VolumeCopies?,
    to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> ParticleReport {
    try OutputFile.prepareFolder(folder)
    for name in names + (copies?.names(of: ["particles.tif"]) ?? []) {
      try OutputFile.check(folder + "/" + name, overwrite: overwrite)
    }
    let table = try ParticleTable(separation, phase: phase, resources: resources)
    let grid = table.grid
    let isSmall = separation.count <= Int(UInt16.max)
    let writer = try TIFFVolumeWriter(
      path: folder + "/particles.tif", grid: grid, type: isSmall ? .uint16 : .uint32, overwrite: overwrite)
    for z in 0..<grid.shape.z {
      let region = Region(slices: z..<(z + 1), of: grid.shape)
      let values = separation.labels.crop(region)
      try writer.write(
        isSmall ? .uint16(values.map { UInt16(truncatingIfNeeded: $0) }) : .uint32(values), to: region)
    }
    try writer.finish()
    try copies?.write([("particles.tif", grid)], in: folder, overwrite: overwrite, resources: resources)
    try OutputFile.write(particleCSV(table, numbers), to: folder + "/particles.csv", overwrite: overwrite)
    try OutputFile.write(contactCSV(table), to: folder + "/contacts.csv", overwrite: overwrite)
    try OutputFile.write(NetworkTable.csv(table), to: folder + "/network.csv", overwrite: overwrite)
    let report = ParticleReport(table, phase: phase?.phase)
    try JSONOutput.write(report, to: folder + "/particles.json", overwrite: overwrite)
    return report
  }

  private static func particleCSV(_ table: ParticleTable, _ numbers: [UInt32]?) -> String {
    var text =
      "number,source_number,voxels,volume_um3,equivalent_diameter_um,inscribed_diameter_um,center_x_um,center_y_um,center_z_um,"
      + "free_surface_um2,contact_surface_um2,sphericity,axis1_um,axis2_um,axis3_um,direction_x,direction_y,direction_z,"
      + "contacts,is_cut\n"
    for (index, p) in table.particles.enumerated() {
      let fields: [String] = [
        "\(p.number)", "\(numbers?[index] ?? UInt32(p.number))", "\(p.voxels)", "\(p.volume)",
        "\(p.equivalentDiameter)", "\(p.inscribedDiameter)", "\(p.center.x)", "\(p.center.y)",
        "\(p.center.z)", "\(p.freeSurface)", "\(p.contactSurface)", p.sphericity.map { "\($0)" } ?? "",
        "\(p.axes.x)", "\(p.axes.y)", "\(p.axes.z)", p.direction.map { "\($0.x)" } ?? "",
        p.direction.map { "\($0.y)" } ?? "", p.direction.map { "\($0.z)" } ?? "", "\(p.contacts)",
        p.isCut ? "1" : "0",
      ]
      text += fields.joined(separator: ",") + "\n"
    }
    return text
  }

  private static func contactCSV(_ table: ParticleTable) -> String {
    var text = "first,second,area_um2,inscribed_diameter_um,center_x_um,center_y_um,center_z_um\n"
    for c in table.contacts {
      text +=
        "\(c.first),\(c.second),\(c.area),\(c.inscribedDiameter),\(c.center.x),\(c.center.y),\(c.center.z)\n"
    }
    return text
  }
}

/// Particles as the pores of a network and contacts as its throats, in the table that OpenPNM reads
/// (`openpnm.io.network_from_csv`): columns by OpenPNM's names, lengths in metres, bodies and throats side by side.
enum NetworkTable {
  static func csv(_ table: ParticleTable) -> String {
    let faces: [(String, RunComponents.Faces)] = [
      ("xmin", .lower(.x)), ("xmax", .upper(.x)), ("ymin", .lower(.y)), ("ymax", .upper(.y)),
      ("zmin", .lower(.z)), ("zmax", .upper(.z)),
    ]
    let unit = 1e-6
    let pores =
      [
        "pore.coords[0]", "pore.coords[1]", "pore.coords[2]", "pore.volume", "pore.inscribed_diameter",
        "pore.equivalent_diameter", "pore.surface_area",
      ] + faces.map { "pore.\($0.0)" }
    let throats = [
      "throat.conns[0]", "throat.conns[1]", "throat.cross_sectional_area", "throat.inscribed_diameter",
      "throat.total_length", "throat.coords[0]", "throat.coords[1]", "throat.coords[2]",
    ]
    var lines = [(pores + throats).joined(separator: ",")]
    for row in 0..<max(table.particles.count, table.contacts.count) {
      var fields: [String] = []
      if row < table.particles.count {
        let p = table.particles[row]
        fields += [p.center.x, p.center.y, p.center.z].map { "\($0 * unit)" }
        fields += [
          "\(p.volume * unit * unit * unit)", "\(p.inscribedDiameter * unit)",
          "\(p.equivalentDiameter * unit)", "\((p.freeSurface + p.contactSurface) * unit * unit)",
        ]
        fields += faces.map { p.faces.contains($0.1) ? "True" : "False" }
      } else {
        fields += pores.map { _ in "" }
      }
      if row < table.contacts.count {
        let c = table.contacts[row]
        let ends = [table.particles[c.first - 1].center, table.particles[c.second - 1].center]
        let length = ends.reduce(0.0) { sum, end in
          let way = end - c.center
          return sum + (way * way).sum().squareRoot()
        }
        fields += ["\(c.first - 1)", "\(c.second - 1)", "\(c.area * unit * unit)"]
        fields += [c.inscribedDiameter, length, c.center.x, c.center.y, c.center.z].map { "\($0 * unit)" }
      } else {
        fields += throats.map { _ in "" }
      }
      lines.append(fields.joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
