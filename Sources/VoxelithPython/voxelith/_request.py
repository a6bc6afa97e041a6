"""What a call is told, as JSON."""

from __future__ import annotations

import json
import math
import operator
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ._paths import file_name
from .errors import UsageError


def whole(name: str, value: Any, limit: int) -> int:
    """A number of threads or bytes; 0, which leaves it to the library, for None."""
    if value is None:
        return 0
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if isinstance(value, (bool, np.bool_)) or not 1 <= number <= limit:
        raise UsageError(f"{name}: {value!r} is not a whole number from 1 up")
    return number


def request_text(request: Mapping[str, Any]) -> str:
    """A request as JSON."""
    stated = _stated(request)
    try:
        text = json.dumps(stated, default=_plain, allow_nan=False, ensure_ascii=False)
        text.encode()
    except UsageError:
        raise
    except UnicodeEncodeError as cause:
        raise UsageError(f"{cause.object[cause.start - 40 : cause.end + 40]!r} in the settings is not UTF-8") from None
    except ValueError:
        raise UsageError(f"{_culprit(stated) or 'a setting'}: the value is not a finite number") from None
    except TypeError as cause:
        raise UsageError(f"a setting cannot be told: {cause}") from None
    return text


def _culprit(value: Any, name: str = "") -> str | None:
    """The key of the first value that JSON has no word for."""
    if isinstance(value, Mapping):
        found = (_culprit(entry, str(key)) for key, entry in value.items())
    elif isinstance(value, (list, tuple)):
        found = (_culprit(entry, name) for entry in value)
    else:
        number = _plain(value) if isinstance(value, (np.generic, np.ndarray)) else value
        if isinstance(number, list):
            return _culprit(number, name)
        return name if isinstance(number, float) and not math.isfinite(number) else None
    return next((entry for entry in found if entry is not None), None)


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
        return file_name(value, "a setting")
    raise UsageError(f"a setting cannot be of type {type(value).__name__}")
