"""From standards and spectra to lithium."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._arrays import Inputs, Lengths, numbers
from ._call import Answer, ProgressFunction, call
from ._paths import folder_name, is_path, read_whole, write_whole
from ._request import request_text
from ._types import Unpack
from .errors import DataError, UsageError
from .files import Spectra, lend_spectra
from .settings import CalibrateSettings, MapSettings, SpectralSettings
from .volume import Result, Volume

if TYPE_CHECKING:
    import pandas
else:
    from ._types import pandas


class Calibration:
    """What standards taught: how spectra tell lithium. `report` is the content of `calibration.json`."""

    def __init__(self, text: str) -> None:
        try:
            report = json.loads(text)
        except ValueError:
            report = None
        if not isinstance(report, dict) or not {"standards", "x_range", "energy_keV", "methods"} <= report.keys():
            raise DataError("calibration: is not the content of a calibration file")
        self._text = text
        self.report: dict[str, Any] = report

    @classmethod
    def fit(
        cls,
        standards: str | os.PathLike[str] | Mapping[str, Any],
        energy: Any = None,
        **settings: Unpack[CalibrateSettings],
    ) -> Calibration:
        """Learns from samples of known x.

        Args:
            standards: `standards.yaml`, or its content: `incident_energy_keV`, `scattering_angle_deg`, `energy_resolution_keV`,
                `formula`, `standards` (a list with `x`, `x_sigma`, `live_time_s`, ...), `components`, `background`. In place of
                `file` an entry may have `counts`, an array of counts for each bin.
            energy: centres of the bins in keV of such arrays.
            settings: `fit_window_au` and others, see `voxelith.describe("calibrate")`.
        """
        if isinstance(standards, Mapping):
            with tempfile.TemporaryDirectory() as folder:
                return cls.fit(_written(standards, energy, folder), **settings)
        if energy is not None:
            raise UsageError("energy: the files of the standards have their own")
        inputs = Inputs()
        inputs.add_file("standards", standards)
        return cls(call("calibrate", {"calibrate": settings}, inputs).text)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Calibration:
        """Reads `calibration.json`; it is checked where it is used."""
        text = read_whole(path, "calibration")
        try:
            return cls(text)
        except DataError:
            raise DataError(f"{os.fsdecode(path)}: is not a calibration file") from None

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Writes `calibration.json`, the same bytes as `voxelith calibrate`."""
        write_whole(path, self._text, overwrite)

    @property
    def x_range(self) -> tuple[float, float]:
        """Smallest and largest x of the standards."""
        low, high = self.report["x_range"]
        return low, high

    @property
    def energy(self) -> np.ndarray:
        """Centres of the bins in keV."""
        return np.asarray(self.report["energy_keV"])

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each standard. Needs pandas."""
        import pandas

        return pandas.DataFrame(self.report["standards"])


def _written(standards: Mapping[str, Any], energy: Any, folder: str) -> str:
    """A YAML file of standards whose spectra are arrays. JSON is YAML."""

    def entry(name: str, content: Mapping[str, Any]) -> dict[str, Any]:
        if not isinstance(content, Mapping):
            raise UsageError(f"{name.removesuffix('.csv')}: is not a dictionary with counts or a file")
        if "counts" not in content:
            if "file" not in content:
                raise UsageError(f"{name}: has neither counts nor a file")
            return {**content, "file": folder_name(content["file"], name)}
        if energy is None:
            raise UsageError("energy: counts of standards need the centres of their bins in keV")
        counts = numbers(name, content["counts"])
        centres = numbers("energy", energy)
        if counts.shape != centres.shape or counts.ndim != 1:
            raise UsageError(f"{name}: counts of shape {counts.shape} for {centres.size} energies")
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write("energy_keV,counts\n")
            file.writelines(f"{e!r},{c!r}\n" for e, c in zip(centres.tolist(), counts.tolist()))
        return {**{key: value for key, value in content.items() if key != "counts"}, "file": name}

    content = dict(standards)
    for key in ("standards", "components"):
        if content.get(key) is None:
            content.pop(key, None)
        elif isinstance(content[key], (str, Mapping)) or not isinstance(content[key], Iterable):
            raise UsageError(f"{key}: is not a list of dictionaries")
        else:
            content[key] = [
                entry(f"{key}-{index}.csv", each) for index, each in enumerate(content[key])
            ]
    if content.get("background") is None:
        content.pop("background", None)
    else:
        content["background"] = entry("background.csv", content["background"])
    path = os.path.join(folder, "standards.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(request_text(content))
    return path


class LithiumMap(Result):
    """Lithium in every voxel. Missing values are NaN; `mask` says why (`report["mask"]` names its numbers)."""

    @property
    def x(self) -> np.ndarray:
        """Lithium stoichiometry x (z, y, x); the content of `li.tif`."""
        return self.arrays["li"]

    @property
    def sigma(self) -> np.ndarray:
        """Standard deviation of x by what voxels do not share; the content of `li_sigma.tif`."""
        return self.arrays["li_sigma"]

    @property
    def mask(self) -> np.ndarray:
        """0 for a good voxel, 4 for an x outside the calibrated range, and a reason where x is NaN."""
        return self.arrays["mask"]

    @property
    def intensity(self) -> np.ndarray:
        """Net counts in the fit's window."""
        return self.arrays["intensity"]

    @property
    def ratio(self) -> np.ndarray:
        """S-parameter or valence-to-core ratio."""
        return self.arrays["ratio"]

    @property
    def deviance(self) -> np.ndarray:
        """Deviance of the fit; `deviance_expected` is what counts alone would give."""
        return self.arrays["deviance"]

    @property
    def deviance_expected(self) -> np.ndarray:
        """Deviance of the fit that counts alone would give (z, y, x)."""
        return self.arrays["deviance_expected"]

    @property
    def mean_x(self) -> float | None:
        """Mean over the mapped voxels."""
        return self.report.get("mean_x")

    @property
    def mean_x_sigma(self) -> float | None:
        """Its standard deviation, with the errors that all voxels share."""
        return self.report.get("mean_x_sigma")

    @property
    def verdict(self) -> str | None:
        """Whether the model describes the summed spectrum: described, corrected, or not_described."""
        return (self.report.get("misfit") or {}).get("verdict")

    @property
    def exposures(self) -> dict[str, Any] | None:
        """Live time and gain of each exposure, with a verdict (`stable`, `drifts`, `not_checked`) on the gain; None for one."""
        return self.report.get("exposures")

    def __repr__(self) -> str:
        return (
            f"<LithiumMap {self.x.shape}, x = {self.mean_x} +- {self.mean_x_sigma}, {self.verdict}>"
        )


