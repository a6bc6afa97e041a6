public import ArgumentParser
public import Voxelith

extension MomentumWindows.Side: ExpressibleByArgument {}
extension MapMethod: ExpressibleByArgument {}
extension CathodePhantom.Pores: ExpressibleByArgument {}
