"""Reader and widgets of napari: spectra and maps as layers with scale and units, the spectrum under the cursor, lithium by chosen
standards."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from magicgui.widgets import (
    CheckBox,
    ComboBox,
    Container,
    FileEdit,
    Label,
    LineEdit,
    ProgressBar,
    PushButton,
)
from napari.qt.threading import create_worker
from qtpy.QtCore import QObject, QPointF, Qt, Signal
from qtpy.QtGui import QPainter, QPolygonF
from qtpy.QtWidgets import QWidget

from . import (
    Calibration,
    Cancelled,
    LithiumMap,
    UsageError,
    VoxelithError,
    inspect,
    map,
    read,
    read_spectra,
)

if TYPE_CHECKING:
    import napari

Layer = "tuple[np.ndarray, dict[str, Any], str]"


def reader(path: str | list[str]) -> Callable[[Any], list[Any]] | None:
    """Takes spectra, volumes and the folder of a map; leaves all else to others."""
    if isinstance(path, list):
        return None
    if os.path.exists(os.path.join(path, "li.tif")):
        return _map_layers
    try:
        inspect(path, header_only=True)
    except VoxelithError:
        return None
    return _file_layers


def _placed(
    voxel_size: tuple[float, ...] | None, origin: tuple[float, ...], name: str, **more: Any
) -> dict[str, Any]:
    """What a layer is told: centres of voxels lie at origin + (index + 0.5) times the voxel size, in um."""
    told: dict[str, Any] = {"name": name, **more}
    if voxel_size is not None:
        told["scale"] = voxel_size
        told["translate"] = tuple(o + 0.5 * s for o, s in zip(origin, voxel_size))
        told["units"] = ("um",) * 3
    return told


def _range(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = (float(v) for v in np.percentile(finite, [1, 99]))
    return (low, high) if high > low else (low, low + 1.0)


def _file_layers(path: Any) -> list[Any]:
    name = os.path.splitext(os.path.basename(os.path.normpath(path)))[0]
    if inspect(path, header_only=True).is_spectra:
        spectra = read_spectra(path)
        told = _placed(
            spectra.voxel_size, spectra.origin, name, metadata={"voxelith": spectra, "path": os.fspath(path)}
        )
        # The sum over energies stands in space; `SpectrumWidget` shows the spectrum of a voxel from the layer's metadata.
        total = spectra.counts.sum(axis=3)
        return [(total, {**told, "contrast_limits": _range(total)}, "image")]
    volume = read(path)
    data = volume.data
    if data.ndim == 4:
        return [
            (data[..., c], _placed(volume.voxel_size, volume.origin, f"{name} {c}"), "image")
            for c in range(data.shape[3])
        ]
    told = _placed(volume.voxel_size, volume.origin, name)
    is_labels = data.dtype.kind == "u" and len(np.unique(data)) <= 32
    return [(data, told, "labels" if is_labels else "image")]


def _map_layers(path: Any) -> list[Any]:
    layers: list[Any] = []
    for name, colours in (("li_sigma", "magma"), ("li", "viridis")):
        volume = read(os.path.join(path, name + ".tif"))
        told = _placed(volume.voxel_size, volume.origin, name, colormap=colours)
        layers.append((volume.data, {**told, "contrast_limits": _range(volume.data)}, "image"))
    return layers


class LithiumWidget(Container):
    """Fits lithium in spectra with chosen standards, and shows x and its standard deviation.

    Without a file the spectra of the selected layer are taken, or of the uppermost that has some. Fields that stay empty are taken from the file. The button fits on a thread of
    its own, so that the viewer stays alive, and stops while it does; `fit()` waits.
    """

    def __init__(self, viewer: napari.Viewer) -> None:
        self.viewer = viewer
        self.spectra = FileEdit(label="spectra", filter="*.nxs *.h5 *.hdf5 *.hxt", nullable=True)
        self.standards = FileEdit(label="standards", filter="*.yaml *.yml *.json")
        self.method = ComboBox(
            label="method", choices=["profile", "s-parameter", "valence-core"], value="profile"
        )
        self.live_time = LineEdit(label="live time (s)")
        self.incident_energy = LineEdit(label="beam (keV)")
        self.scattering_angle = LineEdit(label="angle (°)")
        self.voxel_size = LineEdit(label="voxel z, y, x (µm)")
        self.hide = CheckBox(label="good voxels only", value=True)
        self.button = PushButton(text="Fit")
        self.bar = ProgressBar(label="", min=0, max=1, value=0)
        self.answer = Label(value="")
        super().__init__(
            widgets=[
                self.spectra,
                self.standards,
                self.method,
                self.live_time,
                self.incident_energy,
                self.scattering_angle,
                self.voxel_size,
                self.hide,
                self.button,
                self.bar,
                self.answer,
            ]
        )
        self._told = _Told()
        self._told.progress.connect(self._show_progress)
        self._worker: Any = None
        self._stops = False
        self.button.changed.connect(self.start)

    def start(self, _: Any = None) -> None:
        """Begins to fit, or stops what has begun."""
        if self._worker is not None:
            self._stops = True
            return
        try:
            arguments = self._arguments()
        except VoxelithError as error:
            self.answer.value = str(error)
            return
        self._stops = False
        self.button.text = "Stop"
        self.answer.value = ""
        self._worker = create_worker(self._outcome, arguments, self._tell, _start_thread=False)
        self._worker.returned.connect(self._show)
        self._worker.finished.connect(self._end)
        self._worker.start()

    def fit(self, _: Any = None) -> LithiumMap | None:
        """Fits, adds the layers `x` and `sigma(x)`, and says what came out; an error is said, too."""
        try:
            outcome = self._outcome(self._arguments())
        except VoxelithError as error:
            outcome = (None, str(error))
        self._show(outcome)
        return outcome[0]

    def _arguments(self) -> dict[str, Any]:
        """What `map` is called with, read from the fields."""
        counts: Any = self.spectra.value
        if counts is None or os.fspath(counts) in ("", "."):
            selected = self.viewer.layers.selection.active
            layers = [selected] if selected is not None else []
            layers += reversed(list(self.viewer.layers))
            counts = next((layer.metadata["voxelith"] for layer in layers if "voxelith" in layer.metadata), None)
            if counts is None:
                raise UsageError("spectra: name a file, or open one as a layer")
        else:
            counts = os.fspath(counts)
        return {
            "counts": counts,
            "standards": os.fspath(self.standards.value),
            "method": self.method.value,
            "live_time": _number("live time", self.live_time.value),
            "incident_energy": _number("beam", self.incident_energy.value),
            "scattering_angle": _number("angle", self.scattering_angle.value),
            "voxel_size": _lengths(self.voxel_size.value),
        }

    @staticmethod
    def _outcome(
        arguments: dict[str, Any], progress: Callable[[str, int, int], None] | None = None
    ) -> tuple[LithiumMap | None, str]:
        """The map, or what was wrong: an error that left the worker's thread would end the viewer."""
        told = dict(arguments)
        standards = told.pop("standards")
        is_calibration = standards.endswith(".json")
        try:
            calibration = Calibration.load(standards) if is_calibration else Calibration.fit(standards)
            return map(told.pop("counts"), calibration=calibration, progress=progress, **told), ""
        except VoxelithError as error:
            return None, str(error)

    def _tell(self, stage: str, done: int, total: int) -> None:
        """Called on the thread that fits."""
        if self._stops:
            raise Cancelled("stopped on request")
        self._told.progress.emit(stage, done, total)

    def _show_progress(self, stage: str, done: int, total: int) -> None:
        self.bar.max = max(1, total)
        self.bar.value = done
        self.bar.label = stage

    def _end(self) -> None:
        self._worker = None
        self.button.text = "Fit"
        self.bar.value = 0

    def _show(self, outcome: tuple[LithiumMap | None, str]) -> None:
        found, self.answer.value = outcome
        if found is None:
            return
        shown = (found.mask == 0) if self.hide.value else np.isfinite(found.x)
        for name, values, colours in (
            ("sigma(x)", found.sigma, "magma"),
            ("x", found.x, "viridis"),
        ):
            data = np.where(shown, values, np.nan)
            told = _placed(found.voxel_size, found.origin, name, colormap=colours)
            if name in self.viewer.layers:
                self.viewer.layers.remove(name)
            self.viewer.add_image(data, contrast_limits=_range(data), **told)
        self.answer.value = f"x = {found.mean_x:.4f} ± {found.mean_x_sigma:.4f} ({found.verdict})"