def map(
    counts: Any,
    energy: Any = None,
    calibration: Calibration | str | os.PathLike[str] | None = None,
    *,
    live_time: float | Sequence[float] | None = None,
    incident_energy: float | None = None,
    scattering_angle: Any = None,
    voxel_size: Lengths | None = None,
    origin: Lengths | None = None,
    fractions: Any = None,
    guide: Any = None,
    spectra: SpectralSettings | None = None,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[MapSettings],
) -> LithiumMap:
    """Turns spectra into lithium content x with its error, with the same bytes as the command.

    Args:
        counts: counts (z, y, x, bin), `Spectra`, or a file. float32 in C order is read in place. A list of these holds exposures of the
            same voxels, whose counts and live times are added up, or parts of one scan; `exposures` tells whether the gain changed.
        energy: centres of the bins in keV, with an array of counts.
        calibration: a `Calibration`, or its file.
        live_time: of each voxel in s; of several exposures one for all, or a list.
        incident_energy: of the beam in keV.
        scattering_angle: in degrees: one, or an array (y, x) with one for each pixel.
        voxel_size: z, y, x in um.
        origin: outer corner of the first voxel: z, y, x in um.
        fractions: volume fractions: active material, then the components of the calibration; an array (phase, z, y, x), a `Volume`
            (z, y, x, phase) as `read` gives it, or a file.
        guide: what `denoise` takes edges from (z, y, x), or a file.
        spectra: how a file is opened, and what differs among the pixels.
        output: folder that keeps the files, as the command writes them, with their provenance.
        progress: called with stage, done, total.
        overwrite: whether files in `output` may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        settings: as `method="s-parameter"` or `bin_to_sigma=0.05`, see `voxelith.describe("map")`.
    """
    mapping = MapCall(
        {
            "live_time": live_time,
            "incident_energy": incident_energy,
            "scattering_angle": scattering_angle,
            "voxel_size": voxel_size,
            "origin": origin,
            "spectra": spectra,
            "output": output,
            "overwrite": overwrite,
            "threads": threads,
            "memory": memory,
            "progress": progress,
            **settings,
        }
    )
    opening = mapping.lend_scan(counts, energy)
    mapping.inputs.add("fractions", phases_first(fractions), voxel_size)
    mapping.inputs.add("guide", guide, voxel_size)
    return LithiumMap(mapping.call("map", {"calibration": calibration}, opening))


