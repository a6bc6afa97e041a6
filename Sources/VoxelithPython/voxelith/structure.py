"""Microstructure: phases, orientation, pores, transport."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._arrays import Inputs, Lengths, lengths
from ._call import Answer, ProgressFunction, call
from ._paths import folder_name, is_path
from ._types import Unpack
from .errors import UsageError
from .settings import (
    InterfacesSettings,
    OrientSettings,
    ParticlesSettings,
    PathsSettings,
    PoresSettings,
    SegmentSettings,
    TransportSettings,
    VolumeSettings,
)
from .volume import Result

if TYPE_CHECKING:
    import pandas
else:
    from ._types import pandas


def _run(
    operation: str,
    word: str,
    settings: dict[str, Any],
    source: Any,
    *,
    voxel_size: Lengths | None,
    opening: VolumeSettings | None,
    threads: int | None,
    memory: int | None,
    progress: ProgressFunction | None,
    origin: Lengths | None = None,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    mask: Any = None,
    **further: Any,
) -> Answer:
    """What the functions here have in common."""
    inputs = Inputs()
    if source is None:
        raise UsageError(f"{word}: is missing")
    inputs.add(word, source, voxel_size, origin)
    inputs.add("mask", mask)
    how: dict[str, Any] = dict(opening or {})
    if is_path(source):
        how["voxel_size_um"] = lengths(voxel_size, "voxel_size")
    request = {operation: settings, word: how, **further}
    if output is not None:
        request.update(output=folder_name(output), overwrite=overwrite)
    return call(operation, request, inputs, threads=threads, memory=memory, progress=progress)


class Segmentation(Result):
    """Phases of a volume."""

    @property
    def labels(self) -> np.ndarray:
        """Label of each voxel (z, y, x), from the darkest phase up; 255 outside a mask."""
        return self.arrays["labels"]

    @property
    def thresholds(self) -> list[float]:
        """Grey values between the phases."""
        return list(self.report["segmentation"]["thresholds"])


def segment(
    volume: Any,
    *,
    voxel_size: Lengths | None = None,
    origin: Lengths | None = None,
    mask: Any = None,
    opening: VolumeSettings | None = None,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[SegmentSettings],
) -> Segmentation:
    """Parts grey values into phases.

    Args:
        volume: grey values (z, y, x), a `Volume`, or a file.
        voxel_size: z, y, x in um.
        mask: voxels to include: above zero inside; the others get label 255.
        origin: outer corner of the first voxel: z, y, x in um.
        opening: how a file is opened, as `{"dataset": "/entry/data"}`; see `voxelith.settings.VolumeSettings`.
        output: folder that keeps the files, as the command writes them, with their provenance; none by default.
        overwrite: whether files in `output` may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        settings: as `classes=3` or `denoise="nlm"`, see `voxelith.describe("segment")`.
    """
    return Segmentation(
        _run(
            "segment",
            "volume",
            dict(settings),
            volume,
            voxel_size=voxel_size,
            origin=origin,
            opening=opening,
            output=output,
            overwrite=overwrite,
            threads=threads,
            memory=memory,
            progress=progress,
            mask=mask,
        )
    )


class Orientation(Result):
    """Directions of pores, fibres or layers."""

    @property
    def direction(self) -> np.ndarray:
        """Unit vectors (z, y, x, 3), components in the order x, y, z; NaN where there is no direction."""
        return self.arrays["orientation"]

    @property
    def anisotropy(self) -> np.ndarray:
        """From 0 (no direction) to 1 (z, y, x)."""
        return self.arrays["anisotropy"]

    @property
    def summary(self) -> dict[str, Any] | None:
        """Order parameter, fabric, mean axis with their intervals; None where no voxel has a direction."""
        return self.report.get("summary")


def orient(
    volume: Any,
    *,
    sigma: float | None = None,
    rho: float | None = None,
    voxel_size: Lengths | None = None,
    origin: Lengths | None = None,
    mask: Any = None,
    opening: VolumeSettings | None = None,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[OrientSettings],
) -> Orientation:
    """Finds the direction of pores, fibres or layers in every voxel, by the structure tensor.

    Args:
        volume: grey values (z, y, x), a `Volume`, or a file.
        sigma: width of the Gaussian derivatives in smallest sides of the voxels; `sigma_um` gives it in um.
        rho: width of the Gaussian window in smallest sides of the voxels; `rho_um` gives it in um.
        voxel_size: z, y, x in um.
        mask: voxels to include: above zero inside.
        origin: outer corner of the first voxel: z, y, x in um.
        opening: how a file is opened, as `{"dataset": "/entry/data"}`; see `voxelith.settings.VolumeSettings`.
        output: folder that keeps the files, as the command writes them, with their provenance; none by default.
        overwrite: whether files in `output` may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        settings: as `stride=4` or `direction="normal"`, see `voxelith.describe("orient")`.
    """
    return Orientation(
        _run(
            "orient",
            "volume",
            {**settings, "sigma_voxels": sigma, "rho_voxels": rho},
            volume,
            voxel_size=voxel_size,
            origin=origin,
            opening=opening,
            output=output,
            overwrite=overwrite,
            threads=threads,
            memory=memory,
            progress=progress,
            mask=mask,
        )
    )


class PoreMetrics(Result):
    """What was measured of a phase; `report` has all of it."""

    @property
    def porosity(self) -> float:
        """Part of the volume that the phase takes."""
        return self.report["porosity"]["porosity"]

    @property
    def specific_surface(self) -> float:
        """Surface over volume in 1/um."""
        return self.report["specific_surface_per_um"]

    @property
    def thickness(self) -> np.ndarray | None:
        """Local thickness in um (z, y, x), 0 outside the phase."""
        return self.arrays.get("thickness")


def pores(
    labels: Any,
    *,
    phase: int = 0,
    voxel_size: Lengths | None = None,
    origin: Lengths | None = None,
    opening: VolumeSettings | None = None,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[PoresSettings],
) -> PoreMetrics:
    """Measures a phase: porosity, surface, sizes, chords, two-point correlation, representative volume.

    Args:
        labels: labels (z, y, x), a `Volume`, or a file.
        phase: label of the phase.
        voxel_size: z, y, x in um.
        origin: outer corner of the first voxel: z, y, x in um.
        opening: how a file is opened, as `{"dataset": "/entry/data"}`; see `voxelith.settings.VolumeSettings`.
        output: folder that keeps the files, as the command writes them, with their provenance; none by default.
        overwrite: whether files in `output` may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        settings: as `connectivity=26` or `thickness=False`, see `voxelith.describe("pores")`.
    """
    return PoreMetrics(
        _run(
            "pores",
            "labels",
            {**settings, "phase": phase},
            labels,
            voxel_size=voxel_size,
            origin=origin,
            opening=opening,
            output=output,
            overwrite=overwrite,
            threads=threads,
            memory=memory,
            progress=progress,
        )
    )


class ParticleMetrics(Result):
    """Particles that were parted and measured; `report` has what they come to."""

    @property
    def labels(self) -> np.ndarray:
        """Number of the particle of each voxel (z, y, x), from 1; 0 outside the phase."""
        return self.arrays["particles"]

    @property
    def count(self) -> int:
        """Number of particles."""
        return self.report["particles"]


def particles(
    labels: Any,
    *,
    phase: int | None = None,
    voxel_size: Lengths | None = None,
    origin: Lengths | None = None,
    opening: VolumeSettings | None = None,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[ParticlesSettings],
) -> ParticleMetrics:
    """Parts touching particles and measures each; with an `output` folder also tables and a network for OpenPNM.

    Args:
        labels: labels (z, y, x), a `Volume`, or a file.
        phase: label of the phase to part; 1 where not given.
        voxel_size: z, y, x in um.
        origin: outer corner of the first voxel: z, y, x in um.
        opening: how a file is opened, as `{"dataset": "/entry/data"}`; see `voxelith.settings.VolumeSettings`.
        output: folder that keeps the files, as the command writes them, with their provenance; none by default.
        overwrite: whether files in `output` may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        settings: as `numbered=True` or `relative_depth=0.2`, see `voxelith.describe("particles")`.
    """
    return ParticleMetrics(
        _run(
            "particles",
            "labels",
            {**settings, "phase": phase},
            labels,
            voxel_size=voxel_size,
            origin=origin,
            opening=opening,
            output=output,
            overwrite=overwrite,
            threads=threads,
            memory=memory,
            progress=progress,
        )
    )


class InterfaceMetrics(Result):
    """Contact areas, lines between three phases and topology; `report` has all of it."""

    @property
    def contact_areas(self) -> dict[tuple[int, int], float]:
        """Area in um2 by pair of labels."""
        return {tuple(contact["phases"]): contact["area_um2"] for contact in self.report["interfaces"]["contacts"]}

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each pair of labels: `label`, `other`, `area_um2`. Needs pandas."""
        import pandas

        rows = [(*pair, area) for pair, area in self.contact_areas.items()]
        return pandas.DataFrame(rows, columns=["label", "other", "area_um2"])

    @property
    def euler_numbers(self) -> dict[int, int]:
        """Euler number by label."""
        return {phase["label"]: phase["topology"]["euler_number"] for phase in self.report["interfaces"]["phases"]}