class _Told(QObject):
    """Carries progress to the thread of the viewer."""

    progress = Signal(str, int, int)


def _number(name: str, text: str) -> float | None:
    try:
        return float(text) if text.strip() else None
    except ValueError:
        raise UsageError(f"{name}: '{text}' is not a number") from None


def _lengths(text: str) -> Any:
    numbers = [_number("voxel", part) for part in text.replace(",", " ").split()]
    if len(numbers) not in (0, 1, 3):
        raise UsageError("voxel: give one number, or z, y, x")
    return None if not numbers else numbers[0] if len(numbers) == 1 else tuple(numbers)


class SpectrumWidget(QWidget):
    """Draws the spectrum of the voxel under the cursor, of the uppermost visible layer of spectra that the cursor is over."""

    def __init__(self, viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = viewer
        #: Index (z, y, x) of the voxel that is shown; None before the first.
        self.voxel: tuple[int, int, int] | None = None
        #: Its energies in keV and its counts.
        self.energy: np.ndarray | None = None
        self.counts: np.ndarray | None = None
        self.setMinimumSize(280, 160)
        viewer.mouse_move_callbacks.append(self._moved)

    def _moved(self, viewer: Any, _event: Any) -> None:
        self.show_at(viewer.cursor.position)

    def show_at(self, position: Any) -> None:
        """Draws the spectrum of the voxel at a place of the viewer (z, y, x in um); keeps the last one outside."""
        for layer in reversed(list(self.viewer.layers)):
            spectra = layer.metadata.get("voxelith")
            if spectra is None or not layer.visible:
                continue
            z, y, x = (int(round(float(i))) for i in layer.world_to_data(position)[-3:])
            index = (z, y, x)
            if all(0 <= i < n for i, n in zip(index, spectra.counts.shape)):
                self.voxel = index
                self.energy = spectra.energy
                self.counts = np.asarray(spectra.counts[index])
                self.update()
                return

    def paintEvent(self, _event: Any) -> None:  # noqa: N802, the name is Qt's
        painter = QPainter(self)
        if self.counts is None or self.energy is None or self.voxel is None:
            painter.drawText(self.rect(), Qt.AlignCenter, "Move the cursor over a layer of spectra")
            painter.end()
            return
        area = self.rect().adjusted(12, 24, -12, -24)
        finite = np.where(np.isfinite(self.counts), self.counts, 0.0)
        top = float(finite.max()) or 1.0
        low, high = float(self.energy[0]), float(self.energy[-1])
        across = area.left() + (self.energy - low) / ((high - low) or 1.0) * area.width()
        up = area.bottom() - np.clip(finite / top, 0, 1) * area.height()
        painter.drawPolyline(QPolygonF([QPointF(float(x), float(y)) for x, y in zip(across, up)]))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        z, y, x = self.voxel
        painter.drawText(12, 16, f"voxel {z}, {y}, {x}: {finite.sum():.0f} counts, most in a bin {top:.0f}")
        bottom = self.height() - 6
        painter.drawText(12, bottom, f"{low:g} keV")
        right = f"{high:g} keV"
        painter.drawText(self.width() - 12 - painter.fontMetrics().horizontalAdvance(right), bottom, right)
        painter.end()
