public import Compton
import Foundation
import Readers
public import Volumetry

/// `calibration.json`.
public enum CalibrationFile {
  /// Reads and checks a calibration.
  ///
  /// - Throws: `missing` where there is no file, `data` where it is not a calibration file or its parts do not fit.
  public static func read(_ path: String) throws(VoxelithError) -> Calibration {
    let data = try WholeFile.read(path, advice: "make one with voxelith calibrate")
    do {
      let calibration = try JSONDecoder().decode(Calibration.self, from: data)
      try NumberRange.formatVersion.check(calibration.format, file: path)
      try calibration.validate(file: path)
      return calibration
    } catch let error as VoxelithError {
      throw error
    } catch {
      throw VoxelithError(
        .data, "is not a calibration file", file: path, advice: "make one with voxelith calibrate")
    }
  }

  public static func write(
    _ calibration: Calibration, to path: String, overwrite: Bool
  ) throws(VoxelithError) {
    try JSONOutput.write(calibration, to: path, overwrite: overwrite)
  }
}
