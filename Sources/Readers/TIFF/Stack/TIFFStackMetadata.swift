import Volumetry

/// What the description of the first page says of the stack: axes, voxel size, channels.
struct TIFFStackMetadata: Equatable {
  /// An axis of the list of planes.
  enum PlaneAxis: Equatable { case channel, slice, frame }

  var channels = 1
  var slices: Int
  var frames = 1
  /// The axes of the list of planes, the fastest first.
  var order: [PlaneAxis] = [.channel, .slice, .frame]
  /// Size of a voxel along x, y, z in um.
  var spacing: SIMD3<Double>?
  /// Outer corner of the first voxel, x, y, z in um.
  var origin: SIMD3<Double>?
  var channelNames: [String] = []
  var notes: [String] = []

  /// A plain stack: every plane is a slice.
  init(slices: Int) { self.slices = slices }

  var planes: Int { channels * slices * frames }

  /// Number of a plane in the file.
  func plane(slice: Int, channel: Int, frame: Int) -> Int {
    var position = 0
    var stride = 1
    for axis in order {
      switch axis {
      case .channel:
        position += channel * stride
        stride *= channels
      case .slice:
        position += slice * stride
        stride *= slices
      case .frame:
        position += frame * stride
        stride *= frames
      }
    }
    return position
  }

  /// Reads the description, whoever wrote it.
  ///
  /// - Parameters:
  ///   - planes: planes that the file holds.
  ///   - samples: values per pixel of a page, which OME counts as channels.
  init(of file: TIFFFile, planes: Int, samples: Int) {
    self.init(slices: planes)
    let text = file.imageDescription ?? ""
    if text.hasPrefix("ImageJ=") {
      self = Self(imageJ: text, pixelSize: file.pixelSize, planes: planes)
    } else if let ome = OMEPixels(text) {
      self = Self(ome: ome, planes: planes, samples: samples)
    } else {
      useResolutionTags(file.pixelSize)
    }
  }

  /// Resolution tags of a file that says nothing else: a size in the plane only, and often one that
  /// stands for the density of a printer and no measurement.
  mutating func useResolutionTags(_ pixelSize: TIFFPixelSize?) {
    guard let pixelSize, pixelSize.unit == 2 || pixelSize.unit == 3 else { return }
    let unit = pixelSize.unit == 2 ? 25400.0 : 10000.0
    let dotsPerInch = 25400 / (unit * pixelSize.x)
    let printing: Set<Double> = [
      1, 72, 75, 90, 96, 100, 120, 144, 150, 180, 200, 240, 254, 300, 360, 400, 600, 720, 1200, 2400,
    ]
    guard !printing.contains(dotsPerInch.rounded()) else { return }
    let size = SIMD2(unit * pixelSize.x, unit * pixelSize.y)
    if slices == 1 {
      spacing = SIMD3(size.x, size.y, size.x)
    } else {
      notes.append(
        "the resolution tags give \(size.y) x \(size.x) um (y, x) in the plane, but nothing gives the distance of the slices"
      )
    }
  }
}
