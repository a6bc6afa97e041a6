import Compton
import Readers
import Transport
import Volumetry

/// The maps of a folder that `series` wrote, as the fit of a diffusivity takes them.
struct OperandoSeries {
  let grid: Grid
  let names: [String]
  let states: [OperandoState]
  /// Standard error of the mean x that all states share.
  let sharedSigma: Double

  /// What is needed of `series.json`, whatever else it holds.
  private struct Listing: Decodable {
    struct Entry: Decodable {
      let state: State
    }
    struct State: Decodable {
      let name: String
      let seconds: Double?

      enum CodingKeys: String, CodingKey {
        case name
        case seconds = "time_s"
      }
    }
    let states: [Entry]
  }

  /// The files of a series that are read.
  static func files(_ folder: String) throws(VoxelithError) -> [String] {
    let listing = try ResultFile.read(Listing.self, folder + "/series.json")
    return [folder + "/series.json"]
      + listing.states.flatMap { entry in
        ["li.tif", "li_sigma.tif", "mask.tif", "map.json"].map { "\(folder)/\(entry.state.name)/\($0)" }
      }
  }

  /// - Throws: `missing` and `data` where the folder is not one of `series`, has no times or maps whose voxels share their errors.
  init(_ folder: String, times: [Double]?) throws(VoxelithError) {
    let listing = try ResultFile.read(Listing.self, folder + "/series.json").states.map(\.state)
    guard times == nil || times?.count == listing.count else {
      throw VoxelithError(
        .usage, "times_s: \(times?.count ?? 0) times for \(listing.count) states", file: folder)
    }
    var states: [OperandoState] = []
    var grid: Grid?
    var shared = 0.0
    var misfits: [Misfit?] = []
    for (index, state) in listing.enumerated() {
      guard let seconds = times?[index] ?? state.seconds else {
        throw VoxelithError(
          .data, "the states of the series have no times", file: folder + "/series.json",
          advice: "give them (series --at 0h,1h,2h, or diffuse --at)")
      }
      let place = "\(folder)/\(state.name)"
      let report = try ResultFile.read(MapReport.self, place + "/map.json")
      guard report.binning == nil, report.prior == nil else {
        throw VoxelithError(
          .data, "the map was smoothed or merged, so that its voxels share their errors", file: place,
          advice: "map the states without --denoise and --bin-to-sigma")
      }
      let source = try VolumeFile.open(place + "/li.tif")
      guard source.grid.hasKnownSpacing else {
        throw VoxelithError(
          .data, "the maps have no voxel size, without which there is no diffusivity",
          file: place + "/li.tif",
          advice: "map the states with --voxel-size")
      }
      let whole = Region(whole: source.grid.shape)
      var x = try source.readFloats(whole)
      var sigma = try VolumeFile.open(place + "/li_sigma.tif").readFloats(whole)
      let mask = try VolumeFile.open(place + "/mask.tif").readFloats(whole)
      guard grid == nil || grid?.shape == source.grid.shape, sigma.count == x.count, mask.count == x.count
      else {
        throw VoxelithError(.data, "the maps of the states lie on different grids", file: place)
      }
      grid = grid ?? source.grid
      let common = report.meanSharedSigma ?? 0
      for voxel in x.indices {
        if mask[voxel] != 0 { x[voxel] = .nan }
        // What the calibration adds is the same function of x in all voxels.
        let all = Double(sigma[voxel])
        sigma[voxel] = Float(max(0.04 * all * all, all * all - common * common).squareRoot())
      }
      if index == 0, let parts = report.meanXSigmaParts {
        let list = [parts.standards, parts.standardsX, parts.fractions ?? 0, parts.alignment ?? 0]
        shared = list.reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      misfits.append(report.misfit)
      states.append(OperandoState(seconds: seconds, x: x, sigma: sigma, commonSigma: 0))
    }
    let instrument = InstrumentErrors(misfits)
    for index in states.indices { states[index].commonSigma = instrument.ownSigma(index) }
    if !misfits.isEmpty {
      let (all, own) = (instrument.sigma(0), instrument.ownSigma(0))
      shared = (shared * shared + max(0, all * all - own * own)).squareRoot()
    }
    guard let grid else {
      throw VoxelithError(.data, "the series holds no states", file: folder + "/series.json")
    }
    self.grid = grid
    names = listing.map(\.name)
    self.states = states
    sharedSigma = shared
  }
}
