import CTomographyKernels
import Foundation
import Volumetry

/// Eight fields at once: the projector's weights are found once for all of them.
package typealias Lanes = SIMD8<Float>

/// Projects slices across the axis of rotation and back.
///
/// A square voxel gives each column the part of its area that lies before it (strips of the width of a column; Lo, IEEE Trans. Nucl.
/// Sci. 35 (1988) 516): the projection of a voxel at the angle t is a trapezoid of the widths |cos t| and |sin t|, which a pinhole shows
/// as much larger as the voxel is nearer to it than the axis. The back projection takes the same weights, so it is the adjoint to rounding.
package struct SliceProjector: Sendable {
  package let geometry: ProjectionGeometry
  /// Column that the axis falls on.
  package var center: Double
  /// What reaches the detector from each voxel (angle, z, x); empty where nothing is absorbed.
  package var transmission: [Float] = []
  /// How a point is spread over columns on both sides of its own, which comes first; empty where it stays.
  package var spreadOfPoint: [Float] = []
  /// Voxels that are looked at, in rising order; the others hold nothing.
  var filled: [Int32]
  /// Columns and voxels along a side.
  package let side: Int
  package var angles: Int { geometry.angles.count }
  /// Values of a sinogram (angle, column).
  package var rays: Int { angles * side }
  package var voxels: Int { side * side }

  private let cosines: [Float]
  private let sines: [Float]

  package init(_ geometry: ProjectionGeometry) {
    self.geometry = geometry
    side = geometry.columns
    center = geometry.center
    filled = (0..<Int32(geometry.columns * geometry.columns)).map { $0 }
    cosines = geometry.angles.map { Float(cos($0)) }
    sines = geometry.angles.map { Float(sin($0)) }
  }

  /// Working space: what each voxel gives three columns at one angle, and rows of a sinogram with a border.
  package struct View {
    var shares: [Float]
    var places: [Int32]
    var row: [Lanes]

    package init(_ projector: SliceProjector) {
      let block = projector.voxels + Int(vtk_spare)
      shares = [Float](repeating: 0, count: 3 * block)
      places = [Int32](repeating: 0, count: block)
      row = [Lanes](repeating: .zero, count: Int(vtk_chains) * (projector.side + Int(vtk_spare)))
    }
  }

  /// Sinograms of slices: `sinogram[angle, column] = sum of weight * slice[z, x]`.
  package func project(_ slice: [Lanes], into sinogram: inout [Lanes], _ view: inout View) {
    precondition(slice.count == voxels && sinogram.count == rays)
    for angle in 0..<angles {
      share(angle, &view)
      spread(slice, &view)
      blur(&view)
      for column in 0..<side { sinogram[angle * side + column] = view.row[column + Int(vtk_border)] }
    }
  }

  /// The adjoint: `slice[z, x] = sum of weight * sinogram[angle, column]`.
  package func backProject(_ sinogram: [Lanes], into slice: inout [Lanes], _ view: inout View) {
    precondition(slice.count == voxels && sinogram.count == rays)
    for index in slice.indices { slice[index] = .zero }
    for angle in 0..<angles {
      share(angle, &view)
      for index in view.row.indices { view.row[index] = .zero }
      for column in 0..<side { view.row[column + Int(vtk_border)] = sinogram[angle * side + column] }
      blur(&view)
      gather(&view, into: &slice)
    }
  }

  /// Projects slices, multiplies every ray by its weight, and projects back, so that weights of voxels are found once an angle.
  func backProject(
    weights: [Float], projectionOf slice: [Lanes], into image: inout [Lanes], _ view: inout View
  ) {
    precondition(slice.count == voxels && image.count == voxels && weights.count == rays)
    for index in image.indices { image[index] = .zero }
    for angle in 0..<angles {
      share(angle, &view)
      spread(slice, &view)
      blur(&view)
      for place in 0..<(side + Int(vtk_spare)) {
        let column = place - Int(vtk_border)
        let isSeen = column >= 0 && column < side
        view.row[place] *= isSeen ? weights[angle * side + column] : 0
      }
      blur(&view)
      gather(&view, into: &image)
    }
  }

  private func share(_ angle: Int, _ view: inout View) {
    precondition(transmission.isEmpty || transmission.count == angles * voxels)
    unsafe transmission.withUnsafeBufferPointer { passed in
      var seen = unsafe vtk_view(
        side: side, cosine: cosines[angle], sine: sines[angle], center: Float(center),
        passed: passed.isEmpty ? nil : passed.baseAddress.map { unsafe $0 + angle * voxels },
        nearness: geometry.pinhole.map { Float(1 / $0) } ?? 0)
      unsafe vtk_share(&seen, &view.shares, &view.places)
    }
  }

  /// Spreads the columns of the first row by the detector's response; it is its own adjoint.
  private func blur(_ view: inout View) {
    guard spreadOfPoint.count > 1 else { return }
    let length = side + Int(vtk_spare)
    let sharp = Array(view.row[0..<length])
    for place in 0..<length {
      var sum = spreadOfPoint[0] * sharp[place]
      for step in 1..<spreadOfPoint.count {
        if place >= step { sum += spreadOfPoint[step] * sharp[place - step] }
        if place + step < length { sum += spreadOfPoint[step] * sharp[place + step] }
      }
      view.row[place] = sum
    }
  }

  /// Parts of a Gaussian on columns at distances 0, 1, 2 ...; empty for a width of 0.
  ///
  /// - Parameter width: at half height, in columns.
  package static func spreadOfPoint(width: Double) -> [Float] {
    guard width > 0 else { return [] }
    let deviation = width / 2.3548200450309493
    let reach = max(1, Int((3.5 * deviation).rounded(.up)))
    let values = (0...reach).map { exp(-0.5 * (Double($0) / deviation) * (Double($0) / deviation)) }
    let sum = values[0] + 2 * values.dropFirst().reduce(0, +)
    return values.map { Float($0 / sum) }
  }

  private func spread(_ slice: [Lanes], _ view: inout View) {
    unsafe filled.withUnsafeBufferPointer { filled in
      unsafe slice.withFloats { slice in
        unsafe view.row.withMutableFloats { [shares = view.shares, places = view.places] row in
          unsafe vtk_spread(
            side, vtk_list(voxels: filled.baseAddress, count: filled.count), shares, places, slice, row)
        }
      }
    }
  }

  private func gather(_ view: inout View, into slice: inout [Lanes]) {
    unsafe filled.withUnsafeBufferPointer { filled in
      unsafe view.row.withFloats { row in
        unsafe slice.withMutableFloats { slice in
          unsafe vtk_gather(
            side, vtk_list(voxels: filled.baseAddress, count: filled.count), view.shares, view.places, row,
            slice)
        }
      }
    }
  }
}

/// Lanes as the kernels see them.
extension [Lanes] {
  @unsafe func withFloats<Result>(_ body: (UnsafePointer<Float>?) -> Result) -> Result {
    unsafe withUnsafeBytes { bytes in
      unsafe body(bytes.assumingMemoryBound(to: Float.self).baseAddress)
    }
  }

  @unsafe mutating func withMutableFloats<Result>(_ body: (UnsafeMutablePointer<Float>?) -> Result) -> Result
  {
    unsafe withUnsafeMutableBytes { bytes in
      unsafe body(bytes.assumingMemoryBound(to: Float.self).baseAddress)
    }
  }
}
