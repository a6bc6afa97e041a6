/// What `map.json` says of a map that was reconstructed from projections.
public struct TomographyReport: Codable, Sendable {
  /// `penalised-least-squares` or `filtered-back-projection`.
  public var algorithm: String
  public var projections: Int
  /// Distinct directions of view, and the largest gap between them in degrees.
  public var views: Int
  public var largestGap: Double
  /// `right` or `left`.
  public var sense: String
  /// Distance of the pinhole from the axis in mm, and width of the point spread that is taken out in um; none where not given.
  public var pinhole: Double?
  public var pointSpread: Double?
  /// Column of the axis at the middle row, columns from row to row, and whether they were found from the data.
  public var center: Double
  public var tiltPerRow: Double
  public var isCenterFound: Bool
  /// What the data say of the axis.
  public var axisEstimate: FoundAxis?
  /// Full width at half maximum in um, or in voxels where the pitch is not known, of the response to a point; median over the rows.
  public var resolution: Double?
  public var resolutionUnit: String?
  /// Root mean square change of x from voxel to voxel: the likeliest, and that of the regularisation.
  public var likeliestRoughness: Double?
  public var roughness: Double?
  /// The power of the Laplacian that the variance of x falls with: 1.75, or more for smooth fields.
  public var smoothness: Double?
  /// Part of the variance of x that the regularisation leaves.
  public var biasShare: Double?
  public var densityMisfit: Double?
  /// Of the second amplitudes about the model.
  public var chiSquaredPerDOF: Double?
  /// By what sigma was multiplied as the residuals were larger than counts explain; 1 for nothing.
  public var errorFactor: Double
  public var samples: Int?
  public var seed: UInt64?
  public var badRays: Int
  public var notices: [String]

  public struct FoundAxis: Codable, Sendable {
    public var center: Double
    public var centerSigma: Double
    public var tiltPerRow: Double
    public var tiltSigma: Double

    enum CodingKeys: String, CodingKey {
      case center = "center_column"
      case centerSigma = "center_column_sigma"
      case tiltPerRow = "columns_per_row"
      case tiltSigma = "columns_per_row_sigma"
    }
  }

  enum CodingKeys: String, CodingKey {
    case algorithm, projections, views, sense, samples, seed, notices, resolution, roughness, smoothness
    case pinhole = "pinhole_mm"
    case pointSpread = "psf_fwhm_um"
    case largestGap = "largest_gap_deg"
    case center = "center_column"
    case tiltPerRow = "columns_per_row"
    case isCenterFound = "center_found_from_data"
    case axisEstimate = "axis_estimate"
    case resolutionUnit = "resolution_unit"
    case likeliestRoughness = "likeliest_roughness"
    case biasShare = "bias_share_of_variance"
    case densityMisfit = "density_misfit_of_largest_ray"
    case chiSquaredPerDOF = "chi_squared_per_dof"
    case errorFactor = "sigma_factor"
    case badRays = "bad_rays"
  }
}
