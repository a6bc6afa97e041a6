import Foundation
import Phantoms
import Volumetry

extension PipelineFile {
  /// The pipeline of a twin: with its labels, or with phases that are still to be found in its XCT.
  ///
  /// - Parameter segments: leaves the labels out, so that the pipeline segments the XCT. Its phases come in the
  ///   order of their greys: pore, binder, active material.
  static func twin(_ twin: Twin, segments: Bool) -> PipelineFile {
    var inputs = Inputs(xcs: "xcs.nxs", standards: "standards.yaml")
    inputs.xct = "xct.tif"
    inputs.labels = segments ? nil : "labels.tif"
    inputs.truth = "truth/li.tif"
    inputs.truthFractions = twin.settings.isMixture ? "truth/fractions.tif" : nil
    inputs.truthTransform = "truth/transform.json"
    var file = PipelineFile(inputs: inputs)
    let phases = [twin.materials.active] + twin.materials.components
    func label(_ phase: Int) -> Int {
      guard segments else { return phases[phase].label }
      let densities = phases.map { ElectrodeMaterials.electronDensity($0, x: 0.5) }
      return densities.filter { $0 < densities[phase] }.count
    }
    let components = twin.settings.isMixture ? twin.materials.components.indices : 0..<0
    file.phases = Phases(
      active: label(0), pore: phases.count > 1 ? label(1) : 0,
      components: Dictionary(
        uniqueKeysWithValues: components.map { (twin.materials.components[$0].name, label($0 + 1)) }))
    if segments { file.segment = SegmentSection(classes: phases.count) }
    if twin.settings.pointSpread > 0 {
      let width = twin.settings.pointSpread * (8 * log(2.0)).squareRoot()
      file.register = RegisterSection(
        pointSpread: LengthsZYX(SIMD3(repeating: (width * 1000).rounded() / 1000)))
    }
    return file
  }
}
