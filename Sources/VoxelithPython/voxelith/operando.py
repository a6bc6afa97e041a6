"""Several states of one sample."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._arrays import Inputs
from ._call import Answer, ProgressFunction, call
from ._paths import folder_name, is_path
from ._types import Unpack
from .errors import UsageError
from .files import Spectra
from .lithium import Calibration, MapCall
from .settings import DiffuseSettings, MapArguments
from .volume import Result

if TYPE_CHECKING:
    import pandas
else:
    from ._types import pandas


class State(Result):
    """One state of a series: its map, and what changed."""

    def __init__(self, answer: Answer, entry: dict[str, Any]) -> None:
        #: The state's folder among the files of the series, as `01-charged`.
        self.name: str = entry["state"]["name"]
        head = self.name + "/"
        self.arrays = {
            name[len(head) :]: array for name, array in answer.arrays.items() if name.startswith(head)
        }
        self._places = {name: answer.places[head + name] for name in self.arrays}
        #: Its entry in `series.json`, over the voxels that are good in all states.
        self.report = entry

    @property
    def x(self) -> np.ndarray:
        """Lithium stoichiometry x (z, y, x)."""
        return self.arrays["li"]

    @property
    def sigma(self) -> np.ndarray:
        """Standard deviation of x by what voxels do not share."""
        return self.arrays["li_sigma"]

    @property
    def mask(self) -> np.ndarray:
        """0 for a good voxel, 4 for an x outside the calibrated range, and a reason where x is NaN."""
        return self.arrays["mask"]

    @property
    def since_first(self) -> np.ndarray | None:
        """x less that of the first state; None for the first."""
        return self.arrays.get("dx_first")

    @property
    def since_first_sigma(self) -> np.ndarray | None:
        """Its standard deviation: the errors of the standards mostly cancel."""
        return self.arrays.get("dx_first_sigma")

    @property
    def since_previous(self) -> np.ndarray | None:
        """x less that of the state before; None for the first."""
        return self.arrays.get("dx_previous")

    @property
    def since_previous_sigma(self) -> np.ndarray | None:
        """Its standard deviation."""
        return self.arrays.get("dx_previous_sigma")

    @property
    def mean_x(self) -> float | None:
        """Mean over the voxels that are good in all states."""
        return self.report.get("mean_x")

    @property
    def mean_x_sigma(self) -> float | None:
        """Its standard deviation, with the errors that all voxels share."""
        return self.report.get("mean_x_sigma")

    def __repr__(self) -> str:
        return f"<State {self.name}, x = {self.mean_x} +- {self.mean_x_sigma}>"


class Series:
    """The states of a sample in their order; `report` is `series.json`."""

    def __init__(self, answer: Answer) -> None:
        self.report: dict[str, Any] = answer.report
        self.states = [State(answer, entry) for entry in self.report["states"]]
        #: Lithium by the maps against lithium by charge (`balance` in the report); None without a cell.
        self.balance: dict[str, Any] | None = self.report.get("balance")
        #: 0 where a voxel is good in every state (z, y, x).
        self.common_mask: np.ndarray = answer.arrays["common_mask"]

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each state: name, time, voltage, mean x and its changes with their errors. Needs pandas."""
        import pandas

        rows = []
        for state in self.states:
            known = state.report["state"]
            first = state.report.get("change_since_first") or {}
            previous = state.report.get("change_since_previous") or {}
            rows.append(
                {
                    "name": state.name,
                    "time_s": known.get("time_s"),
                    "voltage_V": known.get("voltage_V"),
                    "mean_x": state.mean_x,
                    "mean_x_sigma": state.mean_x_sigma,
                    "since_first": first.get("value"),
                    "since_first_sigma": first.get("sigma"),
                    "since_previous": previous.get("value"),
                    "since_previous_sigma": previous.get("sigma"),
                }
            )
        return pandas.DataFrame(rows)

    def __repr__(self) -> str:
        return f"<Series of {len(self.states)} states>"


