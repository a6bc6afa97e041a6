"""Files: what they are, to arrays, from arrays."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from ._arrays import Inputs, Lengths, lengths, numbers
from ._call import ProgressFunction, call
from ._paths import is_path
from ._types import Unpack
from .errors import DataError, UsageError
from .settings import SpectralSettings, VolumeSettings
from .volume import Volume, coordinates

if TYPE_CHECKING:
    import xarray
else:
    from ._types import xarray

Path = "str | os.PathLike[str]"


class Spectra:
    """Spectra of voxels: `counts` (z, y, x, bin), `energy` (centres of the bins in keV), and how they were measured: `live_time` in s,
    `incident_energy` in keV, `scattering_angle` in degrees (a number, or an array y, x), `energy_resolution` in keV (FWHM),
    `voxel_size` and `origin` (z, y, x) in um. What is not known is None."""

    def __init__(
        self,
        counts: Any,
        energy: Any,
        *,
        live_time: float | None = None,
        incident_energy: float | None = None,
        scattering_angle: Any = None,
        energy_resolution: float | None = None,
        voxel_size: Lengths | None = None,
        origin: Lengths | None = None,
    ) -> None:
        self.counts: np.ndarray = Inputs.plain("counts", counts)
        self.energy: np.ndarray = numbers("energy", energy)
        if self.counts.ndim != 4 or self.energy.shape != self.counts.shape[3:]:
            raise DataError(
                f"counts of shape {self.counts.shape} do not fit {self.energy.shape} energies: they are z, y, x, bin"
            )
        self.live_time = live_time
        self.incident_energy = incident_energy
        self.scattering_angle = scattering_angle
        self.energy_resolution = energy_resolution
        self.voxel_size = lengths(voxel_size, "voxel_size")
        self.origin = lengths(origin, "origin") or (0.0, 0.0, 0.0)

    def to_xarray(self) -> xarray.DataArray:
        """Counts with the centres of the voxels in um and the energies in keV as coordinates. Needs xarray."""
        import xarray

        return xarray.DataArray(
            self.counts,
            dims=["z", "y", "x", "energy"],
            coords={
                **coordinates(self.counts.shape[:3], self.voxel_size, self.origin),
                "energy": ("energy", self.energy, {"units": "keV"}),
            },
            name="counts",
            attrs={"units": "counts", "live_time_s": self.live_time},
        )

    def __repr__(self) -> str:
        return f"<Spectra {self.counts.shape}, {self.energy[0]:g} to {self.energy[-1]:g} keV>"


class Inspection:
    """What a file is; `report` is what `voxelith inspect --json` prints."""

    def __init__(self, report: dict[str, Any]) -> None:
        self.report = report

    @property
    def is_spectra(self) -> bool:
        """Whether the file holds spectra, and not a volume."""
        return "spectra" in self.report

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Voxels along z, y, x."""
        return tuple(self._part["shape"]) if self._part else None

    @property
    def voxel_size(self) -> tuple[float, ...] | None:
        """z, y, x in um; None where it is not known."""
        size = self._part.get("voxel_size_um")
        return tuple(size) if size else None

    @property
    def _part(self) -> dict[str, Any]:
        return self.report.get("spectra") or self.report.get("volume") or {}


def inspect(
    path: str | os.PathLike[str],
    *,
    header_only: bool = False,
    voxel_size: Lengths | None = None,
    volume: VolumeSettings | None = None,
    spectra: SpectralSettings | None = None,
) -> Inspection:
    """Tells what a file is: kind, shape, type, voxel size, energy axis, statistics.

    Args:
        path: a file of any format that the program reads, or a folder of slices.
        header_only: whether the voxels are left unread, so that there are no statistics.
        voxel_size: z, y, x in um; overrides the file.
        volume, spectra: how the file is opened.
    """
    inputs = Inputs()
    inputs.add_file("file", path)
    size = lengths(voxel_size, "voxel_size")
    answer = call(
        "inspect",
        {
            "volume": {**(volume or {}), "voxel_size_um": size},
            "spectra": {**(spectra or {}), "voxel_size_um": size},
            "header_only": header_only,
        },
        inputs,
    )
    return Inspection(answer.report)


def read(
    path: str | os.PathLike[str],
    *,
    voxel_size: Lengths | None = None,
    threads: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[VolumeSettings],
) -> Volume:
    """Reads a volume of any known format (TIFF, slices, HDF5, Zarr, NPY, MetaImage, NRRD, MRC, EDF, VTI, raw) in its own type.

    Args:
        voxel_size: z, y, x in um; overrides the file.
        path: a file, or a folder of slices.
        threads: number of threads; all cores by default. The result does not depend on it.
        progress: called now and then with stage, done, total.
        settings: how the file is opened, as `dataset="/entry/data"` or `channel=0`; without a channel all of them become a last axis.
    """
    inputs = Inputs()
    inputs.add_file("file", path)
    request = {**settings, "voxel_size_um": lengths(voxel_size, "voxel_size")}
    answer = call("read", {"volume": request}, inputs, threads=threads, progress=progress)
    result = Volume(answer.arrays["volume"], *answer.places["volume"])
    result.report = answer.report
    result.name = os.path.splitext(os.path.basename(os.fsdecode(path).rstrip("/")))[0]
    return result


