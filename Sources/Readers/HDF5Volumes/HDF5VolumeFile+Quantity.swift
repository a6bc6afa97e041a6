import Volumetry

extension HDF5VolumeFile {
  /// What the array holds that ``open(path:dataset:voxelSize:channel:allowsMissing:threads:)`` would open: its attribute
  /// `long_name`, else its own name if that says anything, and its attribute `units` as they are written; nil where the
  /// file has no such array or no name for it.
  public static func quantity(path: String, dataset: String? = nil) -> (name: String, unit: String?)? {
    guard let file = try? HDF5File.open(path), let array = try? find(in: file, dataset: dataset).signal else {
      return nil
    }
    let unit = array.attribute("units")?.string
    if let name = array.attribute("long_name")?.string, !name.isEmpty { return (name, unit) }
    let own = PathName.last(of: array.path)
    let saysNothing = ["data", "value", "values", "image", "signal", "volume", "array"]
    guard !own.isEmpty, !saysNothing.contains(own.lowercased()), Int(own) == nil else { return nil }
    return (own.replacing("_", with: " "), unit)
  }

  /// Path of the standard errors of the array that would be opened: `NAME_errors` beside it, as NeXus has it, of its shape;
  /// nil where there are none.
  public static func errors(path: String, dataset: String? = nil) -> String? {
    guard HDF5File.isHDF5(path), let file = try? HDF5File.open(path),
      let array = try? find(in: file, dataset: dataset).signal,
      let errors = try? file.dataset(at: array.path + "_errors"), errors.shape == array.shape
    else { return nil }
    return errors.path
  }
}
