import Compton
import Foundation
import Readers
import Results
package import Volumetry

/// What pages see of a map that grows: the last status, the files of the map, and the spectra behind it.
///
/// The watch writes, servers read. Slices come from the files of the folder, which are whole at any moment.
public final class LiveView: Sendable {
  private struct State {
    var folder: String?
    var calibration: Calibration?
    var status: WatchStatus?
    var waiting: String?
    var facts: MapFacts?
    var history = CountHistory()
    var spectra: (any SpectralSource)?
    var isPlain = false
    var listeners: [Int: AsyncStream<String>.Continuation] = [:]
    var next = 0
    var isFinished = false
  }
  private let state = Guarded(State())
  /// Of this process, so that a page sees that another one has taken the place.
  private let run = UUID().uuidString

  /// Pages that may listen at once.
  private static let mostListeners = 64

  public init() {}

  package func open(_ maker: MapMaker) {
    state.withLock { state in
      state.folder = maker.output
      state.calibration = maker.calibration
      // The model of a voxel follows from the map alone where nothing else goes into it.
      state.isPlain =
        maker.settings.method == .profile && maker.settings.fractions == nil
        && maker.settings.absorption == nil
        && maker.settings.components == .known && maker.input.pixelGain == nil
    }
  }

  package func publish(
    _ status: WatchStatus, facts: MapFacts, history: CountHistory, spectra: any SpectralSource
  ) {
    state.withLock { state in
      state.status = status
      state.waiting = nil
      state.facts = facts
      state.history = history
      state.spectra = spectra
    }
    send()
  }

  /// Lets go of the spectra, so that their files can be opened anew.
  package func closeSpectra() { state.withLock { $0.spectra = nil } }

  package func publish(waiting: String) {
    state.withLock { $0.waiting = waiting }
    send()
  }

  private struct Told: Encodable {
    let run: String
    let status: WatchStatus?
    let waiting: String?
  }

  /// The last status as JSON.
  func status() -> String {
    let (status, waiting) = state.withLock { ($0.status, $0.waiting) }
    return Self.json(Told(run: run, status: status, waiting: waiting))
  }

  /// The status now and at each change, as JSON; nil where too many listen. An empty text is a sign of life.
  func changes() -> AsyncStream<String>? {
    let (stream, continuation) = AsyncStream.makeStream(
      of: String.self, bufferingPolicy: .bufferingNewest(2))
    let isLast = state.withLock { state -> Bool? in
      guard !state.isFinished else { return true }
      guard state.listeners.count < Self.mostListeners else { return nil }
      let number = state.next
      state.next += 1
      state.listeners[number] = continuation
      continuation.onTermination = { [weak self] _ in
        self?.state.withLock { $0.listeners[number] = nil }
      }
      return false
    }
    guard let isLast else { return nil }
    continuation.yield(status())
    if isLast { continuation.finish() }
    return stream
  }

