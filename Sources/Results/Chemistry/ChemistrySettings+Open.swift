import Chemistry
import Readers
public import Volumetry

extension ChemistrySettings {
  /// Opens spectra, or volumes of one energy each where `energies` is given.
  ///
  /// - Throws: `usage` where a folder has no energies or a file has some, and what opening throws.
  public func open(
    _ path: String, input: SpectralInputSettings, memory: Int
  ) throws(VoxelithError) -> any SpectralSource {
    if let ranges { return try points(path, ranges: ranges, input: input, memory: memory) }
    let isStack = EnergyStack.isStack(path)
    guard let energies else {
      guard !isStack else {
        throw VoxelithError(
          .usage, "is a folder or pattern of volumes, whose energies are not known", file: path,
          advice: "give them with --energies, in eV")
      }
      return try input.open(path)
    }
    guard isStack else {
      throw VoxelithError(.usage, "--energies is for a folder or pattern of volumes", file: path)
    }
    try Self.checkVoxelSizeAlone(input, what: "a folder of volumes", file: path)
    return try EnergyStack(path, energies: try numbers(energies), voxelSize: input.voxelSize?.vector)
  }

  /// - Throws: `usage` where more is said of the input than the size of its voxels.
  private static func checkVoxelSizeAlone(
    _ input: SpectralInputSettings, what: String, file: String
  ) throws(VoxelithError) {
    guard case .object(let own) = try SettingsCoding.value(input),
      case .object(let usual) = try SettingsCoding.value(SpectralInputSettings())
    else { return }
    for key in own.keys.sorted() where key != "voxel_size_um" && own[key] != usual[key] {
      throw VoxelithError(.usage, "\(key): is not for \(what)", file: file)
    }
  }

  private func points(
    _ path: String, ranges: String, input: SpectralInputSettings, memory: Int
  ) throws(VoxelithError) -> AtomProbePoints {
    guard energies == nil, species == nil else {
      throw VoxelithError(.usage, "a range file goes without --energies and --species")
    }
    guard let size = input.voxelSize?.vector else {
      throw VoxelithError(
        .usage, "points need the size of the voxels that they are counted in", file: path,
        advice: "give --voxel-size in µm: 2 nm is 0.002")
    }
    try Self.checkVoxelSizeAlone(input, what: "atom probe points", file: path)
    return try AtomProbePoints(
      path, ranges: try RangeFile.read(ranges), background: (background ?? []).compactMap { closed($0) },
      voxelSize: size, memory: memory)
  }

  private func numbers(_ energies: String) throws(VoxelithError) -> [Double] {
    if let list = Self.list(energies) { return list }
    let table = try DelimitedTable.read(energies)
    guard table.columns.count == 1 else {
      throw VoxelithError(
        .data, "has \(table.columns.count) columns; the energies are one number a line", file: energies)
    }
    return table.columns[0]
  }

  /// Files that are read as the input.
  public func inputs(_ path: String) throws(VoxelithError) -> [String] {
    energies != nil && EnergyStack.isStack(path) ? try EnergyStack.files(of: path) : [path]
  }

  /// What is measured.
  ///
  /// - Throws: `usage` where a needed window is missing, `data` where the spectra do not hold it.
  func makeQuantity(
    _ source: any SpectralSource, resources: Resources
  ) throws(VoxelithError) -> any SpectralQuantity {
    switch quantity {
    case .edge: return try edge(source, resources: resources)
    case .peak, .area: return try line(source)
    case .combination: return try combination(source)
    case .composition: return try composition(source)
    }
  }

  private func edge(
    _ source: any SpectralSource, resources: Resources
  ) throws(VoxelithError) -> EdgeQuantity {
    let nominal: Double
    let measure = measure.flatMap { EdgeMeasure(rawValue: $0) } ?? .halfHeight
    var sum: [Double]?
    if e0 == nil || [.derivative, .whiteLine, .whiteLineHeight].contains(measure) {
      sum = try SpectralStatistics.measure(source, resources: resources).sumSpectrum
    }
    if let e0 {
      nominal = e0
    } else {
      nominal = try EdgeQuantity.nominalEdge(
        sum ?? [], energy: source.energy, halfWidth: smoothing, name: source.name)
    }
    var options = EdgeOptions(e0: nominal)
    options.measure = measure
    options.pre = closed(pre)
    options.post = closed(post)
    options.postDegree = postDegree
    options.region = closed(region)
    options.smoothing = smoothing
    options.minimumSigmas = minimumSigmas ?? options.minimumSigmas
    options.noise = noise ?? .counts
    return try EdgeQuantity(options, energy: source.energy, mean: sum, name: source.name)
  }