def interfaces(
    labels: Any,
    *,
    phases: Sequence[int] | None = None,
    voxel_size: Lengths | None = None,
    opening: VolumeSettings | None = None,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[InterfacesSettings],
) -> InterfaceMetrics:
    """Measures where phases meet, and the topology of each.

    Args:
        labels: labels (z, y, x), a `Volume`, or a file.
        phases: labels that count; all that there are where not given.
        voxel_size: z, y, x in um.
        opening: how a file is opened, as `{"dataset": "/entry/data"}`; see `voxelith.settings.VolumeSettings`.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        settings: as `connectivity=26`, see `voxelith.describe("interfaces")`.
    """
    return InterfaceMetrics(
        _run(
            "interfaces",
            "labels",
            {**settings, "phases": phases},
            labels,
            voxel_size=voxel_size,
            opening=opening,
            threads=threads,
            memory=memory,
            progress=progress,
        )
    )


class PathMetrics(Result):
    """Ways through a phase to a face; `report` has what they come to."""

    @property
    def length(self) -> np.ndarray:
        """Shortest way to the face in um (z, y, x); NaN where there is none."""
        return self.arrays["length"]

    @property
    def tortuosity(self) -> np.ndarray:
        """Length over the straight distance (z, y, x)."""
        return self.arrays["tortuosity"]

    @property
    def width(self) -> np.ndarray:
        """Diameter in um of the largest ball that can move to the face (z, y, x)."""
        return self.arrays["width"]


