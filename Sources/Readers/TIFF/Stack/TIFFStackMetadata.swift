import Volumetry

/// What the description of the first page says of the stack: axes, voxel size, channels.
struct TIFFStackMetadata: Equatable {
  /// An axis of the list of planes.
  enum PlaneAxis: Hashable { case channel, slice, frame }

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
  /// Where the size of a voxel came from.
  var spacingSource: String?
  /// What the file says of the size of a voxel that cannot be taken for it.
  var unread: String?
  /// Where the origin came from.
  var originSource: String?
  /// A unit that is there and not understood.
  var unknownUnit: String?
  /// What the numbers stand for.
  var scale = ValueScale()
  /// Sides of the stack where nothing tells which axis is which.
  var unknownAxes: String?
  /// Directory of the file, from 0, that each plane lies in; nil where they follow one another.
  var directories: [Int]?
  /// Why the file does not hold all planes that its header tells.
  var lack: String?

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
      self = Self(ome: ome, planes: planes, directories: file.pages.count, samples: samples)
    } else {
      if text.contains("<BinaryOnly") || text.contains(":BinaryOnly") {
        lack = "the OME header of the volume lies in another file, and this one holds some of its planes"
      }
      if planes > 1, let shaped = TIFFShape(text), let page = file.pages.first {
        useShape(shaped, page: [page.height, page.width], samples: samples)
      }
      useResolutionTags(file.pixelSize)
    }
  }

  /// Resolution tags of a file that says nothing else: a size in the plane only, and often one that
  /// stands for the density of a screen or printer and no measurement.
  mutating func useResolutionTags(_ pixelSize: TIFFPixelSize?) {
    guard let pixelSize, let unit = pixelSize.micrometres else { return }
    let size = SIMD2(unit * pixelSize.x, unit * pixelSize.y)
    guard !Self.isForPeople(pixelSize) else {
      let dots = (25400 / size.x * 100).rounded() / 100
      if ![72, 96, 300, 1].contains(dots) {
        unread =
          "the resolution tags say \(GeometryOrigin.text(dots)) dots per inch, as a screen or printer has them"
        notes.append(
          "the resolution tags say \(GeometryOrigin.text(dots)) dots per inch, as a screen or printer has them: not taken for a voxel size"
        )
      }
      return
    }
    if slices == 1 {
      spacing = SIMD3(size.x, size.y, size.x)
      spacingSource = "resolution tags (\(pixelSize.unitName))"
    } else {
      unread = "the resolution tags give the size in the plane, and nothing the distance of the slices"
      notes.append(
        "the resolution tags give \(size.y) x \(size.x) µm (y, x) in the plane, but nothing gives the distance of the slices"
      )
    }
  }

  /// Whether a resolution is that of a screen or printer: up to 400 dots per inch, or a round number of them. Voxels
  /// larger than 60 um told by these tags alone are far rarer than pictures that an image program saved.
  private static func isForPeople(_ size: TIFFPixelSize) -> Bool {
    guard let unit = size.micrometres, size.unit == 2 || size.unit == 3 else { return false }
    let dots = 25400 / (unit * size.x)
    if dots <= 400.5 { return true }
    let whole = dots.rounded()
    return abs(dots - whole) < 0.02 && dots <= 9600 && whole.truncatingRemainder(dividingBy: 100) == 0
  }
}
