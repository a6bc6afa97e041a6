public import Volumetry

extension VolumeFile {
  /// What a command must print where the file is still being written or its writer was killed; else nil.
  public static func writingNotice(_ source: any VolumeSource) -> String? {
    (source as? any GrowingSource)?.writingNotice
  }
}
