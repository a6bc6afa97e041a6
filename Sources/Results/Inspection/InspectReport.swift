public import Readers
public import Volumetry

/// What a file is, and what is in it.
public struct InspectReport: Codable, Sendable {
  public var file: String
  public var volume: VolumeDescription?
  public var statistics: VolumeStatistics?
  public var spectra: SpectralDescription?
  public var spectraStatistics: SpectralStatistics?
  /// Everything in an HDF5 file that holds neither a volume nor spectra that can be told without a name.
  public var tree: HDF5Description?
  public var notes: [String]

  enum CodingKeys: String, CodingKey {
    case file, volume, statistics, spectra, tree, notes
    case spectraStatistics = "spectra_statistics"
  }

  /// Describes a file; with `readsVoxels` the voxels are read once for statistics.
  ///
  /// - Throws: `missing` where there is no file, `data` where it is of no known kind or damaged.
  public init(
    _ path: String, options: VolumeOpenOptions, spectra given: SpectralOpenOptions? = nil, readsVoxels: Bool,
    resources: Resources
  ) throws(VoxelithError) {
    file = path
    notes = []
    var spectralOptions =
      given ?? SpectralOpenOptions(dataset: options.dataset, voxelSize: options.voxelSize)
    // Projections and series are described, too.
    spectralOptions.takesAnyAxis = true
    let looksSpectral = options.rawShape == nil && Self.mayHoldSpectra(path)
    var spectralError: VoxelithError?
    if looksSpectral {
      do throws(VoxelithError) {
        spectra = try SpectralFile.describe(path, options: spectralOptions)
        let source = try SpectralFile.open(path, options: spectralOptions)
        notes += SpectralFile.notices(source)
        if readsVoxels {
          spectraStatistics = try SpectralStatistics.measure(source, resources: resources)
        }
        return
      } catch {
        // What is wrong with spectra is not passed over by taking them for a volume.
        if error.message.hasSuffix("sets of spectra")
          || !SpectralFile.holdsSpectra(path, options: spectralOptions)
        {
          spectralError = error
        } else {
          throw error
        }
      }
    }
    do throws(VoxelithError) {
      volume = try VolumeFile.describe(path, options: options)
      if readsVoxels {
        do throws(VoxelithError) {
          let source = try VolumeFile.open(path, options: options)
          if let notice = VolumeFile.writingNotice(source) { notes.append(notice) }
          statistics = try VolumeStatistics.compute(source, resources: resources)
        } catch  where error.code == .usage || ((volume?.channels ?? 1) > 1 && options.channel == nil) {
          notes.append(error.description)
        }
      }
    } catch {
      if HDF5File.isHDF5(path), error.message.hasPrefix("the file holds") {
        tree = try HDF5File.describe(path)
        notes.append(error.message)
        return
      }
      // Of a text only the reader of spectra knows more than that it is no volume.
      let isText = (try? SpectralFile.format(of: path)) == .text
      throw spectralError.map { isText && error.code == .data ? $0 : error } ?? error
    }
  }

  private static func mayHoldSpectra(_ path: String) -> Bool {
    guard let format = try? SpectralFile.format(of: path) else { return false }
    return format != .text || path.hasSuffix(".csv") || path.hasSuffix(".txt") || path.hasSuffix(".dat")
      || SpectralFile.isMultichannel(path)
  }

