import Drawing
import Volumetry

/// Columns in which panels can be read and the figure fits its page.
extension FigureSpec {
  /// A figure without a journal is no higher than the text of a sheet of A4.
  private static let sheet = Length.millimetres(240)

  var hasSolids: Bool { panels.contains { $0.kind == .volume || $0.kind == .surface } }

  /// Width at which a panel can be read: the lengths of the sides stand around a volume.
  private var leastPanel: Length { .millimetres(group == nil ? 24 : self.group == 3 ? 21 : 28) }

  /// The figure in the columns that were asked for, else in the fewest that keep it within the largest height of the journal.
  ///
  /// - Throws: `usage` where the columns that were asked for leave no room for a panel, or where the panels of a layout cannot be
  ///   drawn large enough to be read, with the number that can.
  func arranged(_ figure: PanelFigure) throws(VoxelithError) -> PanelFigure {
    let options = try options()
    let style = options.style
    let width = options.width.points - 2 * style.gap
    let height = (options.journal?.limits.height ?? Self.sheet).points - 2 * style.gap
    var figure = figure
    figure.group = group
    func with(_ columns: Int, _ count: Int) -> PanelFigure {
      var one = figure
      one.panels = Array(figure.panels.prefix(count))
      one.columns = max(1, min(columns, count))
      return one
    }
    func isWide(_ columns: Int, _ count: Int) -> Bool {
      // The room between the columns alone rules most numbers out.
      let room = (width - Double(columns - 1) * 3 * style.gap) / Double(columns)
      return room >= leastPanel.points
        && with(columns, count).leastPanelWidth(forWidth: width, style: style) >= leastPanel.points
    }
    func fits(_ columns: Int, _ count: Int) -> Bool {
      isWide(min(columns, count), count)
        && with(columns, count).height(forWidth: width, style: style) <= height
    }
    let count = figure.panels.count
    if columns != nil {
      let least = Length.millimetres(14).points
      guard figure.columns > 1, figure.leastPanelWidth(forWidth: width, style: style) < least else {
        return figure
      }
      let most = (1..<figure.columns).last {
        with($0, count).leastPanelWidth(forWidth: width, style: style) >= least
      }
      throw VoxelithError(
        .usage,
        "\(figure.columns) columns leave too little room for a panel on "
          + "\(Ticks.number(options.width.millimetres, digits: 3)) mm",
        advice: "at most \(most ?? 1) can be read")
    }
    if let good = choices(of: count, figure.columns).first(where: { fits($0, count) }) {
      return with(good, count)
    }
    guard group != nil else { return figure }
    let most = choices(of: count, figure.columns).filter { isWide($0, min($0, count)) }.map { columns in
      let row = with(columns, min(columns, count)).height(forWidth: width, style: style)
      return columns * Int(height / (row + 3 * style.gap))
    }.max()
    let page =
      "\(Ticks.number(options.width.millimetres, digits: 3)) x "
      + "\(Ticks.number((options.journal?.limits.height ?? Self.sheet).millimetres, digits: 3)) mm"
    throw VoxelithError(
      .usage, "\(count) panels cannot be drawn large enough to be read on \(page)",
      advice: most.map { "at most about \($0) can: name fewer folders, or draw several figures" }
        ?? "give a wider page (--double-column, --width-mm)")
  }

  /// Numbers of columns to try, the best one first: whole groups in a row, else a group in as few rows as can be.
  private func choices(of count: Int, _ automatic: Int) -> [Int] {
    guard let group else { return Array(min(automatic, count)...max(1, count)) }
    let whole = Array(stride(from: group, through: max(group, count), by: group))
    let parts = (2...max(2, group)).map { (group + $0 - 1) / $0 }
    return whole + parts
  }
}
