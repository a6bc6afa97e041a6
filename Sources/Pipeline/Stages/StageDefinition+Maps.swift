import Foundation
import Readers
import Registration
import Results
import Volumetry

extension StageDefinition {
  /// Maps of other quantities on the grid of the spectra; only where they are named.
  static let maps = StageDefinition(
    name: "maps", reads: ["register"],
    absence: { file, _ in
      file.maps.isEmpty ? "not requested; add 'maps: [{name: ..., file: ...}]' to run it" : nil
    },
    cost: { StageCost(1 + 0.05 * $0.million, $0.streamed) },
    prepare: { (pipeline, folder) throws(VoxelithError) in try pipeline.mapsStage(folder) })
}

extension Pipeline {
  /// Names that fields of other stages have.
  static let takenNames: Set<String> = [
    "lithium", freeLithium, "porosity", FieldFolder.poreAngle.name, FieldFolder.poreAlignment.name,
    FieldFolder.anisotropy.name, FieldFolder.thickness.name, FieldFolder.pathLength.name,
    FieldFolder.pathTortuosity.name, FieldFolder.depth.name, "z_index", "y_index", "x_index", "z_um", "y_um",
    "x_um",
  ]

  /// The maps with paths as the process sees them.
  var resolvedMaps: [(map: GivenMapSettings, volume: VolumeInputSettings)] {
    file.maps.map { ($0.map.resolved(resolve), $0.volume) }
  }

  fileprivate func mapsStage(_ folder: String) throws(VoxelithError) -> Stage {
    let entries = file.maps
    let onTomogram = entries.contains { $0.map.isOnTomogram }
    var inputs = resolvedMaps.flatMap { GivenMap.inputs($0.map) }
    var keyed: [String: any Encodable] = [
      "maps": entries, "coarse_grid": GridSettings(try coarseGrid()),
    ]
    if onTomogram {
      inputs.append(folder + "/register/transform.json")
      keyed["fine_grid"] = GridSettings(try fineGrid())
    }
    return try Stage("maps", inputs: inputs, settings: keyed) { (work, resources) throws(VoxelithError) in
      let target = try coarseGrid()
      var all: [GivenMapFolder.Entry] = []
      for (settings, volume) in resolvedMaps {
        let map = try GivenMap(settings, input: volume)
        let transform: SpatialTransform
        let frame: Grid?
        if let path = settings.transform {
          (transform, frame) = (try SpatialTransform.read(path: path), nil)
        } else if settings.isOnTomogram {
          (transform, frame) = (try alignment(folder).transform, try fineGrid())
        } else {
          (transform, frame) = (.identity, target)
        }
        all.append(
          try map.write(
            through: try FieldProjection(onto: target, through: transform), on: frame, to: work,
            resources: resources))
      }
      try JSONOutput.write(all, to: work + "/" + GivenMapFolder.index, overwrite: true)
    }
  }

  /// What the stage has written.
  func placedMaps(_ folder: String) throws(VoxelithError) -> [GivenMapFolder.Entry] {
    try ResultFile.read([GivenMapFolder.Entry].self, folder + "/maps/" + GivenMapFolder.index)
  }

  /// The files of the stage, for the keys of those that read them.
  func mapFiles(_ folder: String) -> [String] {
    let entries = (try? placedMaps(folder)) ?? []
    let volumes = entries.flatMap { $0.sigma == nil ? [$0.file] : [$0.file, $0.sigmaFile] }
    return ([GivenMapFolder.index] + volumes).map { folder + "/maps/" + $0 }
  }
}
