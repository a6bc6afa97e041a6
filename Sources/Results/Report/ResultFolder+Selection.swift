extension ResultFolder {
  /// The folder with some of its entries only.
  public func keeping(_ isWanted: (String) -> Bool) -> ResultFolder {
    ResultFolder(
      path: path, volumes: volumes.filter(isWanted), figures: figures.filter(isWanted),
      results: results.filter(isWanted), tables: tables.filter(isWanted))
  }

  private init(path: String, volumes: [String], figures: [String], results: [String], tables: [String]) {
    self.path = path
    self.volumes = volumes
    self.figures = figures
    self.results = results
    self.tables = tables
  }
}
