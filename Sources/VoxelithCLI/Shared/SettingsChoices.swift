public import ArgumentParser
public import Voxelith

extension StructureTensorOptions.Direction: ExpressibleByArgument {}
extension StructureTensorOptions.MaskRole: ExpressibleByArgument {}
extension TransportSides: ExpressibleByArgument {}
extension SeparatorFace: ExpressibleByArgument {}
extension PathFace: ExpressibleByArgument {}
extension DiffusionModel.Directions: ExpressibleByArgument {}
extension DiffusionModel.Boundary: ExpressibleByArgument {}
extension OrientationStatistics.Weighting: ExpressibleByArgument {}
extension SegmentationOptions.Denoise: ExpressibleByArgument {}
extension VolumeCopies: ExpressibleByArgument {}
extension Connectivity: ExpressibleByArgument {}
extension ControlSettings.Depth: ExpressibleByArgument {}
extension ControlSettings.Lateral: ExpressibleByArgument {}
extension ProjectionGeometry.Sense: ExpressibleByArgument {}

extension AxisChoiceText: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
