import ArgumentParser

extension VoxelithCommand {
  /// Every command, in the order of the help.
  static var commands: [any ParsableCommand.Type] {
    [
      DemoCommand.self,
      RunCommand.self,
      CheckCommand.self,
      MergeCommand.self,
      SlurmCommand.self,
      ReplayCommand.self,
      CleanCommand.self,
      InspectCommand.self,
      ImportCommand.self,
      SimulateCommand.self,
      CalibrateCommand.self,
      ValidateCommand.self,
      PlanCommand.self,
      CalibrateEnergyCommand.self,
      ScatterCommand.self,
      MapCommand.self,
      WatchCommand.self,
      ReconstructCommand.self,
      SeriesCommand.self,
      DiffuseCommand.self,
      ChemistryCommand.self,
      SegmentCommand.self,
      OrientCommand.self,
      PoresCommand.self,
      ParticlesCommand.self,
      InterfacesCommand.self,
      PathsCommand.self,
      TransportCommand.self,
      RegisterCommand.self,
      ResampleCommand.self,
      CorrelateCommand.self,
      RenderCommand.self,
      StackCommand.self,
      ReportCommand.self,
      ExportCommand.self,
    ]
  }
}
