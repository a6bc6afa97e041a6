"""Cells with several active materials."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ._arrays import Inputs, Lengths
from ._call import ProgressFunction, call
from ._paths import folder_name
from .errors import UsageError
from .files import lend_spectra
from .lithium import Calibration, lent_calibrations
from .volume import Result

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .settings import MapSettings, SpectralSettings


class MaterialsMap(Result):
    """Lithium of several materials, each voxel by the calibration of its own. `arrays` also has the quantities of each material, as
    `"positive/intensity"`."""

    @property
    def x(self) -> np.ndarray:
        """Lithium stoichiometry x (z, y, x) of the material that the voxel holds; NaN where it holds none."""
        return self.arrays["li"]

    @property
    def sigma(self) -> np.ndarray:
        """Standard deviation of x by what voxels do not share."""
        return self.arrays["li_sigma"]

    @property
    def mask(self) -> np.ndarray:
        """0 for a good voxel, 4 for an x outside the calibrated range, and a reason where x is NaN."""
        return self.arrays["mask"]

    @property
    def material(self) -> np.ndarray:
        """Label of the material of each voxel."""
        return self.arrays["material"]

    @property
    def materials(self) -> dict[str, dict[str, Any]]:
        """The numbers of each material's map by its name, as `LithiumMap.report` has them."""
        return {name: entry["map"] for name, entry in self.report["materials"].items()}

    @property
    def mean_x(self) -> dict[str, float | None]:
        """Mean over the mapped voxels of each material."""
        return {name: report.get("mean_x") for name, report in self.materials.items()}

    @property
    def mean_x_sigma(self) -> dict[str, float | None]:
        """Its standard deviation, with the errors that all voxels share."""
        return {name: report.get("mean_x_sigma") for name, report in self.materials.items()}

    def __repr__(self) -> str:
        return f"<MaterialsMap {self.x.shape}, x = {self.mean_x} +- {self.mean_x_sigma}>"


def map_materials(
    counts: Any,
    energy: Any = None,
    materials: Mapping[str, tuple[int, Calibration | str | os.PathLike[str]]] | None = None,
    labels: Any = None,
    *,
    live_time: float | None = None,
    incident_energy: float | None = None,
    scattering_angle: Any = None,
    voxel_size: Lengths | None = None,
    origin: Lengths | None = None,
    spectra: SpectralSettings | None = None,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[MapSettings],
) -> MaterialsMap:
    """Maps a cell of several active materials, each with standards of its own; the bytes of `map --material`.

    Args:
        counts, energy, live_time, incident_energy, scattering_angle, voxel_size, origin, spectra: as of `map`.
        materials: label (1 to 255) and calibration of each material by its name, as `{"positive": (1, calibration), ...}`.
        labels: which material each voxel holds (z, y, x), 0 for none, or a file.
        output: folder that keeps the files, with one folder for each material.
        settings: as of `map`, without fractions and what works against noise.
    """
    if not isinstance(materials, Mapping) or not materials:
        raise UsageError("materials: are a label and a calibration for each name")
    if labels is None:
        raise UsageError("labels: are missing")
    inputs = Inputs()
    opening = lend_spectra(
        inputs,
        counts,
        energy,
        live_time,
        incident_energy,
        scattering_angle,
        voxel_size,
        origin,
    )
    inputs.add("material_labels", labels, voxel_size, origin)
    named: dict[str, int] = {}
    known: dict[str, Any] = {}
    for name, pair in materials.items():
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise UsageError(f"materials: '{name}' is no pair of label and calibration")
        named[name] = pair[0]
        known[f"calibration.{name}"] = pair[1]
    request = {
        "map": settings,
        "spectra": {**(spectra or {}), **opening},
        "labels": named,
        "output": folder_name(output),
        "overwrite": overwrite,
    }
    with lent_calibrations(inputs, known):
        return MaterialsMap(
            call("map_materials", request, inputs, threads=threads, memory=memory, progress=progress)
        )
