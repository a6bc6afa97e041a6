"""How long a measurement must be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ._arrays import Inputs, Lengths, lengths
from ._call import ProgressFunction, call
from ._paths import file_name
from ._types import Unpack
from .files import lend_spectra
from .lithium import Calibration, lent_calibrations
from .settings import PlanSettings, SpectralSettings

if TYPE_CHECKING:
    import pandas
else:
    from ._types import pandas


class Plan:
    """Counts and seconds for a wanted error of x; `report` is what `voxelith plan --json` prints."""

    def __init__(self, report: dict[str, Any]) -> None:
        self.report = report

    @property
    def methods(self) -> list[dict[str, Any]]:
        """One entry for each method: sigma(x), detection limit, seconds for the target."""
        return self.report["methods"]

    @property
    def binnings(self) -> list[dict[str, Any]]:
        """One entry for each cube of voxels, by the profile fit."""
        return self.report["binnings"]

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each cube of voxels. Needs pandas."""
        import pandas

        return pandas.DataFrame(self.binnings)


def plan(
    calibration: Calibration | str | os.PathLike[str],
    counts: Any = None,
    energy: Any = None,
    *,
    live_time: float | None = None,
    incident_energy: float | None = None,
    scattering_angle: Any = None,
    rate_voxel_size: Lengths | None = None,
    voxel_size: Lengths | None = None,
    spectra: SpectralSettings | None = None,
    figure: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[PlanSettings],
) -> Plan:
    """Counts and seconds needed for a given error of x, and the error that a given time allows.

    Args:
        calibration: a `Calibration`, or its file.
        counts: spectra of a trial, which tell the count rate: counts (z, y, x, bin), `Spectra`, or a file; or give `rate`.
        energy, live_time, incident_energy, scattering_angle: of these, as of `map`.
        rate_voxel_size: the voxel size that the count rate belongs to, z, y, x in um; of `Spectra` and files their own.
        voxel_size: the voxel size that is planned, z, y, x in um.
        figure: file for sigma(x) against time: .png, .pdf or .svg.
        spectra: how a file is opened, and what differs among the pixels.
        overwrite: whether the figure may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
        progress: called now and then with stage, done, total.
        settings: as `target=0.02`, `difference=0.05` or `time_s=600`, one of them at least, and `rate=1500`; see
            `voxelith.describe("plan")`.
    """
    inputs = Inputs()
    opening: dict[str, Any] = {}
    size = lengths(rate_voxel_size, "rate_voxel_size")
    if counts is not None:
        opening = lend_spectra(
            inputs, counts, energy, live_time, incident_energy, scattering_angle, size, None
        )
    request = {
        "plan": {
            **settings,
            "voxel_size_um": lengths(voxel_size, "voxel_size"),
            "rate_voxel_size_um": size,
        },
        "spectra": {**(spectra or {}), **opening},
        "figure": None if figure is None else file_name(figure, "figure"),
        "overwrite": overwrite,
    }
    with lent_calibrations(inputs, {"calibration": calibration}):
        return Plan(call("plan", request, inputs, threads=threads, progress=progress).report)
