"""Digital twins: electrodes with known truth and their measurements."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from typing import Any

from ._arrays import Inputs, Lengths
from ._call import ProgressFunction, call
from ._paths import folder_name
from ._types import Unpack
from .files import Spectra, read, read_spectra
from .lithium import Calibration
from .settings import CalibrateSettings, SimulateSettings
from .volume import Volume



class Twin:
    """The folder of a twin; its files are read when they are asked for."""

    def __init__(self, folder: str, report: dict[str, Any]) -> None:
        #: Where the files lie.
        self.folder = folder
        #: The numbers behind the twin (`truth/truth.json`).
        self.report = report

    def path(self, name: str) -> str:
        """Path of one of the files, as `truth/li.tif`."""
        return os.path.join(self.folder, name)

    @property
    def xct(self) -> Volume:
        """Grey values of the fine scan."""
        return read(self.path("xct.tif"))

    @property
    def labels(self) -> Volume:
        """Phases of the fine scan: 0 pore, 1 active, 2 carbon and binder."""
        return read(self.path("labels.tif"))

    @property
    def spectra(self) -> Spectra:
        """What the spectrometer counts."""
        return read_spectra(self.path("xcs.nxs"))

    @property
    def standards(self) -> str:
        """Path of `standards.yaml`."""
        return self.path("standards.yaml")

    @property
    def true_x(self) -> Volume:
        """Lithium stoichiometry of every voxel of the spectra."""
        return read(self.path("truth/li.tif"))

    @property
    def true_fractions(self) -> Volume:
        """Volume fractions (z, y, x, phase): active material, then the components."""
        return read(self.path("truth/fractions.tif"))

    def calibration(self, **settings: Unpack[CalibrateSettings]) -> Calibration:
        """What the twin's standards teach."""
        return Calibration.fit(self.standards, **settings)

    def __repr__(self) -> str:
        return f"<Twin in {self.folder}>"


def simulate(
    output: str | os.PathLike[str] | None = None,
    *,
    labels: Any = None,
    labels_voxel_size: Lengths | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[SimulateSettings],
) -> Twin:
    """Makes a digital twin.

    Args:
        output: folder for its files; one that goes with the twin where there is none.
        labels: labels (z, y, x) or a file to use instead of a made-up cathode, `labels_voxel_size` in um (z, y, x).
        labels_voxel_size: voxel size of an array of labels: z, y, x in um.
        overwrite: whether files in `output` may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        settings: as `shape=(60, 80, 80)`, `counts=1e5` or `mixture=True`, see `voxelith.describe("simulate")`.
    """
    folder = folder_name(output) or tempfile.mkdtemp(prefix="voxelith-twin-")
    inputs = Inputs()
    inputs.add("labels", labels, labels_voxel_size)
    try:
        answer = call(
            "simulate",
            {"simulate": settings, "output": folder, "overwrite": overwrite},
            inputs,
            threads=threads,
            memory=memory,
            progress=progress,
        )
        twin = Twin(folder, answer.report)
    except BaseException:
        if output is None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if output is None:
        # Files of its own go with the twin.
        weakref.finalize(twin, shutil.rmtree, folder, ignore_errors=True)
    return twin
