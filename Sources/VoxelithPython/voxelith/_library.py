"""The shared library and its functions, as `voxelith.h` declares them."""

from __future__ import annotations

import ctypes
import os
from ctypes import c_char_p, c_double, c_int32, c_int64, c_void_p
from pathlib import Path

import numpy as np

from _voxelith_program import use_own_fonts

INTERFACE = 1

TYPES = {
    "uint8": 1,
    "uint16": 2,
    "uint32": 3,
    "uint64": 4,
    "int8": 5,
    "int16": 6,
    "int32": 7,
    "int64": 8,
    "float16": 9,
    "float32": 10,
    "float64": 11,
}
DTYPES = {code: np.dtype(name) for name, code in TYPES.items()}


class Array(ctypes.Structure):
    _fields_ = [
        ("name", c_char_p),
        ("path", c_char_p),
        ("data", c_void_p),
        ("type", c_int32),
        ("rank", c_int32),
        ("shape", c_int64 * 4),
        ("spacing_um", c_double * 3),
        ("origin_um", c_double * 3),
    ]


Progress = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, c_int64, c_int64, c_char_p)
Cancelled = ctypes.CFUNCTYPE(c_int32, c_void_p)


class Hooks(ctypes.Structure):
    _fields_ = [
        ("context", c_void_p),
        ("progress", Progress),
        ("cancelled", Cancelled),
        ("threads", c_int64),
        ("memory", c_int64),
    ]


def _path() -> str:
    named = os.environ.get("VOXELITH_LIBRARY")
    if named:
        return named
    own = Path(__file__).parent / "_native" / "libvoxelith.so"
    if own.exists():
        return str(own)
    raise ImportError(
        f"the library of voxelith is not there: {own}\n"
        "  install the wheel, or name the library with VOXELITH_LIBRARY"
    )


def _load() -> ctypes.CDLL:
    use_own_fonts()
    # CDLL gives the interpreter's lock back while a function runs.
    library = ctypes.CDLL(_path())
    result = c_void_p
    for name, answer, arguments in [
        ("voxelith_version", c_char_p, []),
        ("voxelith_interface", c_int32, []),
        (
            "voxelith_run",
            c_int32,
            [
                c_char_p,
                c_char_p,
                ctypes.POINTER(Array),
                c_int64,
                ctypes.POINTER(Hooks),
                ctypes.POINTER(result),
            ],
        ),
        ("voxelith_result_error", c_char_p, [result]),
        ("voxelith_result_report", c_char_p, [result]),
        ("voxelith_result_notice", c_char_p, [result, c_int64]),
        ("voxelith_result_array", c_int32, [result, c_int64, ctypes.POINTER(Array)]),
        ("voxelith_result_free", None, [result]),
    ]:
        function = getattr(library, name)
        function.restype = answer
        function.argtypes = arguments
    found = library.voxelith_interface()
    if found != INTERFACE:
        raise ImportError(
            f"the library speaks interface {found}, this package {INTERFACE}"
        )
    return library


library = _load()
version: str = library.voxelith_version().decode()
