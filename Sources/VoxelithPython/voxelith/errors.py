"""What can go wrong, with the texts and the codes of the program."""

from __future__ import annotations


class VoxelithError(Exception):
    """Base of all errors. `code` is the exit code that the program has for it."""

    code = 70


class UsageError(VoxelithError, ValueError):
    """A setting or an argument makes no sense."""

    code = 64


class DataError(VoxelithError, ValueError):
    """The content of an array or a file is wrong."""

    code = 65


class MissingError(VoxelithError, FileNotFoundError):
    """An input is not there."""

    code = 66


class InternalError(VoxelithError, RuntimeError):
    """A defect of voxelith."""

    code = 70


class OutputError(VoxelithError, OSError):
    """An output cannot be made, or exists already."""

    code = 73


class ReadWriteError(VoxelithError, OSError):
    """Reading or writing failed after it had begun."""

    code = 74


class Cancelled(VoxelithError):
    """The work was stopped on request."""

    code = 130


class VoxelithWarning(UserWarning):
    """What the program prints as a note: it stops nothing, and a careful reader should know it."""


_KINDS = {
    kind.code: kind
    for kind in (
        UsageError,
        DataError,
        MissingError,
        InternalError,
        OutputError,
        ReadWriteError,
        Cancelled,
    )
}


def error(code: int, text: str) -> VoxelithError:
    result = _KINDS.get(code, VoxelithError)(text)
    result.code = code
    return result
