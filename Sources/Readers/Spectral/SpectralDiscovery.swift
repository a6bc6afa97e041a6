import Volumetry

/// The spectra of an HDF5 file: which array, which axis is which, the energies.
struct SpectralDiscovery {
  let array: HDF5Dataset
  let axes: [NexusAxis?]
  let layout: SpectralLayout
  let energy: EnergyAxis

  /// - Throws: `missing` where the array that is named, or the file it is linked to, is not there; `data`
  ///   where there is none, several, no energy axis, or no choice of detector element; `usage` where
  ///   options do not fit.
  static func find(
    in file: HDF5File, options: SpectralOpenOptions
  ) throws(VoxelithError) -> SpectralDiscovery {
    if let path = options.dataset {
      return try SpectralDiscovery(try NexusData(at: path, in: file), options: options)
    }
    if let odin = try odin(in: file) { return try SpectralDiscovery(odin, options: options) }
    let found = try NexusDiscovery(file)
    if let preferred = found.preferred, preferred.energyAxis != nil {
      return try SpectralDiscovery(preferred, options: options)
    }
    let spectral = found.all.filter { $0.energyAxis != nil }
    if let only = spectral.first, spectral.count == 1 {
      return try SpectralDiscovery(only, options: options)
    }
    if spectral.isEmpty, found.all.isEmpty, found.arrays.isEmpty, let problem = found.problems.first {
      throw problem
    }
    if spectral.isEmpty, options.energyCoefficients != nil || options.energyDataset != nil,
      let data = found.preferred ?? (found.all.count == 1 ? found.all.first : nil)
    {
      return try SpectralDiscovery(data, options: options)
    }
    let candidates = spectral.isEmpty ? found.arrays : spectral.map(\.signal)
    throw VoxelithError(
      .data,
      spectral.isEmpty
        ? "the file has no data with an energy axis" : "the file has \(spectral.count) sets of spectra",
      file: file.path,
      advice: candidates.isEmpty
        ? nil : "name the dataset; the file holds \(found.candidates(candidates))")
  }

  /// The spectra of a HEXITEC odin file.
  private static func odin(in file: HDF5File) throws(VoxelithError) -> NexusData? {
    let root = try file.root()
    guard root.contains("pixel_spectra") else { return nil }
    return try NexusData(at: "/pixel_spectra", in: file)
  }

  private init(_ data: NexusData, options: SpectralOpenOptions) throws(VoxelithError) {
    let array = data.signal
    let (file, path) = (array.file.path, array.path)
    guard array.type != nil else {
      throw VoxelithError(.data, "the dataset does not hold numbers", file: file, place: path)
    }
    guard let last = array.shape.indices.last, !array.shape.contains(0) else {
      throw VoxelithError(.data, "the array is empty", file: file, place: path)
    }
    let isOdin = path.hasSuffix("pixel_spectra")
    let given = try Self.givenAxis(options, in: array.file)
    let dimension =
      data.energyAxis
      ?? given.flatMap { axis in array.shape.lastIndex { [$0, $0 + 1].contains(axis.values.count) } } ?? last
    let bins = array.shape[dimension]
    self.array = array
    axes = data.axes
    if let axis = try options.energyAxis(count: bins, file: file) {
      energy = axis
    } else if let given {
      energy = try given.energyAxis(
        count: bins, keepsDetectorUnits: options.keepsDetectorUnits, file: file)
    } else if isOdin, let starts = data.group.datasetIfPresent("spectra_bins") {
      energy = try HexitecBins.axis(
        starts: try Self.odinBins(starts, count: bins), keepsDetectorUnits: options.keepsDetectorUnits,
        file: file)
    } else if let axis = data.axes[dimension], axis.isEnergy {
      energy = try axis.energyAxis(
        count: bins, keepsDetectorUnits: options.keepsDetectorUnits, file: file)
    } else {
      throw VoxelithError(
        .data, "the array of \(array.summary) has no energy axis", file: file, place: path,
        advice:
          "give --energy-coefficients (keV at channel 0, keV a channel), or name the dataset of energies "
          + "with --energy-dataset")
    }
    guard energy.count == bins else {
      throw VoxelithError(
        .data, "\(energy.count) energies do not fit \(bins) bins", file: file, place: path)
    }
    let detector = try Self.detectorAxis(data, energy: dimension, isOdin: isOdin, options: options)
    layout = try SpectralLayout(
      shape: array.shape, axes: data.axes, energy: dimension, detector: detector,
      choice: options.detector ?? (isOdin ? .sum : nil), file: file, place: path)
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

  private static func givenAxis(
    _ options: SpectralOpenOptions, in file: HDF5File
  ) throws(VoxelithError) -> NexusAxis? {
    guard let path = options.energyDataset else { return nil }
    let dataset = try file.dataset(at: path)
    return NexusAxis(
      name: path, values: try dataset.readNumbers(), units: dataset.attribute("units")?.string,
      spacing: nil)
  }

  /// The axis of detector elements: the first of a HEXITEC odin file; otherwise, where the caller asks
  /// for elements or the names say that the detector has several, the one before energy.
  private static func detectorAxis(
    _ data: NexusData, energy: Int, isOdin: Bool, options: SpectralOpenOptions
  ) throws(VoxelithError) -> Int? {
    let array = data.signal
    let (file, path) = (array.file.path, array.path)
    var axis: Int?
    let others = array.shape.indices.filter { $0 != energy }
    if isOdin && array.shape.count == 4 {
      axis = 0
    } else if let named = others.first(where: { data.axes[$0]?.isDetector == true }) {
      axis = named
    } else if options.detector != nil || (array.shape.count >= 4 && Self.hasElements(path)) {
      let unnamed = others.filter { data.axes[$0]?.spatial == nil }
      axis = unnamed.last { $0 < energy } ?? unnamed.last
    }
    guard let axis else {
      if options.detector == nil { return nil }
      throw VoxelithError(
        .usage, "the array \(array.summary) has no axis of detector elements", file: file, place: path)
    }
    let count = array.shape[axis]
    switch options.detector {
    case .element(let element)? where !(0..<count).contains(element):
      throw VoxelithError(
        .usage, "there is no detector element \(element): there are \(count), counted from 0", file: file,
        place: path)
    case nil where !isOdin && count > 1:
      throw VoxelithError(
        .data, "the spectra come from \(count) detector elements", file: file, place: path,
        advice: "choose one with --detector N (from 0), or their sum with --detector sum")
    default: return axis
    }
  }

  /// Names under which detectors with several elements store their spectra.
  private static func hasElements(_ path: String) -> Bool {
    let lower = path.lowercased()
    return lower.contains("xspress") || lower.contains("mca") || lower.contains("xmap")
  }
}

extension NexusAxis {
  /// Whether it counts the elements of a detector, by its name.
  var isDetector: Bool {
    let lower = name.lowercased()
    return lower.contains("detector") || lower.contains("element") || lower.contains("channel")
  }
}
