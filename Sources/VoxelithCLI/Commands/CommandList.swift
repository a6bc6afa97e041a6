import ArgumentParser

extension VoxelithCommand {
  /// Every command, in the order of the help.
  static var commands: [any ParsableCommand.Type] {
    [
      InspectCommand.self, SimulateCommand.self, CalibrateCommand.self, MapCommand.self,
      TransportCommand.self,
    ]
  }
}
