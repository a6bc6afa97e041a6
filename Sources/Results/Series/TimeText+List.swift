extension TimeText {
  /// Seconds of `0h,1h,90m`; nil where a part is no time.
  public static func list(_ text: String) -> [Double]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { seconds(String($0)) }
    let known = parts.compactMap { $0 }
    return known.count == parts.count ? known : nil
  }
}
