public import Volumetry

/// Spectra that are the sum of frames which a detector adds to a file one after the other.
public protocol FramedSpectra: DescribedSpectra {
  /// Frames that are added up; 1 where the file has no axis of frames.
  var frameCount: Int { get }
  /// Whether the one frame that is there may be followed by others, so that the caller would have to choose among them.
  var mayGetFrames: Bool { get }

  /// Adds the counts of some frames.
  func addFrames(_ frames: Range<Int>, of region: Region, to counts: inout [Float]) throws(VoxelithError)
}

extension HDF5SpectralSource: FramedSpectra {
  /// Whether the frames can be read one by one: numbers of the file are counts, and its axes those of the voxels.
  private var framedAxis: Bool { array.frames == Array(0..<array.frames.count) || isSumOfDetectors }

  private var isSumOfDetectors: Bool {
    array.frames.count == 1 && array.elements.count > 1 && dataset.hasSuffix("pixel_spectra")
      && array.elements == Array(0..<array.elements.count)
  }

  public var frameCount: Int {
    guard framedAxis, hasPlainCounts else { return 1 }
    return isSumOfDetectors ? array.elements.count : array.frames.count
  }

  public var mayGetFrames: Bool {
    array.array.shape.indices.contains { axis in
      axis != array.energy && axis != array.detector && !array.scan.contains(axis)
        && array.array.shape[axis] == 1 && array.array.canGrow[axis]
    }
  }

  public func addFrames(
    _ frames: Range<Int>, of region: Region, to counts: inout [Float]
  ) throws(VoxelithError) {
    guard !frames.isEmpty else { return }
    let part = isSumOfDetectors ? array.with(elements: Array(frames)) : array.with(frames: Array(frames))
    let values = try readPlainCounts(region, of: part)
    guard values.count == counts.count else {
      throw VoxelithError(.internal, "a source gave \(values.count) counts", file: name)
    }
    for index in values.indices { counts[index] += values[index] }
  }
}

extension SpectralArray {
  func with(elements: [Int]) -> SpectralArray {
    var copy = self
    copy.elements = elements
    return copy
  }

  func with(frames: [Int]) -> SpectralArray {
    var copy = self
    copy.frames = frames
    return copy
  }
}
