"""Lithium in battery electrodes from X-ray Compton scattering, and the microstructure around it.

The functions take numpy arrays (z, y, x; spectra z, y, x, bin) or files, run the stages of the program `voxelith`, and give arrays and the
reports that the commands write. Lengths are um, energies keV, angles degrees, times s. A missing value is NaN.

    import voxelith

    calibration = voxelith.Calibration.fit("standards.yaml")
    result = voxelith.map(counts, energy, calibration, live_time=600)
    print(result.mean_x, result.mean_x_sigma, result.verdict)
"""

from __future__ import annotations

from typing import Any

from ._arrays import Inputs as _Inputs
from ._call import call as _call
from ._library import version as __version__
from .alignment import Transform, register, resample
from .errors import (
    Cancelled,
    DataError,
    InternalError,
    MissingError,
    OutputError,
    ReadWriteError,
    UsageError,
    VoxelithError,
    VoxelithWarning,
)
from .files import Inspection, Spectra, inspect, read, read_spectra, write
from .figures import render
from .lithium import Calibration, LithiumMap, map
from .materials import MaterialsMap, map_materials
from .operando import Diffusivity, Series, State, diffuse, series
from .planning import Plan, plan
from .relations import Correlation, correlate
from .simulation import Twin, simulate
from .structure import (
    Diffusion,
    InterfaceMetrics,
    Orientation,
    ParticleMetrics,
    PathMetrics,
    PoreMetrics,
    Segmentation,
    interfaces,
    orient,
    particles,
    paths,
    pores,
    segment,
    transport,
)
from .volume import Result, Volume


def describe(operation: str) -> dict[str, Any]:
    """What an operation takes: inputs, and settings with their meaning and their defaults."""
    known = _call("describe", {}, _Inputs()).report
    if operation not in known:
        raise UsageError(f"there is no operation '{operation}'\n  known are: {', '.join(known)}")
    return known[operation]


__all__ = [
    "Calibration",
    "Cancelled",
    "Correlation",
    "DataError",
    "Diffusion",
    "Diffusivity",
    "Inspection",
    "InterfaceMetrics",
    "InternalError",
    "LithiumMap",
    "MaterialsMap",
    "MissingError",
    "Orientation",
    "OutputError",
    "ParticleMetrics",
    "PathMetrics",
    "Plan",
    "PoreMetrics",
    "ReadWriteError",
    "Result",
    "Segmentation",
    "Series",
    "Spectra",
    "State",
    "Transform",
    "Twin",
    "UsageError",
    "Volume",
    "VoxelithError",
    "VoxelithWarning",
    "__version__",
    "correlate",
    "describe",
    "diffuse",
    "inspect",
    "interfaces",
    "map",
    "map_materials",
    "orient",
    "particles",
    "paths",
    "plan",
    "pores",
    "read",
    "read_spectra",
    "register",
    "render",
    "resample",
    "segment",
    "series",
    "simulate",
    "transport",
    "write",
]
