"""Alignment of two volumes, and volumes on other grids."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from ._arrays import Inputs, Lengths, Place, lengths, numbers
from ._call import ProgressFunction, call
from ._paths import file_name, is_path, read_whole, write_whole
from ._types import Unpack
from .errors import DataError, UsageError
from .settings import RegisterSettings, VolumeSettings
from .volume import Volume



class Transform:
    """From points of the fixed to points of the moving volume: `matrix` is 4x4 by rows, points are (x, y, z) in um."""

    def __init__(self, matrix: Any, text: str | None = None) -> None:
        self.matrix = numbers("matrix", matrix)
        if self.matrix.shape != (4, 4) or not np.isfinite(self.matrix).all():
            raise UsageError(f"matrix: is {self.matrix.shape}, not 4x4 finite numbers")
        #: The content of `transform.json`.
        self.report: dict[str, Any] = (
            json.loads(text)
            if text
            else {
                "matrix": self.matrix.tolist(),
                "from": "fixed",
                "to": "moving",
                "unit": "um",
                "order": "xyz",
            }
        )
        self._text = text or json.dumps(self.report)
        #: Expected error in um (one standard deviation) on the fixed grid (z, y, x), where it was asked for.
        self.error_map: Volume | None = None

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Transform:
        """Reads `transform.json`."""
        text = read_whole(path, "transform")
        matrix = json.loads(text).get("matrix")
        if matrix is None:
            raise DataError(f"{os.fsdecode(path)}: is not a transform file")
        return cls(matrix, text)

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Writes `transform.json`, the same bytes as `voxelith register`."""
        write_whole(path, self._text, overwrite)

    @property
    def covariance(self) -> np.ndarray | None:
        """Of the local parameters that `report["covariance_parameters"]` names, in radians and um."""
        found = self.report.get("covariance")
        return None if found is None else np.asarray(found)

    @property
    def expected_error(self) -> float | None:
        """Root mean square of the expected error over the fixed grid, in um."""
        return self.report.get("expected_error_um")

    def __call__(self, points: Any) -> np.ndarray:
        """Moving points of fixed points (..., 3), x, y, z in um."""
        return np.asarray(points) @ self.matrix[:3, :3].T + self.matrix[:3, 3]

    def __repr__(self) -> str:
        return f"<Transform, expected error {self.expected_error} um>"


def register(
    moving: Any,
    fixed: Any,
    *,
    moving_voxel_size: Lengths | None = None,
    fixed_voxel_size: Lengths | None = None,
    moving_mask: Any = None,
    fixed_mask: Any = None,
    variance: Any = None,
    error_map: bool = False,
    moving_opening: VolumeSettings | None = None,
    fixed_opening: VolumeSettings | None = None,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[RegisterSettings],
) -> Transform:
    """Aligns a moving volume (XCT) with a fixed one (XCS intensity). An alignment that the volumes do not support is a `DataError`.

    Args:
        moving, fixed: arrays (z, y, x), `Volume`s, or files.
        moving_voxel_size, fixed_voxel_size: z, y, x in um.
        moving_mask, fixed_mask: zero is missing.
        variance: of the fixed values; for counts, the counts themselves.
        error_map: whether the expected error is given on the fixed grid, too.
        moving_opening, fixed_opening: how files are opened, as `{"dataset": "/entry/data"}`; see `voxelith.settings.VolumeSettings`.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        settings: as `dof=7` or `psf_fwhm_um=60`, see `voxelith.describe("register")`.
    """
    inputs = Inputs()
    request: dict[str, Any] = {"register": dict(settings), "error_map": error_map}
    for name, value, size, mask, opening in (
        ("moving", moving, moving_voxel_size, moving_mask, moving_opening),
        ("fixed", fixed, fixed_voxel_size, fixed_mask, fixed_opening),
    ):
        inputs.add(name, value, size)
        inputs.add(f"{name}_mask", mask, size)
        how: dict[str, Any] = dict(opening or {})
        if is_path(value):
            how["voxel_size_um"] = lengths(size, f"{name}_voxel_size")
        request[f"{name}_volume"] = how
    inputs.add("variance", variance, fixed_voxel_size)
    answer = call(
        "register", request, inputs, threads=threads, memory=memory, progress=progress
    )
    result = Transform(answer.report["matrix"], answer.text)
    if "error_um" in answer.arrays:
        result.error_map = Volume(answer.arrays["error_um"], *answer.places["error_um"])
    return result


def resample(
    volume: Any,
    like: Any = None,
    *,
    transform: Transform | str | os.PathLike[str] | Any = None,
    inverse: bool = False,
    interpolation: str | None = None,
    fill: float | None = None,
    voxel_size: Lengths | None = None,
    origin: Lengths | None = None,
    like_voxel_size: Lengths | None = None,
    like_origin: Lengths | None = None,
    shape: tuple[int, int, int] | None = None,
    opening: VolumeSettings | None = None,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
) -> Volume:
    """Puts a volume on another grid, through a transform.

    Args:
        volume: an array (z, y, x), a `Volume`, or a file.
        like: what has the target grid: a `Volume`, an array with `like_voxel_size`, or a file. Or give `shape` and `like_voxel_size`.
        transform: from points of the target grid to points of the volume: a `Transform`, 4x4 numbers, or a file.
        inverse: whether its inverse is taken.
        interpolation: nearest (labels), linear, cubic, or area (targets much coarser); else nearest for labels and linear for all others.
        fill: value outside the volume for whole-number types; others have NaN there.
        voxel_size, like_voxel_size: z, y, x in um.
        origin: outer corner of the first voxel: z, y, x in um.
        like_origin: outer corner of the first voxel of `like`: z, y, x in um.
        shape: voxels of the target grid along z, y, x, with `like_voxel_size`.
        opening: how a file is opened, as `{"dataset": "/entry/data"}`; see `voxelith.settings.VolumeSettings`.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
    """
    inputs = Inputs()
    inputs.add("volume", volume, voxel_size, origin)
    if shape is not None:
        if like is not None or like_voxel_size is None:
            raise UsageError("shape: goes with like_voxel_size, without like")
        like = Place(shape, like_voxel_size, like_origin or 0.0)
    if like is None:
        raise UsageError("like: is missing")
    inputs.add("like", like, like_voxel_size, like_origin)
    how: dict[str, Any] = dict(opening or {})
    if is_path(volume):
        how["voxel_size_um"] = lengths(voxel_size, "voxel_size")
    if isinstance(transform, (str, bytes, os.PathLike)):
        transform = file_name(transform, "transform")
    elif transform is not None:
        transform = (transform if isinstance(transform, Transform) else Transform(transform)).matrix
    answer = call(
        "resample",
        {
            "volume": how,
            "transform": transform,
            "inverse": inverse,
            "interpolation": interpolation,
            "fill": fill,
        },
        inputs,
        threads=threads,
        memory=memory,
        progress=progress,
    )
    result = Volume(answer.arrays["volume"], *answer.places["volume"])
    result.report = answer.report
    return result
