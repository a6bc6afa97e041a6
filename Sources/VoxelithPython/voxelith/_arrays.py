"""What is lent to a call: arrays and files."""

from __future__ import annotations

import ctypes
import math
import os
from typing import Any, Union

import numpy as np

from . import _library
from ._library import Array
from ._paths import Opened, Path, file_name, is_path
from .errors import MissingError, UsageError

#: Size of a voxel, or the corner of the first one, in um: one number, or z, y, x.
Lengths = Union[float, "tuple[float, float, float]", "list[float]", np.ndarray]


def lengths(value: Lengths | None, name: str) -> tuple[float, float, float] | None:
    """Three lengths z, y, x of one or three; those of voxels are positive."""
    if value is None:
        return None
    try:
        numbers = [float(number) for number in np.atleast_1d(np.asarray(value)).ravel()]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) == 1:
        numbers *= 3
    if len(numbers) != 3:
        raise UsageError(f"{name}: needs one number or z, y, x")
    if not all(math.isfinite(number) for number in numbers):
        raise UsageError(f"{name}: {value} is not finite")
    if name.endswith("voxel_size") and min(numbers) <= 0:
        raise UsageError(f"{name}: {value} is not positive")
    return numbers[0], numbers[1], numbers[2]


class Inputs:
    """What is lent to a call. Arrays are lent as they are where their type and order allow, which holds for all in C order with real
    numbers of the machine's byte order; others are copied."""

    def __init__(self) -> None:
        self._arrays: list[Array] = []
        self._kept: list[Any] = []

    def add(
        self,
        name: str,
        value: Any,
        voxel_size: Lengths | None = None,
        origin: Lengths | None = None,
    ) -> None:
        """Adds an array, a path, or (by its `shape`) a grid; nothing for None."""
        if value is None:
            return
        try:
            entry = Array(name=name.encode())
        except (AttributeError, UnicodeEncodeError):
            raise UsageError(f"{name!r} cannot be the name of an array") from None
        if "\0" in name:
            raise UsageError(f"{name!r} cannot be the name of an array")
        if is_path(value):
            entry.path = os.fsencode(self._shown(name, value))
            self._arrays.append(entry)
            return
        size = lengths(
            voxel_size if voxel_size is not None else getattr(value, "voxel_size", None),
            "voxel_size",
        )
        corner = lengths(
            origin if origin is not None else getattr(value, "origin", None), "origin"
        )
        if isinstance(value, Place):
            shape: tuple[int, ...] = value.shape
            entry.type = _library.TYPES["uint8"]
        else:
            array = self.plain(name, value)
            self._kept.append(array)
            shape = array.shape
            entry.type = _library.TYPES[array.dtype.name]
            entry.data = array.ctypes.data
        if not 1 <= len(shape) <= 4:
            raise UsageError(f"the array '{name}' has {len(shape)} axes, not 1 to 4")
        entry.rank = len(shape)
        entry.shape[: len(shape)] = shape
        if size is not None:
            entry.spacing_um[:] = size
        if corner is not None:
            entry.origin_um[:] = corner
        self._arrays.append(entry)

    def add_file(self, name: str, path: Path) -> None:
        """Adds a file that must be one."""
        if not is_path(path):
            raise UsageError(f"{name}: {path!r} is not a path")
        self.add(name, path)

    def add_new(self, name: str, path: Path) -> None:
        """Adds the name of a file that is to be written."""
        self._arrays.append(Array(name=name.encode(), path=file_name(path, name).encode()))

    def _shown(self, name: str, path: Path) -> str:
        """The path of a file to read; one that is not UTF-8 is held open, and named as Linux shows open files."""
        try:
            return file_name(path, name)
        except UsageError:
            raw = os.fsencode(path)
            if not raw or b"\0" in raw:
                raise
            if not os.path.exists(raw):
                raise MissingError(f"{raw!r}: there is no such file") from None
        opened = Opened(raw)
        self._kept.append(opened)
        return f"/proc/self/fd/{opened.number}"

    @staticmethod
    def plain(name: str, value: Any) -> np.ndarray:
        """The array in C order, the machine's byte order and a type of the library; itself where it is so already."""
        array = taken(name, value)
        if array.dtype == np.bool_:
            array = array.view(np.uint8)
        if not array.dtype.isnative:
            array = array.astype(array.dtype.newbyteorder("="))
        if array.dtype.name not in _library.TYPES:
            raise UsageError(
                f"the array '{name}' is of type {array.dtype}, not of real numbers of 8 to 64 bits"
            )
        return np.require(array, requirements=["C", "A"])

    def table(self) -> ctypes.Array[Array]:
        return (Array * max(1, len(self._arrays)))(*self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)


def taken(name: str, value: Any) -> np.ndarray:
    """An array of what numpy can take for one; masked values become NaN."""
    if isinstance(value, np.ma.MaskedArray):
        if not np.ma.is_masked(value):
            return np.asarray(value.data)
        if value.dtype.kind != "f":
            raise UsageError(
                f"the array '{name}' has masked values, which {value.dtype} cannot hold\n"
                "  give it as float, or fill it: array.filled(0)"
            )
        return value.filled(np.nan)
    try:
        if not hasattr(value, "__array__") and hasattr(value, "__dlpack__"):
            return np.from_dlpack(value)
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError, BufferError) as cause:
        raise UsageError(f"the array '{name}' cannot be taken as one of numpy: {cause}") from cause


def numbers(name: str, value: Any) -> np.ndarray:
    """An array in double precision."""
    array = taken(name, value)
    if array.dtype.kind not in "buif":
        raise UsageError(f"the array '{name}' is of type {array.dtype}, not of real numbers")
    return np.asarray(array, dtype=np.float64)


class Place:
    """A grid without values."""

    def __init__(
        self, shape: tuple[int, int, int], voxel_size: Lengths, origin: Lengths = 0.0
    ) -> None:
        self.shape = shape
        self.voxel_size = voxel_size
        self.origin = origin
