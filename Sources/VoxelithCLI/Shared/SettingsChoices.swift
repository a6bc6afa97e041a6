public import ArgumentParser
public import Voxelith

extension StructureTensorOptions.Direction: ExpressibleByArgument {}
extension StructureTensorOptions.MaskRole: ExpressibleByArgument {}
extension OrientationStatistics.Weighting: ExpressibleByArgument {}
extension SegmentationOptions.Denoise: ExpressibleByArgument {}
extension Connectivity: ExpressibleByArgument {}
extension ControlSettings.Depth: ExpressibleByArgument {}
extension ControlSettings.Lateral: ExpressibleByArgument {}
extension RepeatChoice: ExpressibleByArgument {}

extension AxisChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension PositionChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