def series(
    states: Sequence[Any] | Mapping[str, Any],
    energy: Any = None,
    calibration: Calibration | str | os.PathLike[str] | None = None,
    *,
    at: Sequence[float] | None = None,
    voltage: Sequence[float] | None = None,
    cell: Mapping[str, Any] | None = None,
    correct_gain: bool = False,
    **arguments: Unpack[MapArguments],
) -> Series:
    """Maps several states of one sample and tells what changed, with its error.

    Args:
        states: counts (z, y, x, bin), `Spectra` or files, in their order, or by their names.
        energy: centres of the bins in keV, with arrays of counts.
        calibration: a `Calibration`, or its file.
        at: times of the states in s.
        voltage: voltages of the states in V.
        cell: what is known of the cell, for the balance of its lithium: the keys of `cell` in `series.yaml` (`cycler`, `active_material_mg` with
            `formula` and `weighed_x`, or `active_material_mmol`, `initial_x`, ...); needs `at`.
        correct_gain: whether every state is mapped with the gain that its summed spectrum tells.
        arguments: as of `map`, for all states, without `fractions` and `guide`; `Spectra` know their own live times, energies of bins
            and places.
    """
    names, values = _named(states)
    mapping = MapCall(arguments)
    shared, entries = mapping.lend_several("state", names, values, energy)
    for key, numbers in (("time_s", at), ("voltage_V", voltage)):
        if numbers is None:
            continue
        if len(numbers) != len(values):
            raise UsageError(f"{len(values)} states and {len(numbers)} of {key} do not fit together")
        for entry, number in zip(entries, numbers):
            entry[key] = number
    more: dict[str, Any] = {}
    if cell is not None:
        known = dict(cell)
        wrong = sorted(set(known) - _CELL_KEYS)
        if wrong:
            raise UsageError(f"cell: {', '.join(wrong)} is not known; its keys are {', '.join(sorted(_CELL_KEYS))}")
        if at is None:
            raise UsageError("cell needs the times of the states: at")
        if is_path(known.get("cycler")):
            known["cycler"] = os.fsdecode(known["cycler"])
        more["cell"] = known
    return Series(
        mapping.call(
            "series", {"calibration": calibration}, shared, states=entries, correct_gain=correct_gain, **more
        )
    )


_CELL_KEYS = {
    "cycler",
    "columns",
    "starts_at",
    "active_material_mg",
    "formula",
    "weighed_x",
    "active_material_mmol",
    "active_material_sigma_percent",
    "initial_x",
    "initial_x_sigma",
    "electrode",
}


class Diffusivity(Result):
    """What maps of several states tell of diffusion; `report` is `diffusivity.json`."""

    def __init__(self, answer: Answer) -> None:
        self.report: dict[str, Any] = answer.report
        self.arrays = answer.arrays
        self._places = answer.places

    @property
    def values(self) -> dict[str, dict[str, Any]]:
        """Diffusivities of the first region in um^2/s by direction: value, sigma, interval_95, or a reason."""
        return self.report["regions"][0]["diffusivity_um2_per_s"]

    @property
    def plane_over_depth(self) -> dict[str, Any] | None:
        """The ratio of the plane and the depth, in the same form."""
        return self.report["regions"][0].get("plane_over_depth")

    @property
    def verdict(self) -> str:
        """Whether diffusion describes the maps: described or not_described."""
        return self.report["test"]["verdict"]

    @property
    def model(self) -> np.ndarray:
        """x of the model (z, y, x, state)."""
        return self.arrays["model"]

    @property
    def pulls(self) -> np.ndarray:
        """Deviations of the maps from the model over their errors (z, y, x, state)."""
        return self.arrays["pulls"]

    def __repr__(self) -> str:
        known = ", ".join(f"{name} {one.get('value')}" for name, one in self.values.items())
        return f"<Diffusivity in um^2/s: {known}>"


def diffuse(
    series: str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[DiffuseSettings],
) -> Diffusivity:
    """Finds the effective diffusivity of lithium from the maps of several states, with intervals.

    Args:
        series: folder that `series` (with `output`) or the command wrote.
        output: folder that keeps the files, as the command writes them, with their provenance; none by default.
        overwrite: whether files in `output` may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        settings: see `voxelith.describe("diffuse")`.
    """
    return Diffusivity(
        call(
            "diffuse",
            {
                "diffuse": {**settings, "series": folder_name(series)},
                "output": folder_name(output),
                "overwrite": overwrite,
            },
            Inputs(),
            threads=threads,
            memory=memory,
            progress=progress,
        )
    )


def _named(states: Any) -> tuple[list[str], list[Any]]:
    """States with their names: those of their files, or numbers."""
    if isinstance(states, Mapping):
        names, values = [str(name) for name in states], list(states.values())
    elif isinstance(states, (list, tuple)):
        values = list(states)
        names = []
        for index, value in enumerate(values):
            own = os.path.basename(os.fsdecode(value)) if is_path(value) else ""
            own = os.path.splitext(own)[0].replace(".", "-").encode(errors="replace").decode()
            names.append(own if own and own not in names else f"{own or 'state'}-{index + 1}")
    else:
        raise UsageError("states: are a list, or by their names")
    for value in values:
        if not is_path(value) and not isinstance(value, Spectra) and value is None:
            raise UsageError("states: one of them is None")
    return names, values
