extension VolumeDescription {
  /// Whether the channels are the projections of a scan, which are no volumes.
  public var holdsProjections: Bool { channelsAlong == AxisSense.angles }
}
