import ArgumentParser
import Voxelith

/// How the points of a scan become voxels.
struct ScanInput: ParsableArguments {
  @Option(
    help: "Energies of the channels in keV: a0,a1[,a2...] for a0 + a1 c + a2 c^2, counted from 0.")
  var energyCoefficients: NumberList?

  @Option(help: "Which elements of the detector: sum, or numbers from 0 as 3, 0,2 or 0-5.")
  var detector: AxisChoice?

  @Option(help: "Which frames of an exposure: sum, or numbers from 0 as 3, 0,2 or 0-5.")
  var frame: AxisChoice?

  @Option(
    help: "Coefficients of every detector element: a text file, a line a0 a1 [a2...] in keV for each.")
  var elementCoefficients: String?

  @Option(
    help: "Places of the points: x=PATH,y=PATH[,z=PATH] of datasets, or none for the order of the array.")
  var positions: PositionChoice?

  @Option(help: "Sides z,y,x (or y,x) of a scan whose points follow one another along x, then y, then z.")
  var scanShape: NumberList?

  @Flag(help: "With --scan-shape: every second row runs backwards.")
  var snake = false

  @Option(help: "Points that fall on one voxel: refuse, sum, first or last.")
  var repeats: RepeatChoice = .refuse

  func validate() throws {
    if let list = energyCoefficients?.values, list.count < 2 {
      throw ValidationError("--energy-coefficients needs keV at channel 0 and keV a channel, as 84.0,0.05")
    }
    guard energyCoefficients == nil || elementCoefficients == nil else {
      throw ValidationError("--energy-coefficients and --element-coefficients exclude each other")
    }
    if let sides = scanShape?.values {
      guard (1...3).contains(sides.count), sides.allSatisfy({ $0 >= 1 && $0 < 1e6 && $0 == $0.rounded() })
      else {
        throw ValidationError("--scan-shape needs up to three whole numbers from 1 up, as 1,40,50")
      }
    }
    guard scanShape != nil || !snake else { throw ValidationError("--snake needs --scan-shape") }
    guard scanShape == nil || positions == nil else {
      throw ValidationError("--scan-shape and --positions exclude each other")
    }
  }

  func apply(to options: inout SpectralOpenOptions) throws {
    options.energyCoefficients = energyCoefficients?.values
    options.detector = detector
    options.frame = frame
    options.positions = positions
    options.scanShape = scanShape?.values.map { Int($0) }
    options.isSnake = snake
    options.repeats = repeats
    if let elementCoefficients {
      let table = try DelimitedTable.read(elementCoefficients)
      options.elementCoefficients = (0..<table.rowCount).map { row in table.columns.map { $0[row] } }
    }
  }
}

extension AxisChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension PositionChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension RepeatChoice: ExpressibleByArgument {}
