"""Reader and widget of napari: spectra and maps as layers with scale and units, lithium by chosen standards."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from magicgui.widgets import CheckBox, ComboBox, Container, FileEdit, Label, PushButton

from . import Calibration, LithiumMap, VoxelithError, inspect, map, read, read_spectra

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
        # The sum over energies stands in space; the spectrum of a voxel is in the layer's metadata.
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
    """Fits lithium in spectra with chosen standards, and shows x and its standard deviation."""

    def __init__(self, viewer: napari.Viewer) -> None:
        self.viewer = viewer
        self.spectra = FileEdit(label="spectra", filter="*.nxs *.h5 *.hdf5 *.hxt")
        self.standards = FileEdit(label="standards", filter="*.yaml *.yml *.json")
        self.method = ComboBox(
            label="method", choices=["profile", "s-parameter", "valence-core"], value="profile"
        )
        self.hide = CheckBox(label="good voxels only", value=True)
        self.button = PushButton(text="Fit")
        self.answer = Label(value="")
        super().__init__(
            widgets=[self.spectra, self.standards, self.method, self.hide, self.button, self.answer]
        )
        self.button.changed.connect(self.fit)

    def fit(self, _: Any = None) -> LithiumMap | None:
        """Fits, adds the layers `x` and `sigma(x)`, and says what came out; an error is said, too."""
        try:
            standards = os.fspath(self.standards.value)
            is_calibration = standards.endswith(".json")
            calibration = (
                Calibration.load(standards) if is_calibration else Calibration.fit(standards)
            )
            found = map(
                os.fspath(self.spectra.value), calibration=calibration, method=self.method.value
            )
        except VoxelithError as error:
            self.answer.value = str(error)
            return None
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
        self.answer.value = f"x = {found.mean_x:.4f} +- {found.mean_x_sigma:.4f} ({found.verdict})"
        return found
