package import Volumetry

extension HDF5Output {
  /// Writes the signal and axes of an NXdata group and the centres of the voxels along z, y, x.
  ///
  /// Each axis also carries its `spacing`, without which an axis of one voxel would lose it. Where the
  /// size of the voxels is not known the axes count voxels.
  package func axes(
    of grid: Grid, in group: String, signal: String, further: [String] = []
  ) throws(VoxelithError) {
    try attribute("signal", .strings([signal]), of: group)
    try attribute("axes", .strings(["z", "y", "x"] + further), of: group)
    for (index, name) in (["z", "y", "x"] + further).enumerated() {
      try attribute("\(name)_indices", .numbers([Double(index)]), of: group, stored: .int32)
    }
    for (axis, place) in [(Axis.z, 2), (.y, 1), (.x, 0)] {
      let step = grid.spacing[place]
      let count = grid.shape[axis]
      let centers = (0..<count).map { grid.origin[place] + (Double($0) + 0.5) * step }
      let path = "\(group)/\(axis.rawValue)"
      try value(
        path, .numbers(centers), shape: [count], units: grid.hasKnownSpacing ? "um" : "pixel")
      try attribute("spacing", .numbers([step]), of: path)
    }
  }

  /// Writes `/entry/instrument` with what is known of the measurement.
  func instrument(_ acquisition: Acquisition, shape: Shape) throws(VoxelithError) {
    try group("/entry/instrument", class: "NXinstrument")
    try group("/entry/instrument/beam", class: "NXbeam")
    try group("/entry/instrument/detector", class: "NXdetector")
    if let energy = acquisition.incidentEnergy {
      try value("/entry/instrument/beam/incident_energy", .numbers([energy]), units: "keV")
    }
    let detector = "/entry/instrument/detector"
    switch acquisition.scatteringAngle {
    case .uniform(let angle)?:
      try value("\(detector)/scattering_angle", .numbers([angle]), units: "deg")
    case .perPixel(let height, let width, let values)?:
      try value(
        "\(detector)/scattering_angle", .numbers(values), shape: [height, width], units: "deg")
    case nil: break
    }
    if let resolution = acquisition.energyResolution {
      try value("\(detector)/energy_resolution", .numbers([resolution]), units: "keV")
    }
    if let times = acquisition.voxelLiveTimes {
      try value(
        "\(detector)/live_time", .numbers(times.map { Double($0) }), shape: [shape.z, shape.y, shape.x],
        units: "s")
    } else if let liveTime = acquisition.liveTime {
      try value("\(detector)/live_time", .numbers([liveTime]), units: "s")
    }
  }

  /// Writes `/entry/process` with the program that made the file.
  package func process(program: (name: String, version: String), note: String?) throws(VoxelithError) {
    try group("/entry/process", class: "NXprocess")
    try value("/entry/process/program", .strings([program.name]))
    try value("/entry/process/version", .strings([program.version]))
    guard let note else { return }
    try group("/entry/process/note", class: "NXnote")
    try value("/entry/process/note/type", .strings(["application/json"]))
    try value("/entry/process/note/data", .strings([note]))
  }
}
