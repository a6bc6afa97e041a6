"""Names that annotations take from packages which need not be there, so that `typing.get_type_hints` works without them."""

from __future__ import annotations

import sys
from typing import Any

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    try:
        from typing_extensions import Unpack
    except ImportError:

        class Unpack:
            """Stands for that of newer versions of Python."""

            def __class_getitem__(cls, item: Any) -> Any:
                return Any


class pandas:
    """Stands for the package in annotations."""

    DataFrame = Any


class xarray:
    """Stands for the package in annotations."""

    DataArray = Any
    Dataset = Any


__all__ = ["Unpack", "pandas", "xarray"]
