import Microstructure
import Readers
import Registration
import Results
import Volumetry

extension StageDefinition {
  /// Descriptors of the microstructure on the grid of the spectra.
  static let fields = StageDefinition(
    name: "fields", reads: ["segment", "orient", "pores", "paths", "register", "fractions"],
    absence: { _, plan in
      guard plan.has("register") else { return "it needs register" }
      return ["orient", "pores", "paths", "fractions"].contains { plan.has($0) }
        ? nil : "there is nothing to put on the grid"
    },
    cost: { StageCost(0.1 * $0.million / $0.threads, $0.streamed) },
    prepare: { (pipeline, folder) throws(VoxelithError) in try pipeline.fieldStage(folder) })
}

extension Pipeline {
  fileprivate func fieldStage(_ folder: String) throws(VoxelithError) -> Stage {
    let fine = try fineGrid()
    let pore = file.phases.pore
    let spread = try file.register.spread()
    let axis = file.correlate.depthAxis
    let settings = try orientSettings()
    let tensor = try settings.options(for: fine)
    let measuresThickness = file.pores?.thickness ?? true
    let thickness = plan.has("pores") && measuresThickness ? folder + "/pores/thickness.tif" : nil
    let orientation =
      plan.has("orient") ? [folder + "/orient/orientation.tif", folder + "/orient/anisotropy.tif"] : []
    let paths =
      plan.has("paths") ? [FieldFolder.pathLength, FieldFolder.pathTortuosity] : []
    let pathFiles = ["length", "tortuosity"].prefix(paths.count).map { folder + "/paths/\($0).tif" }
    return try Stage(
      "fields",
      inputs: [folder + "/register/transform.json"] + orientation
        + pathFiles + [thickness, labelPath(folder)].compactMap { $0 },
      settings: [
        "pore": pore, "psf_fwhm_um": file.register.pointSpread, "depth_axis": axis,
        "orient": orientation.isEmpty ? nil : settings, "thickness": thickness != nil,
        "paths": paths.map(\.name),
        "labels": file.inputs.labelVolume, "fine_grid": GridSettings(fine),
        "coarse_grid": GridSettings(try coarseGrid()),
      ]
    ) { (work, resources) throws(VoxelithError) in
      let transform = try alignment(folder).transform
      let target = try coarseGrid()
      let projection = try FieldProjection(onto: target, through: transform, spread: spread)
      var writer = FieldFolder.Writer(folder: work)
      if orientation.count == 2 {
        let grid = tensor.outputGrid(for: fine)
        var vectors: [any VolumeSource] = []
        for channel in 0..<3 {
          vectors.append(
            try PlacedVolume(
              try VolumeFile.open(orientation[0], options: VolumeOpenOptions(channel: channel)), on: grid))
        }
        let fields = try projection.orientation(vectors: vectors, resources: resources)
        try writer.add(FieldFolder.poreAngle, fields.polarAngle)
        try writer.add(FieldFolder.poreAlignment, fields.anisotropy)
        let local = try PlacedVolume(try VolumeFile.open(orientation[1]), on: grid)
        try writer.add(
          FieldFolder.anisotropy, try projection.means(of: [local], resources: resources)[0])
      }
      if let thickness {
        let diameters = try PlacedVolume(try VolumeFile.open(thickness), on: fine)
        try writer.add(
          FieldFolder.thickness,
          try projection.means(
            of: [diameters], within: try openLabels(folder), phases: [pore], resources: resources)[0])
      }
      for (field, file) in zip(paths, pathFiles) {
        // NaN outside the phase that paths run through, and where no path reaches the face.
        let values = try PlacedVolume(try VolumeFile.open(file), on: fine)
        try writer.add(field, try projection.means(of: [values], resources: resources)[0])
      }
      let depth = DepthField(
        grid: target, transform: transform, axis: axis, surface: Self.lowerFace(fine, axis))
      try writer.add(FieldFolder.depth, try depth.loadFloats())
      try writer.finish()
    }
  }

  private static func lowerFace(_ grid: Grid, _ axis: Axis) -> Double {
    switch axis {
    case .x: grid.origin.x
    case .y: grid.origin.y
    case .z: grid.origin.z
    }
  }
}
