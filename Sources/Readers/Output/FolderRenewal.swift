import Foundation
public import Volumetry

/// Files of a folder of results that are made anew elsewhere and then take the places of those before them, each whole.
public enum FolderRenewal {
  /// Gives the files of a work folder their names in another one, in the order of their names and those that are named last after all
  /// others. Between the first and the last lies the time of some renames.
  ///
  /// - Throws: `cannotCreate` where something is in the way that may not be replaced; `cancelled`, then with all files as they were or some
  ///   renewed, each of them whole.
  public static func move(
    from work: String, to folder: String, last: [String] = [], overwrite: Bool
  ) throws(VoxelithError) {
    let names = ((try? FileManager.default.subpathsOfDirectory(atPath: work)) ?? []).filter { name in
      var isFolder = ObjCBool(false)
      _ = unsafe FileManager.default.fileExists(atPath: PathName.join(work, name), isDirectory: &isFolder)
      return !isFolder.boolValue
    }
    let ordered = names.filter { !last.contains($0) }.sorted() + last.filter(names.contains)
    for name in ordered { try OutputFile.check(PathName.join(folder, name), overwrite: overwrite) }
    for name in ordered {
      let place = PathName.join(folder, name)
      let above = PathName.folder(of: place)
      if !above.isEmpty { try OutputFile.prepareFolder(above) }
      try FinalName.give(place, to: PathName.join(work, name), overwrite: overwrite)
    }
  }
}