  /// Tells all that listen that there is nothing new, so that connections nobody reads are found.
  func beat() {
    for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield("") }
  }

  /// Ends what pages listen to, each with the last status; whether any listened.
  func finish() -> Bool {
    let text = status()
    let listeners = state.withLock { state in
      state.isFinished = true
      return Array(state.listeners.values)
    }
    for listener in listeners {
      listener.yield(text)
      listener.finish()
    }
    return !listeners.isEmpty
  }

  private func send() {
    let text = status()
    for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(text) }
  }

  /// The time until a target reaches an error.
  func timeLeft(_ wanted: Double, of target: SigmaTarget) -> TimeLeft? {
    let (facts, history) = state.withLock { ($0.facts, $0.history) }
    return facts.map { TimeLeft($0, history, wanted: wanted, target: target) }
  }

  /// One slice of a quantity, in single precision.
  struct Slice: Encodable {
    let width: Int
    let height: Int
    let renewal: Int
    /// Base64 of little-endian single precision, row by row.
    let data: String
  }

  /// - Throws: `usage` where there is no such slice; errors of the file.
  func slice(_ quantity: Quantity, axis: Axis, index: Int) throws(VoxelithError) -> Slice {
    let (folder, status) = state.withLock { ($0.folder, $0.status) }
    guard let folder, let status else { throw VoxelithError(.missing, "there is no map yet") }
    let volume = try VolumeFile.open(PathName.join(folder, quantity.file))
    let shape = volume.grid.shape
    let side =
      switch axis {
      case .z: shape.z
      case .y: shape.y
      case .x: shape.x
      }
    guard (0..<side).contains(index) else { throw VoxelithError(.usage, "there is no slice \(index)") }
    var region = Region(whole: shape)
    switch axis {
    case .z: (region.lower.z, region.shape.z) = (index, 1)
    case .y: (region.lower.y, region.shape.y) = (index, 1)
    case .x: (region.lower.x, region.shape.x) = (index, 1)
    }
    let values = try volume.readFloats(region)
    var bytes = Data(capacity: 4 * values.count)
    for value in values {
      let bits = value.bitPattern
      for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }
    return Slice(
      width: axis == .x ? shape.y : shape.x, height: axis == .z ? shape.y : shape.z,
      renewal: status.renewal, data: bytes.base64EncodedString())
  }

  /// What a page may see of a map.
  enum Quantity: String, CaseIterable {
    case x = "li"
    case sigma = "li_sigma"
    case intensity
    case mask

    var file: String { rawValue + ".tif" }
  }

  /// The spectrum of one voxel, with the model of its x where that follows from the map.
  struct Spectrum: Encodable {
    let energy: [Double]
    let counts: [Float?]
    let model: [Double]?
    let x: Float?
    let sigma: Float?
    let mask: Int
    let liveTime: Double?

    enum CodingKeys: String, CodingKey {
      case counts, model, x, sigma, mask
      case energy = "energy_keV"
      case liveTime = "live_time_s"
    }
  }

  /// - Throws: `usage` where there is no such voxel; errors of the files.
  func spectrum(z: Int, y: Int, x: Int) throws(VoxelithError) -> Spectrum {
    let state = state.withLock { ($0.folder, $0.spectra, $0.calibration, $0.isPlain) }
    guard let folder = state.0, let spectra = state.1 else {
      throw VoxelithError(.missing, "there is no map yet")
    }
    let shape = spectra.grid.shape
    guard (0..<shape.z).contains(z), (0..<shape.y).contains(y), (0..<shape.x).contains(x) else {
      throw VoxelithError(.usage, "there is no voxel \(z), \(y), \(x)")
    }
    let region = Region(lower: Shape(z: z, y: y, x: x), shape: Shape(z: 1, y: 1, x: 1))
    let counts = try spectra.readCounts(region)
    func value(_ name: Quantity) throws(VoxelithError) -> Float {
      let volume = try VolumeFile.open(PathName.join(folder, name.file))
      return region.fits(in: volume.grid.shape) ? try volume.readFloats(region)[0] : .nan
    }
    let (found, sigma) = (try value(.x), try value(.sigma))
    let own = spectra.acquisition
    let time =
      own.voxelLiveTimes.map { Double($0[shape.index(z: z, y: y, x: x)]) } ?? own.liveTime
    return Spectrum(
      energy: spectra.energy.centers, counts: counts.map { $0.isFinite ? $0 : nil },
      model: state.3
        ? state.2.flatMap {
          Self.model(
            $0, x: Double(found), intensity: Double((try? value(.intensity)) ?? .nan), time: time,
            axis: spectra.energy)
        } : nil,
      x: found.isFinite ? found : nil, sigma: sigma.isFinite ? sigma : nil,
      mask: Int(try value(.mask)), liveTime: time.flatMap { $0.isFinite ? $0 : nil })
  }

  /// Counts that the calibration expects at an x, with as many in the fit's window as were found, and the background.
  private static func model(
    _ calibration: Calibration, x: Double, intensity: Double, time: Double?, axis: EnergyAxis
  ) -> [Double]? {
    let basis = calibration.methods.profile
    guard x.isFinite, intensity.isFinite, basis.constant.count == axis.count,
      (try? calibration.energyAxis().matches(axis)) == true
    else { return nil }
    let shape = zip(basis.constant, basis.slope).map { max(0, $0 + x * $1) }
    let sum = basis.fitRange.reduce(0) { $0 + shape[$1] }
    guard sum > 0 else { return nil }
    let rate = basis.background.rate
    return shape.indices.map { bin in
      intensity * shape[bin] / sum + (time ?? 0) * (bin < rate.count ? rate[bin] : 0)
    }
  }

  static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
  }
}
