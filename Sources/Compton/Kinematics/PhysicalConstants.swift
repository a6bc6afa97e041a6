/// Constants of the Compton kinematics.
public enum PhysicalConstants {
  /// Rest energy of the electron in keV.
  public static let electronMass = 510.99895
  /// Fine-structure constant.
  public static let fineStructure = 1 / 137.035999
  /// One atomic unit of momentum in keV/c.
  public static let atomicMomentum = electronMass * fineStructure
  /// Square of the classical electron radius in barn.
  public static let classicalRadiusSquared = 0.0794078
}
