public import Compton
public import Volumetry

/// What a plan of beam time is asked for.
public struct PlanRequest: OperationSettings {
  public var target: Double?
  public var difference: Double?
  public var seconds: Double?
  public var rate: Double?
  public var rateVoxelSize: LengthsZYX?
  public var voxelSize: LengthsZYX?
  public var x: Double?
  public var background: Double?
  public var binning = PlanSettings().binnings
  public var significance = PlanSettings().significance
  public var power = PlanSettings().power
  public var voxels: Int?
  public var atOnce = PlanSettings().atOnce

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case target, difference, rate, x, background, binning, significance, power, voxels
    case seconds = "time_s"
    case rateVoxelSize = "rate_voxel_size_um"
    case voxelSize = "voxel_size_um"
    case atOnce = "at_once"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .target: "Target sigma(x) of a voxel."
    case .difference: "Smallest difference of x between two voxels or states that must be detected."
    case .seconds: "Time for each voxel in s."
    case .rate: "Net counts per second of a voxel within the fit's window."
    case .rateVoxelSize: "Voxel size that the rate belongs to, in um."
    case .voxelSize: "Voxel size that is planned, in um."
    case .x: "x at which errors are told; by default the middle of the calibrated range."
    case .background: "Background counts over net counts; by default that of the calibration."
    case .binning: "Sides of the cubes of voxels that are added up."
    case .significance: "Standard deviations that a difference must have to be believed."
    case .power: "Probability that a difference at the detection limit is seen, from 0.5 up."
    case .voxels: "Voxels of the whole map."
    case .atOnce: "Voxels that the detector sees at once."
    }
  }

  public func validate() throws(VoxelithError) { try settings().validate() }

  /// The question as the planning takes it.
  ///
  /// - Parameter measured: rate, background and voxel size of spectra, which stand where nothing else is said.
  public func settings(measured: CountRate? = nil) -> PlanSettings {
    func volume(_ size: LengthsZYX?) -> Double? { size.map { $0.vector.x * $0.vector.y * $0.vector.z } }
    var settings = PlanSettings()
    settings.x = x
    settings.target = target
    settings.difference = difference
    settings.seconds = seconds
    settings.binnings = binning
    settings.significance = significance
    settings.power = power
    settings.voxels = voxels
    settings.atOnce = atOnce
    settings.rate = rate ?? measured?.rate
    settings.backgroundFraction = background ?? measured?.backgroundFraction
    settings.volume = volume(voxelSize)
    settings.rateVolume = volume(rateVoxelSize) ?? measured?.volume
    return settings
  }
}
