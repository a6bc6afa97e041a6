"""Names of files, and the small files that Python writes itself."""

from __future__ import annotations

import errno
import json
import os
import secrets
from typing import Any, Union

from .errors import DataError, MissingError, OutputError, UsageError

Path = Union[str, bytes, "os.PathLike[Any]"]


def is_path(value: Any) -> bool:
    return isinstance(value, (str, bytes, os.PathLike))


def file_name(path: Path, name: str) -> str:
    """The path of a file or folder as the library takes it: UTF-8."""
    if not is_path(path):
        raise UsageError(f"{name}: {path!r} is not a path")
    text = os.fsdecode(path)
    if "\0" in text or not text:
        raise UsageError(f"{name}: {text!r} is not a path")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{name}: {os.fsencode(text)!r} is not UTF-8; new files need a name that is") from None
    return text


def folder_name(path: Path | None, name: str = "output") -> str | None:
    """The same, from the root."""
    return None if path is None else os.path.abspath(file_name(path, name))


class Opened:
    """A file or folder that is held open by its name alone."""

    def __init__(self, path: bytes) -> None:
        self.number = os.open(path, os.O_PATH | os.O_CLOEXEC)

    def __del__(self) -> None:
        if hasattr(self, "number"):
            os.close(self.number)


def write_whole(path: Path, text: str, overwrite: bool) -> None:
    """Writes a text file that appears whole under its name, or not at all."""
    name = file_name(path, "path")
    made = os.path.join(os.path.dirname(name), f".voxelith-{secrets.token_hex(8)}")
    try:
        with open(made, "x", encoding="utf-8") as file:
            file.write(text)
        if overwrite:
            os.replace(made, name)
            return
        try:
            # A link is refused where the name is taken, also by another process a moment ago.
            os.link(made, name)
        except OSError as cause:
            if cause.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
            if os.path.lexists(name):
                raise FileExistsError from None
            os.rename(made, name)
            return
    except FileExistsError:
        raise OutputError(f"{name}: exists already\n  use overwrite=True") from None
    except OSError as cause:
        raise OutputError(f"{name}: the file cannot be made ({cause.strerror})") from None
    finally:
        if os.path.lexists(made):
            os.unlink(made)


def read_whole(path: Path, kind: str) -> str:
    """The text of a JSON file."""
    name = os.fsdecode(path)
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if isinstance(json.loads(text), dict):
            return text
    except FileNotFoundError:
        raise MissingError(f"{name}: there is no such file") from None
    except OSError as cause:
        raise MissingError(f"{name}: cannot be read ({cause.strerror})") from None
    except ValueError:
        pass
    raise DataError(f"{name}: is not a {kind} file")