  /// The report for people.
  public var lines: [String] {
    var result = [file]
    func add(_ key: String, _ value: String?) {
      if let value { result.append("  " + key.padded(to: 14) + value) }
    }
    func numbers(_ values: [Double], _ unit: String) -> String {
      values.map { text($0) }.joined(separator: " x ") + " " + unit
    }
    func text(_ value: Double) -> String {
      value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(rounded(value, digits: 6))"
    }
    func addOrigins(_ origins: [GeometryOrigin]) {
      for origin in origins {
        // Files write "um", people read "µm".
        let value = origin.value.split(separator: " ", omittingEmptySubsequences: false)
          .map { $0 == "um" ? "\u{00B5}m" : String($0) }.joined(separator: " ")
        add("from", "\(origin.quantity): \(value)  [\(origin.source)]")
      }
    }
    if let volume {
      add("kind", volume.kind)
      add("shape", volume.shape.map(String.init).joined(separator: " x ") + " (z, y, x) \(volume.type)")
      add("voxel size", volume.voxelSizeUm.map { numbers($0, "µm (z, y, x)") } ?? "not known")
      if volume.channels > 1 { add("channels", "\(volume.channels)") }
      add("compression", volume.compression)
      add("array", volume.dataset)
      addOrigins(volume.origins)
      for note in volume.notes { add("note", note) }
    }
    if let statistics {
      if let low = statistics.minimum, let high = statistics.maximum {
        add("range", "\(text(low)) to \(text(high))")
      }
      if let mean = statistics.mean {
        add(
          "mean",
          "\(text(mean))" + (statistics.standardDeviation.map { ", standard deviation \(text($0))" } ?? ""))
      }
      if let quantiles = statistics.quantiles {
        add(
          "quantiles", quantiles.map { "\(text(100 * $0.part)) %: \(text($0.value))" }.joined(separator: ", ")
        )
      }
      if let outliers = statistics.outliers {
        add(
          "outliers",
          "\(outliers.voxels) voxels lie far outside the values of all others (\(text(outliers.lower)) to \(text(outliers.upper)))"
        )
      }
      if statistics.missing > 0 { add("missing", "\(statistics.missing) voxels (NaN)") }
    }
    if let spectra {
      add("kind", "spectra (\(spectra.format.rawValue))" + (spectra.dataset.map { " in \($0)" } ?? ""))
      add("voxels", spectra.shape.map(String.init).joined(separator: " x ") + " (z, y, x)")
      add("voxel size", spectra.voxelSize.map { numbers($0, "µm (z, y, x)") } ?? "not known")
      add(
        "energy",
        "\(spectra.bins) bins, \(text(spectra.energyRange[0])) to \(text(spectra.energyRange[1])) keV")
      add("beam", spectra.incidentEnergy.map { "\(text($0)) keV" })
      add(
        "angle",
        spectra.scatteringAngle.map {
          "\(text($0)) degrees" + (spectra.hasAnglePerPixel ? " (mean; one per pixel)" : "")
        })
      add("resolution", spectra.energyResolution.map { "\(text($0)) keV FWHM" })
      add("live time", spectra.liveTime.map { "\(text($0)) s" })
      addOrigins(spectra.origins)
    }
    if let statistics = spectraStatistics {
      add(
        "counts",
        "\(text(statistics.totalCounts / Double(max(1, statistics.voxels)))) a voxel (mean), "
          + "\(text(statistics.largestCount)) in the fullest bin")
      if statistics.emptyVoxels > 0 { add("empty", "\(statistics.emptyVoxels) voxels without counts") }
      if statistics.negativeCounts > 0 { add("negative", "\(statistics.negativeCounts) counts are negative") }
      if statistics.invalidCounts > 0 { add("invalid", "\(statistics.invalidCounts) counts are not numbers") }
    }
    if let tree {
      add("kind", "hdf5 without a volume or spectra that need no name")
      for entry in tree.entries where entry.kind != .group {
        result.append(
          "    \(entry.path) "
            + (entry.shape.map { "[" + $0.map(String.init).joined(separator: ", ") + "] " } ?? "")
            + (entry.type ?? "") + (entry.problem.map { " broken: \($0)" } ?? ""))
      }
    }
    for note in notes { add("note", note) }
    return result
  }
}

extension String {
  func padded(to width: Int) -> String {
    count >= width ? self + " " : self + String(repeating: " ", count: width - count)
  }
}
