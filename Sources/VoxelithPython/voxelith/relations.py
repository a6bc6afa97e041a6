"""Lithium against microstructure."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._arrays import Inputs, Lengths
from ._call import ProgressFunction, call
from ._paths import folder_name
from ._types import Unpack
from .errors import UsageError
from .settings import CorrelateSettings


if TYPE_CHECKING:
    import pandas
else:
    from ._types import pandas


class Correlation:
    """Coefficients with p values and intervals that allow for the correlation of neighbouring voxels; `report` is `correlation.json`."""

    def __init__(self, report: dict[str, Any]) -> None:
        self.report = report

    @property
    def relations(self) -> list[dict[str, Any]]:
        """One entry for each pair."""
        return self.report["relations"]

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each pair: Pearson's r with its interval, p, q and effective number of voxels. Needs pandas."""
        import pandas

        rows = []
        for relation in self.relations:
            pearson = relation.get("pearson") or {}
            r = pearson.get("coefficient") or {}
            rows.append(
                {
                    "x": relation["x"],
                    "y": relation["y"],
                    "r": r.get("value"),
                    "r_low": r.get("low"),
                    "r_high": r.get("high"),
                    "p": pearson.get("p_value"),
                    "q": relation.get("q_benjamini_hochberg"),
                    "effective_voxels": pearson.get("effective_voxels"),
                    "voxels": pearson.get("voxels"),
                }
            )
        return pandas.DataFrame(rows)


def correlate(
    fields: Mapping[str, Any],
    *,
    voxel_size: Lengths | None = None,
    sigmas: Mapping[str, Any] | None = None,
    masks: Mapping[str, Any] | None = None,
    shared_errors: Mapping[tuple[str, str], Any] | None = None,
    units: Mapping[str, str] | None = None,
    figures: bool = True,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[CorrelateSettings],
) -> Correlation:
    """Relates quantities on one grid.

    Args:
        fields: arrays (z, y, x), `Volume`s or files by name; NaN is missing.
        voxel_size: z, y, x in um.
        sigmas: standard errors of fields.
        masks: masks of fields: where one is not zero its field takes no part.
        shared_errors: covariance of the errors of two fields, by their names.
        units: units of fields by name.
        figures: whether figures are drawn into `output`.
        output: folder that keeps the files, as the command writes them, with their provenance; none by default.
        overwrite: whether files in `output` may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        settings: as `controls=["porosity"]` or `explain="lithium"`, see `voxelith.describe("correlate")`.
    """
    inputs = Inputs()
    if not isinstance(fields, Mapping):
        raise UsageError("fields: is not a dictionary of arrays by name")
    for word, values in (("field", fields), ("sigma", sigmas), ("mask", masks)):
        for name, value in (values or {}).items():
            inputs.add(f"{word}.{name}", value, voxel_size)
    for (first, second), value in (shared_errors or {}).items():
        inputs.add(f"shared.{first}.{second}", value, voxel_size)
    request: dict[str, Any] = {"correlate": settings, "units": units, "figures": figures}
    if output is not None:
        request.update(output=folder_name(output), overwrite=overwrite)
    answer = call(
        "correlate", request, inputs, threads=threads, memory=memory, progress=progress
    )
    return Correlation(answer.report)
