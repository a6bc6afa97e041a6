import Voxelith

/// Where phases meet.
enum Interfaces: Operation {
  static let name = "interfaces"
  static let summary =
    "Measure contact areas between phases, triple-phase lines, Euler number and connectivity."
  static let sections = [
    Section("interfaces", InterfacesSettings.self, "Which phases are meant."),
    Section("labels", VolumeInputSettings.self, "How the file of the labels is opened."),
  ]
  static let inputs = ["labels": "Labels (z, y, x), or a file."]

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(InterfacesSettings.self, "interfaces")
    let source = try job.measured("labels", try job.request.settings(VolumeInputSettings.self, "labels"))
    let path = try job.input("labels").path
    try job.give(report: try settings.measure(source, file: path ?? source.name, resources: job.resources))
  }
}
