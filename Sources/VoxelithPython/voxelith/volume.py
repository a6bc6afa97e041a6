"""Arrays with their place in space, and what all results have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ._arrays import Lengths, lengths, taken
from ._call import Answer
from .errors import UsageError


if TYPE_CHECKING:
    import pandas
    import xarray
else:
    from ._types import pandas, xarray

Triple = "tuple[float, float, float]"

#: Units of the quantities that results hold; 1 for pure numbers.
UNITS = {
    "intensity": "counts",
    "thickness": "um",
    "pore_size": "um",
    "surface": "1/um",
    "resolution": "um",
    "error_um": "um",
}


class Volume:
    """A volume: `data` in the order z, y, x (and components last), the voxel size and the corner of the first voxel in um.

    numpy takes it for its array, and every function of this package takes it with its place.
    """

    def __init__(
        self, data: Any, voxel_size: Lengths | None = None, origin: Lengths | None = None
    ) -> None:
        if isinstance(data, Volume):
            voxel_size = data.voxel_size if voxel_size is None else voxel_size
            origin = data.origin if origin is None else origin
        self.data: np.ndarray = taken("data", data)
        if self.data.dtype.kind not in "buif":
            raise UsageError(f"data: is of type {self.data.dtype}, not of real numbers")
        #: z, y, x in um; None where it is not known.
        self.voxel_size: tuple[float, float, float] | None = lengths(voxel_size, "voxel_size")
        #: Outer corner of the first voxel: z, y, x in um.
        self.origin: tuple[float, float, float] = lengths(origin, "origin") or (0.0, 0.0, 0.0)
        #: What is in it, as `li`; figures know the quantities of the program by their names.
        self.name: str | None = getattr(data, "name", None) if isinstance(data, Volume) else None
        #: What the file or the operation says of it.
        self.report: dict[str, Any] = {}

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.data, dtype=dtype) if copy else np.asarray(self.data, dtype=dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """Voxels along z, y, x; then components, if any."""
        return self.data.shape

    def to_xarray(self, name: str | None = None) -> xarray.DataArray:
        """The volume with the centres of its voxels in um as coordinates, under its own name. Needs xarray."""
        import xarray

        known = self.name or "volume"
        return xarray.DataArray(
            self.data,
            dims=_dims(self.data),
            coords=coordinates(self.data.shape, self.voxel_size, self.origin),
            name=name or known,
            attrs={"units": UNITS.get(known, "1")} if self.name else {},
        )

    def __repr__(self) -> str:
        size = "unknown" if self.voxel_size is None else f"{self.voxel_size} um"
        return f"<Volume {self.data.shape} {self.data.dtype}, voxel size {size}>"


class Result:
    """What an operation gives: arrays by name, and `report`, the content of the JSON that its command writes."""

    def __init__(self, answer: Answer) -> None:
        #: Every array of the result by its name.
        self.arrays = answer.arrays
        #: The JSON that the command writes.
        self.report: dict[str, Any] = answer.report
        self._places = answer.places

    @property
    def voxel_size(self) -> tuple[float, float, float] | None:
        """z, y, x in um; None where it is not known."""
        return next(iter(self._places.values()))[0] if self._places else None

    @property
    def origin(self) -> tuple[float, float, float]:
        """Outer corner of the first voxel: z, y, x in um."""
        return next(iter(self._places.values()))[1] if self._places else (0.0, 0.0, 0.0)

    def volume(self, name: str) -> Volume:
        """One of the arrays with its place."""
        if name not in self.arrays:
            raise UsageError(f"there is no array '{name}'\n  known are: {', '.join(self.arrays)}")
        volume = Volume(self.arrays[name], *self._places[name])
        volume.name = name
        return volume

    def _grids(self) -> Iterator[tuple[tuple[int, ...], list[str]]]:
        grids: dict[tuple[int, ...], list[str]] = {}
        for name, array in self.arrays.items():
            grids.setdefault(array.shape[:3], []).append(name)
        yield from grids.items()

    def to_xarray(self) -> xarray.Dataset:
        """All arrays on the grid of the first, with the centres of the voxels in um as coordinates. Needs xarray."""
        import xarray

        shape, names = next(self._grids(), ((), []))
        data = {
            name: (_dims(self.arrays[name]), self.arrays[name], {"units": UNITS.get(name, "1")})
            for name in names
        }
        return xarray.Dataset(data, coords=coordinates(shape, self.voxel_size, self.origin))

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each voxel: its centre in um (`z_um`, `y_um`, `x_um`; in voxels `z`, `y`, `x` where the size of a voxel is
        not known) and the arrays on the grid of the first, vectors as `name_x`, `name_y`, `name_z`. Needs pandas."""
        import pandas

        shape, names = next(self._grids(), ((), []))
        columns: dict[str, Any] = {}
        if shape:
            centres = [_centres(shape, self.voxel_size, self.origin, axis) for axis in range(3)]
            unit = "" if self.voxel_size is None else "_um"
            for name, values in zip((f"z{unit}", f"y{unit}", f"x{unit}"), np.meshgrid(*centres, indexing="ij")):
                columns[name] = values.ravel()
        for name in names:
            array = self.arrays[name]
            if array.ndim == 3:
                columns[name] = array.ravel()
            else:
                for index in range(array.shape[3]):
                    part = "xyz"[index] if array.shape[3] == 3 else str(index)
                    columns[f"{name}_{part}"] = array[..., index].ravel()
        return pandas.DataFrame(columns)


def coordinates(
    shape: tuple[int, ...],
    voxel_size: tuple[float, float, float] | None,
    origin: tuple[float, float, float],
) -> dict[str, Any]:
    """Centres of the voxels in um along z, y, x; without a voxel size they count voxels."""
    unit = "um" if voxel_size is not None else "voxel"
    return {
        name: (name, _centres(shape, voxel_size, origin, axis), {"units": unit})
        for axis, name in enumerate("zyx")
        if axis < len(shape)
    }


def _centres(shape: Any, voxel_size: Any, origin: Any, axis: int) -> np.ndarray:
    step = 1.0 if voxel_size is None else voxel_size[axis]
    return origin[axis] + (np.arange(shape[axis]) + 0.5) * step


def _dims(array: np.ndarray) -> list[str]:
    return ["z", "y", "x", "component"][: array.ndim]
