"""One call of the library: arrays in, arrays out, the interpreter's lock free meanwhile."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Union

import numpy as np

from . import _library
from ._library import Array, Cancelled, Hooks, Progress, library
from .errors import UsageError, VoxelithWarning, error

#: Called now and then with the stage, and how many of how many units are done.
ProgressFunction = Callable[[str, int, int], None]
#: Size of a voxel, or the corner of the first one, in um: one number, or z, y, x.
Lengths = Union[float, "tuple[float, float, float]", "list[float]", np.ndarray]
_PACKAGE = str(Path(__file__).parent)


def lengths(value: Lengths | None, name: str) -> tuple[float, float, float] | None:
    """Three lengths z, y, x of one or three."""
    if value is None:
        return None
    numbers = [float(number) for number in np.atleast_1d(np.asarray(value)).ravel()]
    if len(numbers) == 1:
        numbers *= 3
    if len(numbers) != 3:
        raise UsageError(f"{name}: needs one number or z, y, x")
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
        entry = Array(name=name.encode())
        if isinstance(value, (str, os.PathLike)):
            entry.path = os.fsencode(value)
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

    @staticmethod
    def plain(name: str, value: Any) -> np.ndarray:
        array = np.asarray(value)
        if array.dtype == np.bool_:
            array = array.view(np.uint8)
        if not array.dtype.isnative:
            array = array.astype(array.dtype.newbyteorder("="))
        if array.dtype.name not in _library.TYPES:
            raise UsageError(f"the array '{name}' is of type {array.dtype}, not of real numbers")
        return np.ascontiguousarray(array)

    def table(self) -> ctypes.Array[Array]:
        return (Array * max(1, len(self._arrays)))(*self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)


class Place:
    """A grid without values."""

    def __init__(
        self, shape: tuple[int, int, int], voxel_size: Lengths, origin: Lengths = 0.0
    ) -> None:
        self.shape = shape
        self.voxel_size = voxel_size
        self.origin = origin


class Held:
    """A result of the library; freed when the last array of it goes."""

    def __init__(self, pointer: int) -> None:
        self.pointer = pointer

    def __del__(self) -> None:
        library.voxelith_result_free(self.pointer)


class Answer:
    """Arrays by name with their places, and the report."""

    def __init__(self, held: Held) -> None:
        self.text: str = library.voxelith_result_report(held.pointer).decode()
        self.arrays: dict[str, np.ndarray] = {}
        self.places: dict[str, tuple[Any, Any]] = {}
        entry = Array()
        index = 0
        while library.voxelith_result_array(held.pointer, index, ctypes.byref(entry)):
            name = entry.name.decode()
            dtype = _library.DTYPES[entry.type]
            shape = tuple(entry.shape[: entry.rank])
            count = int(np.prod(shape, dtype=np.int64))
            memory = (ctypes.c_uint8 * (count * dtype.itemsize)).from_address(entry.data)
            memory._held = held  # type: ignore[attr-defined]
            self.arrays[name] = np.frombuffer(memoryview(memory), dtype=dtype).reshape(shape)
            size = tuple(entry.spacing_um)
            self.places[name] = (size if any(size) else None, tuple(entry.origin_um))
            index += 1

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.text)


def call(
    operation: str,
    request: Mapping[str, Any],
    inputs: Inputs,
    *,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
) -> Answer:
    """Runs an operation. Notices become warnings, errors exceptions; Ctrl-C stops the work at its next block."""
    text = json.dumps(_stated(request), default=_plain)
    asked = _Stop()
    failure: list[BaseException] = []

    def tell(_context: Any, stage: bytes, done: int, total: int, _unit: bytes) -> None:
        if progress is None or failure:
            return
        try:
            progress(stage.decode(), done, total)
        except BaseException as raised:
            failure.append(raised)

    hooks = Hooks(
        None,
        Progress(tell) if progress is not None else Progress(),
        Cancelled(lambda _context: 1 if failure or asked.is_set else 0),
        threads or 0,
        memory or 0,
    )
    pointer = ctypes.c_void_p()
    table = inputs.table()
    with asked:
        code = library.voxelith_run(
            operation.encode(),
            text.encode(),
            table,
            len(inputs),
            ctypes.byref(hooks),
            ctypes.byref(pointer),
        )
    held = Held(pointer.value or 0)
    asked.pass_on()
    if failure:
        raise failure[0]
    if code:
        raise error(code, library.voxelith_result_error(held.pointer).decode())
    index = 0
    while notice := library.voxelith_result_notice(held.pointer, index):
        warnings.warn(notice.decode(), VoxelithWarning, stacklevel=_outside())
        index += 1
    return Answer(held)


class _Stop:
    """Takes Ctrl-C while a call runs on the main thread, so that the work ends cleanly first."""

    def __init__(self) -> None:
        self.is_set = False
        self._before: Any = None
        self._signal: tuple[int, Any] | None = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):
                self._before = before
                signal.signal(signal.SIGINT, self._take)

    def _take(self, number: int, frame: Any) -> None:
        self.is_set = True
        self._signal = (number, frame)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def pass_on(self) -> None:
        if self._signal is not None and self._before is not None:
            self._before(*self._signal)


def _outside() -> int:
    """How many frames up the caller's own code is."""
    level = 1
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    return level


def _stated(value: Any) -> Any:
    """A request without what is None."""
    if isinstance(value, Mapping):
        return {key: _stated(entry) for key, entry in value.items() if entry is not None}
    return value


def _plain(value: Any) -> Any:
    """What JSON does not know."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise UsageError(f"a setting cannot be of type {type(value).__name__}")
