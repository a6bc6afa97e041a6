/// Version of the package, written into every result.
public enum PackageVersion {
  public static let current = "0.1.0"
}
