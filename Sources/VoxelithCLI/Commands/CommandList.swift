import ArgumentParser

extension VoxelithCommand {
  /// Every command, in the order of the help.
  static var commands: [any ParsableCommand.Type] {
    [
      SimulateCommand.self, CalibrateCommand.self, MapCommand.self, RegisterCommand.self,
      ResampleCommand.self, CorrelateCommand.self,
    ]
  }
}
