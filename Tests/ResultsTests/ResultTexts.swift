/// Results as the commands write them, cut to what a report shows.
enum ResultTexts {
  static let calibration = """
    {"formula": "LixNiO2", "methods": {"s-parameter": {"intercept": 2.84, "slope": 0.18, "chi_squared": 2.1,
      "covariance": [[1e-7, -1e-7], [-1e-7, 2e-7]], "degrees_of_freedom": 1, "points": [
      {"x": 0, "value": 2.8402, "sigma": 0.0003, "residual": 0.0002},
      {"x": 0.5, "value": 2.9299, "sigma": 0.0003, "residual": -0.0001},
      {"x": 1, "value": 3.0199, "sigma": 0.0003, "residual": -0.0001}]}},
     "standards": [{"name": "s0.csv", "x": 0, "fitted_x": -0.0021, "fitted_x_sigma": 0.0016},
      {"name": "s1.csv", "x": 1, "fitted_x": 1.0003, "fitted_x_sigma": 0.0018}]}
    """
  static let registration = """
    {"covariance": [[1.1e-6, 0], [0, 0.0507]], "covariance_parameters": ["rotation_x_rad", "translation_x_um"],
     "expected_error_um": 0.7448, "matrix": [[1, 0, 0, -0.24], [0, 1, 0, 0.16], [0, 0, 1, -0.09], [0, 0, 0, 1]],
     "from": "fixed", "to": "moving", "unit": "um", "order": "xyz", "model": "rigid", "warnings": [],
     "quality": {"correlation": 0.871, "metric": "model", "metric_value": 0.76, "overlap_fraction": 0.65096,
     "significance": 31.7, "needed_significance": 5.2, "detail_correlation": 0.4, "positions": 1000,
     "runner_up": 0.07, "voxels": 563, "iterations": 9}}
    """
  static let correlation = """
    {"confidence": 0.95, "seed": 1, "replicates": 50, "voxel_size_um": [5, 5, 5], "tests": 2, "directions": [],
     "depth_profiles": [], "controls": {"depth": "layers", "depth_spline_degrees": 4, "lateral": "smooth",
     "fields": [], "field_spline_degrees": 3},
     "relations": [{"x": "li", "x_unit": "1", "y": "porosity", "y_unit": "1", "notes": [], "q_benjamini_hochberg": 0.17,
     "pearson": {"coefficient": {"value": 0.02368, "low": -0.01007, "high": 0.05738}, "voxels": 3375,
     "effective_voxels": 3375, "degrees_of_freedom_spent": 0, "p_value": 0.169, "log10_p_value": -0.77,
     "naive_p_value": 0.169},
     "spearman": {"coefficient": {"value": 0.0104, "low": -0.0243, "high": 0.0451}, "voxels": 3375,
     "effective_voxels": 3375, "degrees_of_freedom_spent": 0, "p_value": 0.5, "log10_p_value": -0.3,
     "naive_p_value": 0.5}}]}
    """
}
