import Compton
import Correlation
import Drawing
import Foundation
import Volumetry

extension Report {
  /// What a figure shows, with which errors and of how many voxels: of the program's own figures by their names and results, of
  /// others what the file says of itself. The file's name comes last.
  ///
  /// - Parameter title: of the picture file.
  static func caption(_ entry: String, _ known: KnownResults, _ title: String?) -> String {
    let name = PathName.last(of: entry)
    let text = ownCaption(name, folder: PathName.folder(of: entry), known) ?? title
    return text.map { $0 + ($0.hasSuffix(".") ? "" : ".") + " (\(entry))" } ?? entry
  }

  private static func ownCaption(_ name: String, folder: String, _ known: KnownResults) -> String? {
    let map = known.mainMap?.report
    let voxels = map.map { "\($0.mapped) of \($0.voxels) voxels" } ?? "all voxels with a value"
    let covered = map.map { map in
      "\(map.voxels - (map.mask[VoxelStatus.notCovered.key]?.voxels ?? 0)) of \(map.voxels) voxels"
    }
    switch name {
    case "misfit.png":
      guard let own = known.maps.first(where: { PathName.folder(of: $0.entry) == folder })?.report else {
        return nil
      }
      // Figures of several maps look alike: the name of the map comes first.
      return (known.maps.count > 1 && !folder.isEmpty ? folder + ": summed" : "Summed")
        + " spectrum of \(own.mapped) voxels against the model: residuals in standard errors (\u{03C3}) of the "
        + "counts; the band is \u{00B1}1\u{03C3}"
        + (ResultFolder.isPlainMap(PathName.join(folder, name))
          ? ". Map as if the active material were alone" : "")
    case "lithium.png":
      return "Lithium content x (a) and its standard error by counts (b) in one slice; \(voxels) have a value"
    case "calibration.png":
      let standards =
        known.calibrations.first.map { "\($0.summary.standards.count) standards" } ?? "standards"
      return
        "(a) S-parameter of the \(standards) against their x with the fitted line; bars and band are \u{00B1}1\u{03C3}. "
        + "Below, the residuals in standard errors. (b) Residuals of the profile fit, which finds x"
    case "errors.png":
      let map = PathName.join(PathName.folder(of: folder), "map")
      let count = known.truths.first { PathName.folder(of: $0.entry) == map }?.comparison.voxels
      return "Errors of x over their standard errors"
        + (count.map { " in \($0) voxels with a known truth" } ?? "")
        + ", with the normal distribution that they follow where the error bars hold"
    case "fractions.png":
      return
        "Volume fraction of every phase in the XCS voxels of one slice"
        + (covered.map { "; \($0) are fully covered by the XCT" } ?? "")
        + ". The standard errors are in fraction_sigma.tif, in the viewer above"
    case "fractions_and_lithium.png":
      return
        "Lithium content x in one slice, fitted as if the active material were alone, fitted with the phase fractions, and the truth where it is "
        + "known, in one scale of colours; \(voxels) have a value with fractions. The errors of x are in the viewer above"
    case "alignment.png":
      return
        "XCS intensity, the XCT through the transform averaged over the XCS voxels, and their difference, in one "
        + "slice, in standard deviations from the mean"
    case "depth_profiles.png": return depthCaption(folder, known)
    case "diffusivity.png":
      return
        "Diffusion of lithium: mean x of each layer with its standard error, and the fitted model (lines); remaining fraction "
        + "of the initial in-plane pattern; diffusivities and the in-plane / through-depth ratio, with 95 % intervals"
    case _ where name.hasPrefix("relation_"): return relationCaption(name, folder, known)
    default: return nil
    }
  }

  private static func depthCaption(_ folder: String, _ known: KnownResults) -> String? {
    guard let report = known.correlations.first(where: { PathName.folder(of: $0.entry) == folder })?.report
    else { return nil }
    let counts = report.depthProfiles.map { $0.profile.bins.reduce(0) { $0 + $1.voxels } }
    guard let most = counts.max(), let least = counts.min() else { return nil }
    let percent = Ticks.number(100 * report.confidence, digits: 3)
    return
      "Mean of every quantity in layers along the depth, with \(percent) % intervals of the mean from the number of "
      + "independent voxels; \(least == most ? "\(most)" : "\(least) to \(most)") voxels"
  }

  private static func relationCaption(_ name: String, _ folder: String, _ known: KnownResults) -> String? {
    guard let report = known.correlations.first(where: { PathName.folder(of: $0.entry) == folder })?.report,
      let relation = report.relations.first(where: { "relation_\($0.x)_\($0.y).png" == name }),
      let pearson = relation.pearson
    else { return nil }
    let percent = Ticks.number(100 * report.confidence, digits: 3)
    let step = (pearson.voxels + CorrelationFigures.mostPoints - 1) / max(1, CorrelationFigures.mostPoints)
    let drawn = step > 1 ? "every \(ordinal(step)) voxel" : "all voxels"
    return "\(words(relation.y)) against \(words(relation.x)) in \(pearson.voxels) voxels, equivalent to "
      + "\(pearson.independentVoxels) independent ones: (a) \(drawn) with the regression line and its "
      + "\(percent) % band, (b) means in bins with \(percent) % intervals and the quartiles, (c) number of voxels"
  }

  private static func ordinal(_ number: Int) -> String {
    number == 2 ? "second" : number == 3 ? "third" : "\(number)th"
  }
}
