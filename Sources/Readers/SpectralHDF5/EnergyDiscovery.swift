import Volumetry

/// The energies of an array of spectra: along which axis, from where, and of which elements.
struct EnergyDiscovery {
  let dimension: Int
  private(set) var energy: EnergyAxis
  /// Whether the file has the highest energy first.
  let isReversed: Bool
  private(set) var origins: [GeometryOrigin]
  /// Where every element of the detector has its own.
  private var polynomials: [EnergyPolynomial] = []
  private var numbers: [Double] = []

  /// The caller's coefficients come first, then the caller's dataset, then the file's energies, then its calibration.
  ///
  /// - Throws: `data` where there are none, they do not fit the bins, or they count channels.
  init(_ data: NexusData, isOdin: Bool, options: SpectralOpenOptions) throws(VoxelithError) {
    let signal = data.signal
    let (file, path) = (signal.file.path, signal.path)
    let last = signal.shape.count - 1
    let given = try options.energyDataset.map { (path) throws(VoxelithError) in
      try signal.file.dataset(at: path)
    }
    let isCalibration = given.map { Self.isCalibration($0, signal) } ?? false
    func fitting(_ count: Int) -> Int? { signal.shape.lastIndex { $0 == count || $0 + 1 == count } }
    let dimension =
      data.energyAxis ?? (isCalibration ? nil : given.flatMap { fitting($0.count ?? 0) }) ?? data.channelAxis
      ?? last
    self.dimension = dimension
    let bins = signal.shape[dimension]
    guard bins >= 2 else {
      throw VoxelithError(
        .data, "the array of \(signal.summary) has \(bins) value along its axis of energy", file: file,
        place: path)
    }
    let channels = data.channels(along: dimension)
    let numbers = channels ?? (0..<bins).map(Double.init)
    var polynomials: [EnergyPolynomial] = []
    var source = ""
    if let coefficients = options.energyCoefficients {
      polynomials = [EnergyPolynomial(coefficients)]
      source = "--energy-coefficients" + (channels == nil ? "" : " at the channels of the file")
    } else if let coefficients = options.elementCoefficients {
      polynomials = coefficients.map { EnergyPolynomial($0) }
      source = "--element-coefficients"
    } else if let given, isCalibration {
      polynomials = try MultichannelData.polynomials(given, channels: numbers.last ?? 0)
      source = "\(given.path), coefficients of the channel"
    } else if given == nil, !isOdin, data.axes[dimension]?.isEnergy != true,
      let stored = MultichannelData.calibration(in: data.group), !options.keepsDetectorUnits
    {
      polynomials = try MultichannelData.polynomials(stored, channels: numbers.last ?? 0)
      source = "\(stored.path), coefficients of the channel"
    }
    self.polynomials = polynomials
    self.numbers = numbers
    if let first = polynomials.first {
      (energy, isReversed) = try first.axis(channels: numbers, file: file)
    } else if let given {
      let axis = NexusAxis(
        name: given.path, values: try given.readNumbers(), units: given.attribute("units")?.string,
        spacing: nil)
      energy = try axis.energyAxis(count: bins, keepsDetectorUnits: options.keepsDetectorUnits, file: file)
      isReversed = axis.isDescending
      source = "\(given.path) (\(axis.units ?? "no unit")), named by --energy-dataset"
    } else if isOdin, let starts = data.group.datasetIfPresent("spectra_bins") {
      energy = try HexitecBins.axis(
        starts: try Self.odinBins(starts, count: bins), keepsDetectorUnits: options.keepsDetectorUnits,
        file: file)
      isReversed = false
      source = "\(starts.path), starts of the bins"
    } else if let axis = data.axes[dimension], axis.isEnergy || options.keepsDetectorUnits {
      energy = try axis.energyAxis(count: bins, keepsDetectorUnits: options.keepsDetectorUnits, file: file)
      isReversed = axis.isDescending
      source =
        "axis \(axis.name) (\(axis.units ?? "no unit: judged by the numbers"))"
        + (axis.values.count == bins + 1 ? ", edges of the bins" : "")
    } else if options.keepsDetectorUnits {
      energy = try EnergyAxis(centers: numbers, file: file)
      isReversed = false
      source = "numbers of the channels"
    } else if data.channelAxis != nil {
      throw EnergyScale.channels(file: file, place: path)
    } else {
      throw VoxelithError(
        .data, "the array of \(signal.summary) has no energy axis", file: file, place: path,
        advice:
          "give --energy-coefficients (keV at channel 0, keV a channel), or name the dataset of energies "
          + "with --energy-dataset")
    }
    guard energy.count == bins else {
      throw VoxelithError(
        .data, "\(energy.count) energies do not fit \(bins) bins", file: file, place: path)
    }
    origins = [GeometryOrigin(energies: energy, source, isReversed: isReversed)]
  }