def paths(
    labels: Any,
    *,
    phase: int = 0,
    axis: str = "z",
    face: str = "lower",
    voxel_size: Lengths | None = None,
    origin: Lengths | None = None,
    opening: VolumeSettings | None = None,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[PathsSettings],
) -> PathMetrics:
    """Finds the shortest and the widest way through a phase from every voxel to a face.

    Args:
        labels: labels (z, y, x), a `Volume`, or a file.
        phase: label of the phase.
        axis: axis across which the face lies.
        face: lower or upper.
        voxel_size: z, y, x in um.
        origin: outer corner of the first voxel: z, y, x in um.
        opening: how a file is opened, as `{"dataset": "/entry/data"}`; see `voxelith.settings.VolumeSettings`.
        output: folder that keeps the files, as the command writes them, with their provenance; none by default.
        overwrite: whether files in `output` may be replaced.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        settings: see `voxelith.describe("paths")`.
    """
    return PathMetrics(
        _run(
            "paths",
            "labels",
            {**settings, "phase": phase, "axis": axis, "face": face},
            labels,
            voxel_size=voxel_size,
            origin=origin,
            opening=opening,
            output=output,
            overwrite=overwrite,
            threads=threads,
            memory=memory,
            progress=progress,
        )
    )


class Diffusion(Result):
    """Steady diffusion through a phase; `report` has all of it."""

    @property
    def tortuosity_factor(self) -> dict[str, float | None]:
        """Porosity over relative effective diffusivity by axis; None where the phase does not percolate."""
        return self._of("tortuosity_factor")

    @property
    def effective_diffusivity(self) -> dict[str, float | None]:
        """Relative to the free medium, by axis."""
        return self._of("effective_diffusivity")

    @property
    def flux(self) -> np.ndarray | None:
        """Flux relative to an empty box (z, y, x, 4): components x, y, z and the magnitude."""
        return self.arrays.get("flux")

    @property
    def electrode_tortuosity(self) -> dict[str, float | None]:
        """Electrode (blocking) tortuosity factor by axis, where `electrode=True` asked for it; empty otherwise."""
        return {axis: result["tortuosity_factor"] for axis, result in (self.report.get("electrode") or {}).items()}

    def _of(self, key: str) -> dict[str, float | None]:
        return {axis: result.get(key) for axis, result in self.report["axes"].items()}

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each axis. Needs pandas."""
        import pandas

        return pandas.DataFrame.from_dict(self.report["axes"], orient="index")


def transport(
    labels: Any,
    *,
    phase: int | Sequence[int] | None = None,
    axes: str = "xyz",
    flux: bool = False,
    voxel_size: Lengths | None = None,
    opening: VolumeSettings | None = None,
    threads: int | None = None,
    memory: int | None = None,
    progress: ProgressFunction | None = None,
    **settings: Unpack[TransportSettings],
) -> Diffusion:
    """Solves for the effective diffusivity and tortuosity factor of one or more phases.

    Args:
        labels: labels (z, y, x), a `Volume`, or a file.
        phase: label that conducts, or several; 0 where neither this nor `conductivity` is given.
        axes: any of x, y, z.
        flux: whether the flux is given, too; needs one axis.
        voxel_size: z, y, x in um.
        opening: how a file is opened, as `{"dataset": "/entry/data"}`; see `voxelith.settings.VolumeSettings`.
        threads: number of threads; all cores by default. The result does not depend on it.
        memory: bytes for working arrays; 2 GiB by default.
        progress: called now and then with stage, done, total.
        settings: as `conductivity={"0": 1.0, "2": 0.05}` or `tensor=True`, see `voxelith.describe("transport")`.
    """
    return Diffusion(
        _run(
            "transport",
            "labels",
            {**settings, "phase": phase, "axes": axes},
            labels,
            voxel_size=voxel_size,
            opening=opening,
            threads=threads,
            memory=memory,
            progress=progress,
            flux=flux,
        )
    )
