"""Figures of volumes and results, as `voxelith render` draws them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ._arrays import Inputs, Lengths
from ._call import ProgressFunction, call
from ._paths import file_name, is_path
from ._types import Unpack
from .errors import UsageError
from .settings import PanelSettings
from .volume import Volume


#: What a panel may name as files, or have as arrays.
_VOLUMES = ("file", "file2", "sigma", "sigma2", "reference", "over")


def render(
    path: str | os.PathLike[str],
    volumes: Any,
    *,
    voxel_size: Lengths | None = None,
    preset: str | None = None,
    double_column: bool | None = None,
    columns: int | None = None,
    width_mm: float | None = None,
    dpi: float | None = None,
    font_size_pt: float | None = None,
    figure_title: str | None = None,
    letters: bool | None = None,
    shared_range: bool | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **panel: Unpack[PanelSettings],
) -> str:
    """Draws a figure and gives its caption.

    Args:
        path: ends in .png, .pdf or .svg; with `kind="surface"` also .ply, .stl or .glb.
        volumes: an array (z, y, x), a `Volume` or a file; several in a list become panels a, b, c. A mapping is a panel with keys of its
            own, as `{"file": volume, "kind": "histogram"}`.
        voxel_size: of arrays, z, y, x in um.
        preset: width and letters of a journal: nature, elsevier, acs, wiley, rsc, iucr, aps.
        figure_title: above all panels.
        shared_range: whether slices and volumes have one range of colours; so where there are several without sigma and over.
        double_column: whether the figure has the width of two columns of the journal; so where there are several panels, or a map with its sigma.
        columns: number of panels side by side.
        width_mm: width of the figure in mm, in place of that of the preset.
        dpi: pixels for each inch of a .png.
        font_size_pt: size of the text in points.
        letters: whether the panels have letters a, b, c.
        overwrite: whether the file may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        panel: what every panel is told: `kind="slice"`, `axis="y"`, `label="x"`, `map="viridis"`, ... `sigma`, `over`, `file2`, `sigma2`
            and `reference` are arrays, too. `voxelith.settings.PanelSettings` has all.
    """
    inputs = Inputs()
    arrays = 0

    def lent(value: Any) -> str:
        nonlocal arrays
        if is_path(value):
            return os.path.abspath(file_name(value, "a volume"))
        arrays += 1
        own = getattr(value, "name", None) if isinstance(value, Volume) else None
        # Quantities have their labels by the names of their files.
        known = own is not None and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", own)
        name = f"{arrays}/{own}" if known else f"array-{arrays}"
        inputs.add(f"volume.{name}", value, voxel_size)
        return f"{name}.tif"

    panels: list[dict[str, Any]] = []
    for value in volumes if isinstance(volumes, (list, tuple)) else [volumes]:
        told: dict[str, Any] = {**panel, **(value if isinstance(value, Mapping) else {"file": value})}
        told = {key: entry for key, entry in told.items() if entry is not None}
        kind = told.setdefault("kind", "slice")
        if kind == "slice" and "sigma" in told and not told.pop("fade", False):
            told["kind"] = "value-and-sigma"
        told.pop("fade", None)
        for key in _VOLUMES:
            if key in told:
                told[key] = lent(told[key])
        if "files" in told:
            told["files"] = [lent(entry) for entry in told["files"]]
        panels.append(told)
    if not panels:
        raise UsageError("volumes: there are none")
    if shared_range is None and len(panels) > 1:
        kinds = {told["kind"] for told in panels}
        plain = not any("sigma" in told or "over" in told for told in panels)
        shared_range = plain and (kinds == {"slice"} or kinds == {"volume"})
    if double_column is None and (len(panels) > 1 or panels[0]["kind"] == "value-and-sigma"):
        double_column = True
    figure = {
        "preset": preset,
        "double_column": double_column,
        "columns": columns,
        "width_mm": width_mm,
        "dpi": dpi,
        "font_size_pt": font_size_pt,
        "title": figure_title,
        "letters": letters,
        "shared_range": shared_range or None,
        "panels": panels,
    }
    inputs.add_new("file", path)
    answer = call(
        "render",
        {"figure": figure, "overwrite": overwrite},
        inputs,
        threads=threads,
        memory=memory,
        progress=progress,
    )
    return answer.report["caption"]

