public import ArgumentParser
public import Voxelith

extension VoxelType: ExpressibleByArgument {}
extension MomentumWindows.Side: ExpressibleByArgument {}
extension MapMethod: ExpressibleByArgument {}
extension MapFormat: ExpressibleByArgument {}
extension CathodePhantom.Pores: ExpressibleByArgument {}
extension ComponentModel: ExpressibleByArgument {}
extension PanelSpec.Kind: ExpressibleByArgument {}
extension FigureLayout: ExpressibleByArgument {}
extension RepeatChoice: ExpressibleByArgument {}

extension AxisChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension PositionChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension SigmaTarget: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension ServerAddress: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension PriorChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
