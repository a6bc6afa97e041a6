"""The settings of every operation, as keyword arguments.

Names, meanings and defaults are those of the program and of `pipeline.yaml`; `voxelith.describe("map")` tells them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypedDict, Union

Numbers = Union["list[float]", "tuple[float, ...]"]
Sides = Union[int, "tuple[int, int, int]", "list[int]"]
Lengths = Union[float, "tuple[float, float, float]", "list[float]"]
Neighbours = Literal[6, 18, 26]
#: Called now and then with the stage, and how many of how many units are done.
ProgressFunction = Callable[[str, int, int], None]


class CalibrateSettings(TypedDict, total=False):
    fit_window_au: Numbers
    s_windows_au: Numbers
    valence_windows_au: Numbers
    side: Literal["both", "positive", "negative"]
    plain_counts: bool


class MapSettings(TypedDict, total=False):
    method: Literal["profile", "s-parameter", "valence-core"]
    minimum_counts: float
    range_sigmas: float
    fraction_sigma: float
    rest_is_empty: bool
    components: Literal["known", "tied", "free"]
    absorption: str
    bin_to_sigma: float
    bin_to_counts: float
    bin_limit_voxels: int
    denoise: Union[Literal["auto"], float]
    guide_scale: Numbers
    keep_outliers: bool
    counts_per_unit: float
    may_differ: "list[str]"
    shape: str
    copies: Literal["mha", "nrrd"]
    format: Literal["tiff", "nexus"]


class SpectralSettings(TypedDict, total=False):
    dataset: str
    energy_dataset: str
    scan: "dict[str, Any]"
    element_coefficients: str
    pixel_gain: str
    pixel_offset: str
    dead_pixels: str
    pinhole_distance_mm: float
    pixel_pitch_mm: float
    pinhole_flipped: bool


class MapArguments(MapSettings, total=False):
    """What `map`, `map_materials` and `series` take besides: how the spectra were measured, what may be used, where files go. `map` has the
    meanings."""

    live_time: Union[float, Sequence[float], None]
    incident_energy: Union[float, None]
    scattering_angle: Any
    voxel_size: Union[Lengths, None]
    origin: Union[Lengths, None]
    spectra: Union[SpectralSettings, None]
    output: Union[str, "os.PathLike[str]", None]
    overwrite: bool
    threads: Union[int, None]
    memory: Union[int, None]
    progress: Union[ProgressFunction, None]


class VolumeSettings(TypedDict, total=False):
    dataset: str
    channel: int
    frame: int
    raw_shape: Sides
    raw_type: str
    raw_offset_bytes: int
    raw_big_endian: bool
    allow_missing: bool
    ignore_gaps: bool


class SegmentSettings(TypedDict, total=False):
    classes: int
    thresholds: Numbers
    hysteresis: Numbers
    denoise: Literal["none", "median", "nlm"]
    strength: float
    correct_radial: bool
    correct_drift: bool
    minimum_island_voxels: int
    partial_volume: bool
    connectivity: Neighbours
    sweep: float
    sweep_metrics: "list[str]"


class OrientSettings(TypedDict, total=False):
    sigma_um: float
    rho_um: float
    stride: Sides
    mask_label: int
    mask_role: Literal["sample", "phase"]
    direction: Literal["axis", "normal"]
    fill: bool
    weighting: Literal["equal", "anisotropy"]
    minimum_anisotropy: float
    shape: bool
    local_grid: str
    local_voxel_um: float
    copies: Literal["mha", "nrrd"]


class PoresSettings(TypedDict, total=False):
    outside: int
    connectivity: Neighbours
    correlation_reach_um: float
    relative_error: float
    thickness: bool
    correlation: bool
    local_grid: str
    local_voxel_um: float
    copies: Literal["mha", "nrrd"]


class ParticlesSettings(TypedDict, total=False):
    outside: int
    numbered: bool
    relative_depth: float
    minimum_depth_um: float
    copies: Literal["mha", "nrrd"]


class InterfacesSettings(TypedDict, total=False):
    outside: int
    connectivity: Literal[6, 26]


class PathsSettings(TypedDict, total=False):
    copies: Literal["mha", "nrrd"]


class TransportSettings(TypedDict, total=False):
    conductivity: "dict[str, float]"
    tolerance: float
    maximum_iterations: int
    tensor: bool
    sides: Literal["insulated", "periodic"]
    electrode: bool
    separator: Literal["lower", "upper"]
    charged_sides: bool


class RegisterSettings(TypedDict, total=False):
    dof: Literal[6, 7, 12]
    metric: Literal["auto", "model", "nmi", "ncc"]
    psf_fwhm_um: Lengths
    start: str
    maximum_angle_deg: float
    full_turn: bool
    minimum_overlap: float
    maximum_error_voxels: float


class CorrelateSettings(TypedDict, total=False):
    pairs: "list[tuple[str, str]]"
    controls: "list[str]"
    control_depth: Literal["layers", "spline", "line", "none"]
    control_lateral: Literal["smooth", "plane", "none"]
    axial: "list[str]"
    explain: str
    descriptors: "list[str]"
    depth_axis: Literal["z", "y", "x"]
    confidence: float
    replicates: int
    seed: int


class SimulateSettings(TypedDict, total=False):
    preset: Literal["directional", "isotropic"]
    shape: Sides
    voxel_size_um: Lengths
    porosity: float
    tilt_deg: float
    ratio: int
    counts: float
    background: float
    energy_resolution_keV: float
    angle_spread_deg: float
    gain_spread: float
    offset_spread_keV: float
    absorption: bool
    mixture: bool
    active_label: int
    rotation_deg: Numbers
    translation_um: Numbers
    psf_um: float
    lithium: Numbers
    diffusivity_um2_per_s: "list[float]"
    exchange_um_per_s: float
    outside_x: float
    times_s: "list[float]"
    seed: int


class DiffuseSettings(TypedDict, total=False):
    directions: Literal["isotropic", "axial", "diagonal", "tensor"]
    boundary: Literal["exchange", "concentration", "flux", "closed"]
    boundary_x: "list[float]"
    boundary_x_sigma: float
    rate_per_h: "list[float]"
    rate_sigma_per_h: float
    each_interval: bool
    axis: Literal["x", "y", "z"]
    separator: Literal["lower", "upper"]
    layers: int
    regions: str
    fractions: str
    times_s: "list[float]"
    transport: str
    free_diffusivity_um2_per_s: float
    free_diffusivity_sigma_um2_per_s: float
    depth_modes: int
    plane_modes: int


class PlanSettings(TypedDict, total=False):
    target: float
    difference: float
    time_s: float
    rate: float
    x: float
    background: float
    binning: "list[int]"
    significance: float
    power: float
    voxels: int
    at_once: int


class PanelSettings(TypedDict, total=False):
    kind: Literal[
        "slice",
        "value-and-sigma",
        "histogram",
        "profile",
        "density",
        "scatter",
        "series",
        "calibration",
        "orientation",
        "rose",
        "polar",
        "volume",
        "surface",
        "diffusivity",
    ]
    file2: Any
    files: "list[Any]"
    times: Numbers
    layers: int
    sigma: Any
    sigma2: Any
    fade: bool
    reference: Any
    fit: int
    line: Literal["fit", "identity"]
    x: str
    y: str
    x_error: str
    y_error: str
    method: Literal["s-parameter", "valence-core"]
    over: Any
    opacity: float
    axis: Literal["x", "y", "z"]
    slice: int
    position_um: float
    normal: Numbers
    point_um: Numbers
    azimuth: float
    elevation: float
    field_of_view: float
    opacities: "list[Numbers]"
    voxels: bool
    clip: "list[Numbers]"
    level: float
    phase: int
    smooth_um: float
    map: str
    range: Numbers
    center: float
    bins: int
    label: str
    label2: str
    units: str
    title: str
    dataset: str
    channel: int
    raw_shape: Sides
    raw_type: str
    raw_offset_bytes: int
    raw_big_endian: bool


#: Sections of the library's requests, their types here, and the keys that are arguments of their own.
SECTIONS: "dict[tuple[str, str], tuple[type, set[str]]]" = {
    ("calibrate", "calibrate"): (CalibrateSettings, set()),
    ("map", "map"): (MapSettings, {"fractions", "guide"}),
    ("map", "spectra"): (
        SpectralSettings,
        {"voxel_size_um", "live_time_s", "incident_energy_keV", "scattering_angle_deg"},
    ),
    ("segment", "segment"): (SegmentSettings, {"mask"}),
    ("segment", "volume"): (VolumeSettings, {"voxel_size_um"}),
    ("orient", "orient"): (OrientSettings, {"mask", "sigma_voxels", "rho_voxels"}),
    ("pores", "pores"): (PoresSettings, {"phase"}),
    ("particles", "particles"): (ParticlesSettings, {"phase"}),
    ("interfaces", "interfaces"): (InterfacesSettings, {"phases"}),
    ("paths", "paths"): (PathsSettings, {"phase", "axis", "face"}),
    ("transport", "transport"): (TransportSettings, {"phase", "axes"}),
    ("register", "register"): (RegisterSettings, set()),
    ("correlate", "correlate"): (CorrelateSettings, set()),
    ("plan", "plan"): (PlanSettings, {"voxel_size_um", "rate_voxel_size_um"}),
    ("simulate", "simulate"): (SimulateSettings, set()),
    ("diffuse", "diffuse"): (DiffuseSettings, {"series"}),
}