  private func line(_ source: any SpectralSource) throws(VoxelithError) -> LineQuantity {
    guard let window = closed(window), let background, !background.isEmpty else {
      throw VoxelithError(
        .usage, "a line needs its window and that of the background",
        advice: "give --window LO,HI and --background LO,HI (once or twice), in eV")
    }
    var options = LineOptions(window: window, background: background.compactMap { closed($0) })
    options.measure =
      quantity == .area ? .area : measure.flatMap { LineMeasure(rawValue: $0) } ?? .centroid
    options.secondWindow = closed(secondWindow)
    options.reference = reference
    options.minimumSigmas = minimumSigmas ?? options.minimumSigmas
    options.noise = noise ?? .counts
    return try LineQuantity(options, energy: source.energy, name: source.name)
  }

  private func combination(_ source: any SpectralSource) throws(VoxelithError) -> CombinationQuantity {
    guard let references, !references.isEmpty else {
      throw VoxelithError(.usage, "a combination needs reference spectra", advice: "give --reference FILE")
    }
    let read = try references.map { (path) throws(VoxelithError) in
      let (energy, values) = try ReferenceFile.read(path)
      return ReferenceSpectrum(
        name: PathName.withoutEnding(PathName.last(of: path)), energy: energy, values: values)
    }
    return try CombinationQuantity(
      read, measure: measure.flatMap { CombinationMeasure(rawValue: $0) } ?? .fraction,
      noise: noise ?? .counts, range: closed(range), energy: source.energy, name: source.name)
  }

  private func composition(_ source: any SpectralSource) throws(VoxelithError) -> CompositionQuantity {
    if let points = source as? AtomProbePoints { return try points.composition() }
    guard let species, !species.isEmpty else {
      throw VoxelithError(
        .usage, "a composition needs windows of species, or a range file for points",
        advice: "give --species NAME:LO,HI for each, or --ranges FILE.rrng with a .pos or .epos file")
    }
    let windows = try species.map { (text) throws(VoxelithError) in try Self.window(text) }
    return try CompositionQuantity(
      windows, background: (background ?? []).compactMap { closed($0) }, energy: source.energy,
      name: source.name)
  }

  private static func window(_ text: String) throws(VoxelithError) -> (
    name: String, window: ClosedRange<Double>
  ) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, let pair = list(parts[1]), pair.count == 2, pair[0] < pair[1]
    else {
      throw VoxelithError(.usage, "species: '\(text)' is not NAME:LO,HI with the lower energy first")
    }
    return (parts[0], pair[0]...pair[1])
  }
}

extension AtomProbePoints {
  /// Elements by the atoms of the ranges; the background of a range is that of the windows in equal width.
  ///
  /// - Throws: `usage` where there are fewer than two elements or a window overlaps a range.
  func composition() throws(VoxelithError) -> CompositionQuantity {
    for window in background where ranges.entries.contains(where: { $0.range.overlaps(window) }) {
      throw VoxelithError(
        .usage, "the background from \(window.lowerBound) to \(window.upperBound) Da overlaps a range")
    }
    let width = background.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
    let weights = ranges.elements.map { element in
      var row = [Double](repeating: 0, count: energy.count)
      for (bin, entry) in ranges.entries.enumerated() {
        let atoms = Double(entry.atoms[element] ?? 0)
        row[bin] += atoms
        for index in background.indices {
          row[ranges.entries.count + index] -=
            atoms * (entry.range.upperBound - entry.range.lowerBound) / width
        }
      }
      return row
    }
    return try CompositionQuantity(ranges.elements, weights: weights, bins: energy.count)
  }
}