def phases_first(fractions: Any) -> Any:
    """Fractions as the library takes them: a `Volume` has its phases last."""
    if not isinstance(fractions, Volume) or fractions.data.ndim != 4:
        return fractions
    turned = np.ascontiguousarray(np.moveaxis(fractions.data, -1, 0))
    return Volume(turned, fractions.voxel_size, fractions.origin)


class MapCall:
    """What `map`, `map_materials` and `series` have in common, out of their arguments."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self.inputs = Inputs()
        settings = dict(arguments)
        measured = ("live_time", "incident_energy", "scattering_angle", "voxel_size", "origin")
        #: How the spectra were measured.
        self.measured = {name: settings.pop(name, None) for name in measured}
        self._use = {name: settings.pop(name, None) for name in ("threads", "memory", "progress")}
        self._spectra = settings.pop("spectra", None) or {}
        self._output = {
            "output": folder_name(settings.pop("output", None)),
            "overwrite": settings.pop("overwrite", False),
        }
        self._settings = settings
        self._exposures: list[dict[str, Any]] | None = None

    def lend_scan(self, counts: Any, energy: Any) -> dict[str, Any]:
        """Lends spectra, or a list of exposures, and gives the settings that say how they were measured."""
        if not _are_exposures(counts):
            return lend_spectra(self.inputs, counts, energy, **self.measured)
        if len({is_path(each) for each in counts}) > 1:
            raise UsageError("counts: some exposures are files and some arrays\n  read the files first, with read_spectra")
        names = [str(index + 1) for index in range(len(counts))]
        opening, self._exposures = self.lend_several("exposure", names, counts, energy)
        time = self.measured["live_time"]
        if is_path(counts[0]) and np.ndim(time) == 0:
            opening["live_time_s"] = time
            self._exposures = [{"name": name} for name in names]
        return opening

    def lend_several(
        self, kind: str, names: Sequence[str], values: Sequence[Any], energy: Any
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Lends spectra by their names; gives the settings that they share, and an entry with name and live time for each."""
        times = self.measured["live_time"]
        if np.ndim(times) == 0:
            times = [times] * len(values)
        elif len(times) != len(values):
            raise UsageError(f"live_time: {len(times)} numbers do not fit {len(values)} {kind}s")
        shared: dict[str, Any] = {}
        entries: list[dict[str, Any]] = []
        for name, value, time in zip(names, values, times):
            opening = lend_spectra(
                self.inputs, value, energy, **{**self.measured, "live_time": time}, suffix="." + name
            )
            entries.append({"name": name, "live_time_s": opening.pop("live_time_s")})
            if len(entries) > 1 and opening != shared:
                raise UsageError(
                    f"the {kind} '{name}' was measured otherwise than the first: {opening}, {shared}"
                )
            shared = opening
        return shared, entries

    def call(
        self, operation: str, calibrations: Mapping[str, Any], opening: Mapping[str, Any], **further: Any
    ) -> Answer:
        request = {"map": self._settings, "spectra": {**self._spectra, **opening}, **self._output, **further}
        request["exposures"] = self._exposures
        with lent_calibrations(self.inputs, calibrations):
            return call(operation, request, self.inputs, **self._use)


def _are_exposures(counts: Any) -> bool:
    """Whether a list holds spectra, and not the numbers of one array."""
    return isinstance(counts, (list, tuple)) and any(
        is_path(each) or isinstance(each, Spectra) or getattr(each, "ndim", 0) == 4 for each in counts
    )


@contextlib.contextmanager
def lent_calibrations(inputs: Inputs, known: Mapping[str, Any]) -> Iterator[None]:
    """Adds calibrations by the names of their inputs; those that are not files are written for the time of the call."""
    with tempfile.TemporaryDirectory(prefix="voxelith-") as folder:
        for index, (name, calibration) in enumerate(known.items()):
            if isinstance(calibration, Calibration):
                path = os.path.join(folder, f"calibration-{index}.json")
                calibration.save(path)
                inputs.add(name, path)
            elif is_path(calibration):
                inputs.add(name, calibration)
            else:
                raise UsageError(f"{name}: is neither a Calibration nor a file")
        yield
