"""Cells with several active materials."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ._types import Unpack
from .errors import UsageError
from .lithium import Calibration, MapCall
from .settings import MapArguments
from .volume import Result



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
    **arguments: Unpack[MapArguments],
) -> MaterialsMap:
    """Maps a cell of several active materials, each with standards of its own; the bytes of `map --material`.

    Args:
        counts: counts (z, y, x, bin), `Spectra`, or a file.
        energy: centres of the bins in keV, with an array of counts.
        materials: label (1 to 255) and calibration of each material by its name, as `{"positive": (1, calibration), ...}`.
        labels: which material each voxel holds (z, y, x), 0 for none, or a file.
        arguments: as of `map`, without `fractions`, `guide` and what works against noise; `output` has one folder for each material.
    """
    if not isinstance(materials, Mapping) or not materials:
        raise UsageError("materials: are a label and a calibration for each name")
    if labels is None:
        raise UsageError("labels: are missing")
    mapping = MapCall(arguments)
    opening = mapping.lend_scan(counts, energy)
    place = mapping.measured
    mapping.inputs.add("material_labels", labels, place["voxel_size"], place["origin"])
    named: dict[str, int] = {}
    known: dict[str, Any] = {}
    for name, pair in materials.items():
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise UsageError(f"materials: '{name}' is not a pair of label and calibration")
        named[name] = pair[0]
        known[f"calibration.{name}"] = pair[1]
    return MaterialsMap(mapping.call("map_materials", known, opening, labels=named))