def read_spectra(
    path: str | os.PathLike[str],
    *,
    live_time: float | None = None,
    incident_energy: float | None = None,
    scattering_angle: float | None = None,
    voxel_size: Lengths | None = None,
    threads: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[SpectralSettings],
) -> Spectra:
    """Reads spectra of any known format (NeXus/HDF5, HEXITEC, raw scans, text) as float32.

    Args:
        path: the file.
        live_time: of each voxel in s, where the file lacks it, and above what it says; so also the following.
        incident_energy: of the beam in keV.
        scattering_angle: in degrees.
        voxel_size: z, y, x in um.
        threads: number of threads; all cores by default. The result does not depend on it.
        progress: called now and then with stage, done, total.
        settings: how the file is opened.
    """
    inputs = Inputs()
    inputs.add_file("spectra", path)
    request = {
        **settings,
        "live_time_s": live_time,
        "incident_energy_keV": incident_energy,
        "scattering_angle_deg": scattering_angle,
        "voxel_size_um": lengths(voxel_size, "voxel_size"),
    }
    answer = call("read_spectra", {"spectra": request}, inputs, threads=threads, progress=progress)
    report = answer.report
    size, corner = answer.places["counts"]
    return Spectra(
        answer.arrays["counts"],
        answer.arrays["energy"],
        live_time=report.get("live_time_s"),
        incident_energy=report.get("incident_energy_keV"),
        scattering_angle=answer.arrays.get("scattering_angle", report.get("scattering_angle_deg")),
        energy_resolution=report.get("energy_resolution_keV"),
        voxel_size=size,
        origin=corner,
    )


def write(
    path: str | os.PathLike[str],
    data: Any,
    *,
    voxel_size: Lengths | None = None,
    origin: Lengths | None = None,
    labels: bool = False,
    compress: bool = False,
    overwrite: bool = False,
    threads: int | None = None,
) -> None:
    """Writes a volume, or `Spectra` in the XCS NeXus layout. The file appears whole under its name, or not at all.

    Args:
        path: its ending says the format: .tif, .zarr, .h5, .mha, .nrrd, .npy; .nxs for spectra.
        data: an array (z, y, x), a `Volume`, or `Spectra`.
        voxel_size: z, y, x in um.
        origin: outer corner of the first voxel: z, y, x in um.
        labels: whether the voxels are labels, of which no means are taken.
        compress: whether a .mha, .mhd or .nrrd is packed.
        overwrite: whether the file may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
    """
    inputs = Inputs()
    inputs.add_new("file", path)
    if isinstance(data, Spectra):
        request = lend_spectra(inputs, data, data.energy, None, None, None, voxel_size, origin)
        call(
            "write_spectra",
            {
                "spectra": request,
                "energy_resolution_keV": data.energy_resolution,
                "overwrite": overwrite,
            },
            inputs,
            threads=threads,
        )
        return
    if data is None or is_path(data):
        raise UsageError("data: is not an array")
    if os.fsdecode(path).lower().endswith(".npy"):
        for name, value in (("voxel_size", voxel_size), ("origin", origin)):
            if value is not None:
                raise UsageError(f"{name}: a NumPy file cannot hold it\n  choose another format, as .tif or .h5")
    inputs.add("volume", data, voxel_size, origin)
    call(
        "write",
        {"labels": labels, "compress": compress, "overwrite": overwrite},
        inputs,
        threads=threads,
    )


def lend_spectra(
    inputs: Inputs,
    counts: Any,
    energy: Any,
    live_time: float | None,
    incident_energy: float | None,
    scattering_angle: Any,
    voxel_size: Lengths | None,
    origin: Lengths | None,
    suffix: str = "",
) -> dict[str, Any]:
    """Lends counts with their energies and gives the settings that say how they were measured. `Spectra` know all of it."""
    if isinstance(counts, Spectra):
        known = counts
        counts = known.counts
        energy = known.energy if energy is None else energy
        live_time = known.live_time if live_time is None else live_time
        incident_energy = known.incident_energy if incident_energy is None else incident_energy
        scattering_angle = known.scattering_angle if scattering_angle is None else scattering_angle
        voxel_size = known.voxel_size if voxel_size is None else voxel_size
        origin = known.origin if origin is None else origin
    is_file = is_path(counts)
    if counts is None:
        raise UsageError("counts: are missing")
    if energy is None and not is_file:
        raise UsageError("energy: an array of counts needs the centres of its bins in keV")
    inputs.add("spectra" + suffix, counts, voxel_size, origin)
    if energy is not None:
        inputs.add("energy" + suffix, numbers("energy", energy))
    angle = scattering_angle
    if angle is not None and np.ndim(angle) > 0:
        inputs.add("scattering_angle" + suffix, numbers("scattering_angle", angle))
        angle = None
    return {
        "live_time_s": live_time,
        "incident_energy_keV": incident_energy,
        "scattering_angle_deg": angle,
        "voxel_size_um": lengths(voxel_size, "voxel_size") if is_file else None,
    }
