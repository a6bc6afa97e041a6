"""One call of the library: arrays in, arrays out, the interpreter's lock free meanwhile."""

from __future__ import annotations

import ctypes
import json
import signal
import sys
import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from . import _library
from ._arrays import Inputs
from ._library import Array, Cancelled, Hooks, Progress, library
from ._request import request_text, whole
from .errors import VoxelithWarning, error
from .settings import ProgressFunction

_PACKAGE = str(Path(__file__).parent)


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
    text = request_text(request)
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
        whole("threads", threads, 1 << 16),
        whole("memory", memory, 1 << 62),
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
