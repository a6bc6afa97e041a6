import Volumetry

extension ResultFolder {
  /// Folders within it, "" for itself, that hold the stages of a pipeline, by the records of these.
  var pipelines: [String] {
    let stages = results.filter { PathName.last(of: $0) == "stage.json" }.map { PathName.folder(of: $0) }
    return Set(stages.filter { !$0.isEmpty }.map { PathName.folder(of: $0) }).sorted()
  }

  /// Whether a page of a pipeline's folder shows one of its entries: results and figures of all stages but the page itself, and
  /// volumes on the coarse grid.
  public static func isOnPage(_ entry: String) -> Bool {
    guard let stage = entry.split(separator: "/").first.map(String.init), stage != "report" else {
      return false
    }
    guard isVolume(entry) else { return true }
    let name = PathName.last(of: entry)
    if stage == plainMap { return ["li.tif", "li_sigma.tif", "intensity.tif"].contains(name) }
    // Modes of the errors of fractions are for programs, and many.
    return ["map", "fractions", "fields", "maps", "register"].contains(stage) && name != "fraction_modes.tif"
  }

  /// Whether a file is of the map that a pipeline makes on the way, as if the active material were alone.
  static func isPlainMap(_ entry: String) -> Bool {
    PathName.last(of: PathName.folder(of: entry)) == plainMap
  }

  private static let plainMap = "map-plain"

  /// The folder as a page shows it: of pipelines' folders what belongs on their pages, and of a folder around a single
  /// pipeline's results these alone.
  ///
  /// - Parameter notice: told of what is left out.
  /// - Throws: as ``init(_:)``.
  func forPage(notice: (String) -> Void) throws(VoxelithError) -> ResultFolder {
    let roots = pipelines
    if roots.count == 1, !roots[0].isEmpty {
      let rest = entries.filter { PathName.below(roots[0], $0) == nil }
      if !rest.isEmpty {
        notice(
          "the page shows the pipeline's results in \(file(roots[0])) and leaves out \(rest.count) other \(rest.count == 1 ? "file" : "files")"
        )
      }
      return try ResultFolder(file(roots[0])).keeping(Self.isOnPage)
    }
    return keeping { entry in
      for root in roots {
        let inside = root.isEmpty ? entry : PathName.below(root, entry)
        if let inside, inside.contains("/") { return Self.isOnPage(inside) }
      }
      return true
    }
  }

  /// The folder with some of its entries only.
  public func keeping(_ isWanted: (String) -> Bool) -> ResultFolder {
    ResultFolder(
      path: path, volumes: volumes.filter(isWanted), figures: figures.filter(isWanted),
      results: results.filter(isWanted), tables: tables.filter(isWanted))
  }

  private init(path: String, volumes: [String], figures: [String], results: [String], tables: [String]) {
    self.path = path
    self.volumes = volumes
    self.figures = figures
    self.results = results
    self.tables = tables
  }
}
