import Foundation
import Phantoms
import Results
import Volumetry

extension PipelineFile {
  /// The pipeline of a twin: with its labels, or with pores and active material that are still to be found in its
  /// XCT.
  ///
  /// - Parameter segments: leaves the labels out, so that the pipeline parts the XCT in two. For twins without
  ///   binder: thresholds cannot tell a phase of middle grey from the blurred border of the two others.
  static func twin(_ twin: Twin, segments: Bool) -> PipelineFile {
    var inputs = Inputs(xcs: "xcs.nxs", standards: "standards.yaml")
    inputs.files.xct = "xct.tif"
    inputs.files.labels = segments ? nil : "labels.tif"
    inputs.files.truth = "truth/li.tif"
    inputs.files.truthFractions = twin.settings.isMixture ? "truth/fractions.tif" : nil
    inputs.files.truthTransform = "truth/transform.json"
    var file = PipelineFile(inputs: inputs)
    let materials = twin.materials
    let components = twin.settings.isMixture ? materials.components : []
    // Without labels: 0 is the darker phase, 1 the brighter one, and there is no third.
    let labels = segments ? [0, 2] : materials.components.map(\.label)
    file.phases.active = segments ? 1 : materials.active.label
    file.phases.pore = labels.first ?? 0
    file.phases.components = Dictionary(
      zip(components.map(\.name), labels), uniquingKeysWith: { first, _ in first })
    if segments {
      file.segment.classes = 2
      file.pores = PoresSettings()
      var transport = TransportSettings()
      transport.axes = "z"
      file.transport = transport
    }
    if twin.settings.pointSpread > 0 {
      let width = twin.settings.pointSpread * (8 * log(2.0)).squareRoot()
      file.register.pointSpread = LengthsZYX(SIMD3(repeating: (width * 1000).rounded() / 1000))
    }
    if twin.settings.absorbs { file.map.absorption = "absorption.yaml" }
    return file
  }
}
