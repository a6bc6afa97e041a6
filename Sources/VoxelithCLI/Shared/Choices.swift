public import ArgumentParser
public import Voxelith

extension VoxelType: ExpressibleByArgument {}
extension MomentumWindows.Side: ExpressibleByArgument {}
extension MapMethod: ExpressibleByArgument {}
extension CathodePhantom.Pores: ExpressibleByArgument {}
extension ComponentModel: ExpressibleByArgument {}
extension PanelSpec.Kind: ExpressibleByArgument {}

extension PriorChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