  /// Whether a dataset that the caller named holds coefficients: by its name, or because no axis has its length.
  private static func isCalibration(_ dataset: HDF5Dataset, _ signal: HDF5Dataset) -> Bool {
    guard MultichannelData.isCalibration(dataset) else { return false }
    let name = dataset.path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    if name.contains("calib") || name.contains("coef") || dataset.shape.count == 2 { return true }
    let count = dataset.shape[0]
    return !signal.shape.contains(count) && !signal.shape.contains(count - 1)
  }

  private static func odinBins(_ starts: HDF5Dataset, count: Int) throws(VoxelithError) -> [Double] {
    let values = try starts.readNumbers()
    guard values.count == count else {
      throw VoxelithError(
        .data, "\(values.count) energies do not fit \(count) bins", file: starts.file.path,
        place: starts.path)
    }
    return values
  }

  /// Puts the counts of each chosen element of an array on the axis of the first, and leaves out bins at the ends that not all of
  /// them reach, where a sum would be too low.
  ///
  /// - Throws: `data` where there are not as many calibrations as elements, or the elements have no two bins in common.
  mutating func rebin(_ array: inout SpectralArray, count: Int) throws(VoxelithError) {
    guard polynomials.count > 1 else { return }
    let (file, path) = (array.array.file.path, array.array.path)
    guard polynomials.count == count else {
      throw VoxelithError(
        .data, "\(polynomials.count) energy calibrations do not fit \(count) detector elements", file: file,
        place: path)
    }
    var kept = 0..<energy.count
    for element in array.elements {
      let (own, reversed) = try polynomials[element].axis(channels: numbers, file: file)
      guard reversed == isReversed else {
        throw VoxelithError(
          .data, "the energies of element \(element) run against those of element 0", file: file, place: path)
      }
      if own == energy { continue }
      array.rebinnings[element] = EnergyRebinning(from: own, to: energy)
      let reach = own.edge(0)...own.edge(own.count)
      let inside = (0..<energy.count).filter { bin in
        let (low, high) = (energy.edge(bin), energy.edge(bin + 1))
        let slack = 1e-6 * (high - low)
        return low >= reach.lowerBound - slack && high <= reach.upperBound + slack
      }
      kept = kept.clamped(to: (inside.first ?? 0)..<((inside.last ?? -1) + 1))
    }
    guard kept.count < energy.count else { return }
    guard kept.count >= 2 else {
      throw VoxelithError(
        .data, "the energies of the chosen detector elements do not overlap", file: file, place: path,
        advice: "check the coefficients of every element, or choose others with --detector")
    }
    origins.append(
      GeometryOrigin(
        GeometryOrigin.binsInCommon,
        "\(kept.count) of \(energy.count): bins at the ends that not every element reaches are left out",
        "energies of \(array.elements.count) elements"))
    array.kept = kept
    energy = try EnergyAxis(centers: Array(energy.centers[kept]), file: file)
  }
}
