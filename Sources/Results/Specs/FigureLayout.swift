import Foundation
import Readers
public import Volumetry

/// Figures of a fixed arrangement that need nothing but folders of results.
public enum FigureLayout: String, Sendable, CaseIterable {
  /// A row for each structure: its pores in three dimensions, then its voxel maps of lithium in each state, on one scale
  /// of colours, and where folders of all rows hold what `diffuse` wrote, the diffusivities on one axis (the layout of figure 8 of C. Huang, M. Wilson, K. Suzuki et al., Adv. Sci. 9 (2022) 2105723).
  case poresAndStates = "pores-and-states"
  /// A row for each folder: the map in three dimensions, then two slices across each other with the gradient of x as
  /// arrows where it exceeds its error, as valence maps of X-ray absorption are shown.
  case gradients

  /// - Parameters:
  ///   - folders: of `map` or `run`; for ``poresAndStates`` the states of one structure after each other.
  ///   - states: folders of one structure.
  ///   - phase: label of the pores.
  ///   - titles: one for each folder; their names without.
  /// - Throws: `usage` where the folders do not fill the rows, `missing` where a folder holds no map or no labels.
  public func figure(
    of folders: [String], states: Int = 2, phase: Int = 0, titles: [String]? = nil
  ) throws(VoxelithError) -> FigureSpec {
    guard !folders.isEmpty else { throw VoxelithError(.usage, "the figure needs folders of results") }
    let names = titles ?? folders.map { PathName.last(of: $0) }
    guard names.count == folders.count else {
      throw VoxelithError(.usage, "there are \(names.count) titles for \(folders.count) folders")
    }
    var panels: [PanelSpec] = []
    var group = self == .gradients ? 3 : states + 1
    switch self {
    case .poresAndStates:
      guard states > 0, folders.count % states == 0 else {
        throw VoxelithError(
          .usage, "the number of folders is \(folders.count), which is not a multiple of \(states) states",
          advice: "name the folders of all states of a structure one after the other, or give --states")
      }
      let diffusivities = try Self.diffusivities(
        stride(from: 0, to: folders.count, by: states).map { Array(folders[$0..<($0 + states)]) })
      if diffusivities != nil { group += 1 }
      for (index, folder) in folders.enumerated() {
        let row = Array(names[(index / states * states)..<(index / states * states + states)])
        let (common, own) = Self.split(row)
        if index % states == 0 {
          var pores = SurfacePanelSpec(
            file: try Self.find(
              ["segment/labels.tif", "labels.tif"], "labels of the phases (segment/labels.tif)", in: folder,
              advice: "give a folder that run wrote, or put labels.tif beside the map"))
          pores.view.phase = phase
          pores.title = common.isEmpty ? "pores" : common + " pores"
          panels.append(.surface(pores))
        }
        panels.append(try Self.map(folder, own[index % states]))
        if let ends = diffusivities, index % states == states - 1 {
          var panel = DiffusivityPanelSpec(file: ends.files[index / states])
          panel.range = [0, ends.highest]
          panel.title = "diffusivity"
          panels.append(.diffusivity(panel))
        }
      }
    case .gradients:
      for (folder, name) in zip(folders, names) {
        panels.append(try Self.map(folder, name))
        for axis in ["z", "y"] {
          var slice = SlicePanelSpec(file: try Self.lithium(folder))
          slice.plane.axis = axis
          slice.gradient = true
          slice.title = "slice across \(axis)"
          panels.append(.slice(slice))
        }
      }
    }
    var spec = FigureSpec(panels: panels)
    spec.group = group
    spec.sharedRange = true
    spec.doubleColumn = true
    spec.preset = "wiley"
    return spec
  }

  /// What `diffuse` found of each row, where it found something of all of them, and the highest end of all intervals.
  private static func diffusivities(
    _ rows: [[String]]
  ) throws(VoxelithError) -> (files: [String], highest: Double)? {
    var files: [String] = []
    var highest = 0.0
    for row in rows {
      let names = row.flatMap { folder in
        ["diffuse/diffusivity.json", "diffusivity.json"].map { PathName.join(folder, $0) }
      }
      guard let file = names.first(where: { FileManager.default.fileExists(atPath: $0) }) else { return nil }
      let report = try ResultFile.read(DiffusivityReport.self, file)
      guard let top = report.highestDiffusivity else { return nil }
      highest = max(highest, top)
      files.append(file)
    }
    return (files, 1.05 * highest)
  }

  /// The words that the names of a row begin with, and the rest of each: `directional` with `charged` and `discharged`. Names that
  /// would be empty or equal stay whole.
  static func split(_ names: [String]) -> (common: String, own: [String]) {
    func words(_ name: String) -> [String] {
      name.replacing("\\_", with: "_").split { "-_ /".contains($0) }.map(String.init)
    }
    let parts = names.map(words)
    guard let first = parts.first, names.count > 1 else { return ("", names) }
    var count = 0
    while count < first.count, parts.allSatisfy({ count < $0.count && $0[count] == first[count] }) {
      count += 1
    }
    let own = parts.map { $0.dropFirst(count).joined(separator: " ") }
    guard count > 0, !own.contains(""), Set(own).count == own.count else { return ("", names) }
    return (first[..<count].joined(separator: " "), own)
  }

  private static func map(_ folder: String, _ title: String) throws(VoxelithError) -> PanelSpec {
    var panel = VolumePanelSpec(file: try lithium(folder))
    panel.voxels = true
    panel.title = title
    return .volume(panel)
  }

  private static func lithium(_ folder: String) throws(VoxelithError) -> String {
    try find(["map/li.tif", "li.tif"], "map (li.tif)", in: folder)
  }

  private static func find(
    _ names: [String], _ what: String, in folder: String,
    advice: String = "give a folder that run or map wrote"
  ) throws(VoxelithError) -> String {
    for name in names.map({ PathName.join(folder, $0) }) where FileManager.default.fileExists(atPath: name) {
      return name
    }
    throw VoxelithError(
      .missing, "the folder holds no \(what)", file: folder,
      advice: advice)
  }
}

extension PanelSpec {
  /// The file of standard errors that the program wrote beside a map, or the map's own where it holds them, too; nil where
  /// there is none.
  public static func sigma(besideFile path: String, dataset: String? = nil) -> String? {
    KnownQuantity.sigma(besideFile: path, dataset: dataset)
  }
}
