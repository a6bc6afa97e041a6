import Compton
import Readers
import Results
import Volumetry

/// What the errors of the fractions leave of the mean of x.
extension Pipeline {
  /// Adds the parts by the fractions and by the alignment to the error of the mean in a `map.json`.
  func addFractionErrors(toMapIn work: String, of folder: String, resources: Resources) throws(VoxelithError)
  {
    guard plan.has("fractions") else { return }
    var report = try ResultFile.read(MapReport.self, work + "/map.json")
    let phases = try ResultFile.read(FractionReport.self, folder + "/fractions/fractions.json").phases.count
    func values(_ path: String, _ channel: Int? = nil) throws(VoxelithError) -> [Double] {
      let source = try openCoarse(path, channel: channel)
      return try source.read(Region(whole: source.grid.shape)).doubles()
    }
    guard
      let effects = try fractionEffects(
        folder, x: try values(work + "/li.tif"),
        active: try values(folder + "/fractions/fractions.tif", phases > 1 ? 0 : nil), resources)
    else { return }
    let parts = effects.ofMean
    report.setErrors(fractions: parts.fractions, alignment: parts.alignment)
    try JSONOutput.write(report, to: work + "/map.json", overwrite: true)
  }
}
