import Foundation
import Voxelith

/// The figure that the options describe.
extension RenderCommand {
  func figureSpec() throws -> FigureSpec {
    if let layout {
      let names = titles.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
      var figure = try layout.figure(
        of: volumes, states: states ?? 2, phase: solid.phase ?? 0,
        titles: names ?? volumes.map { Self.name($0, among: volumes).escapedMarkup })
      figure.title = title
      for index in figure.panels.indices where figure.panels[index].kind != .surface {
        figure.panels[index].colors?.map = map
        figure.panels[index].colors?.range = try range.map {
          try NumberText.parse($0, count: 2, option: "--range")
        }
        figure.panels[index].colors?.label = label
      }
      return figure
    }
    if kind == .series {
      var figure = FigureSpec(panels: [try panelSpec(volumes[0])])
      page.apply(to: &figure)
      return figure
    }
    var figure = FigureSpec(panels: try volumes.map { try panelSpec($0) })
    let channels = channels
    if !channels.isEmpty {
      figure.panels = try channels.map { try panelSpec(volumes[0], channel: $0) }
    }
    if let titles {
      let names = titles.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard names.count == volumes.count else {
        throw VoxelithError(.usage, "--titles names \(names.count) panels, not \(volumes.count)")
      }
      for index in names.indices { figure.panels[index].title = names[index] }
    }
    let isShared = kind ?? .slice == .slice || kind == .volume
    figure.sharedRange = figure.panels.count > 1 && isShared && !isPair && over == nil
    figure.title = figure.panels.count > 1 ? title : nil
    page.apply(to: &figure)
    if figure.panels.count > 1 || figure.panels[0].kind == .valueAndSigma { figure.doubleColumn = true }
    return figure
  }

  /// Whether the standard error stands beside the value.
  var isPair: Bool { shownSigma != nil && !fade && kind ?? .slice == .slice && channels.isEmpty }

  /// Channels of the one volume that is drawn in slices, where it has several and none was chosen.
  var channels: [Int] {
    guard volumes.count == 1, kind ?? .slice == .slice, sigma == nil, over == nil, !gradient, layout == nil,
      let options = try? input.settings.options(threads: common.threads),
      let found = try? VolumeChannels(of: volumes[0], options: options).channels, found.count > 1
    else { return [] }
    return found.compactMap(\.index)
  }

  /// The standard errors that are drawn: as asked for, or those that lie beside a map.
  var shownSigma: String? {
    if sigma != nil || noSigma || over != nil || gradient || normal != nil || kind ?? .slice != .slice
      || volumes.count != 1 || spec != nil || layout != nil || center != nil
    {
      return sigma
    }
    return PanelSpec.sigma(besideFile: volumes[0], dataset: input.settings.dataset)
  }

  /// The name that a file gives the channel of --channel.
  private func channelName(_ volume: String) -> String? {
    guard let channel = input.settings.channel,
      let options = try? input.settings.options(threads: common.threads),
      let names = try? VolumeFile.describe(volume, options: options).channelNames,
      names.indices.contains(channel)
    else { return nil }
    return names[channel].replacingOccurrences(of: "_", with: " ").escapedMarkup
  }

  /// What the options say of a panel, but for its file.
  func panelValues() throws -> PanelValues {
    var panel = PanelValues()
    try panel.set(.sigma, shownSigma)
    try panel.set(.gradient, gradient ? true : nil)
    try panel.set(.over, over)
    try panel.set(.opacity, opacity)
    try panel.set(.axis, axis)
    try panel.set(.slice, slice)
    try panel.set(.positionUm, position)
    try panel.set(.normal, try normal.map { try NumberText.parse($0, count: 3, option: "--normal") })
    try panel.set(.map, map)
    try panel.set(.range, try range.map { try NumberText.parse($0, count: 2, option: "--range") })
    try panel.set(.center, center)
    try panel.set(.label, label)
    try panel.set(.units, units)
    try panel.set(.title, title)
    let how = input.settings
    try panel.set(.voxelSizeUm, how.voxelSize.map { [$0.vector.z, $0.vector.y, $0.vector.x] })
    try panel.set(.dataset, how.dataset)
    try panel.set(.channel, how.channel)
    try panel.set(.rawShape, how.rawShape)
    try panel.set(.rawType, how.rawType)
    try panel.set(.rawOffset, input.rawOffset)
    try panel.set(.rawBigEndian, input.rawBigEndian ? true : nil)
    try plot.apply(to: &panel)
    try solid.apply(to: &panel)
    return panel
  }

  /// - Parameter channel: one of several that become panels; the median error of each stands below it.
  private func panelSpec(_ volume: String, channel: Int? = nil) throws -> PanelSpec {
    var panel = try panelValues()
    try panel.set(.file, volume)
    if let channel {
      try panel.set(.channel, channel)
      try panel.set(.sigma, fade ? shownSigma : nil)
      try panel.set(.title, String?.none)
    } else if kind == .series {
      try panel.set(.files, volumes)
    } else if volumes.count > 1 {
      try panel.set(.title, Self.name(volume, among: volumes).escapedMarkup)
    } else if title == nil {
      try panel.set(.title, channelName(volume))
    }
    return try panel.panel(isPair ? .valueAndSigma : kind ?? .slice)
  }

  private static func stem(_ name: String) -> String {
    let ending = PathName.ending(of: name).lowercased()
    return ["tif", "tiff", "h5", "nxs", "npy", "raw", "mha", "mrc", "vti"].contains(ending)
      ? PathName.withoutEnding(name) : name
  }

  /// The last part of a path in which all paths differ, or the path where there is none.
  static func name(_ path: String, among all: [String]) -> String {
    let parts = all.map { Array($0.split(separator: "/").reversed()) }
    let own = path.split(separator: "/").reversed().map(String.init)
    for (depth, part) in own.enumerated() {
      // Endings tell apart what nothing else does.
      let others = parts.map { depth < $0.count ? String($0[depth]) : "" }
      if Set(others.map(stem)).count == all.count { return stem(part) }
      if Set(others).count == all.count { return part }
    }
    return path
  }
}

extension String {
  /// The text with the signs of the markup made plain.
  fileprivate var escapedMarkup: String {
    replacingOccurrences(of: "_", with: "\\_").replacingOccurrences(of: "^", with: "\\^")
  }
}
