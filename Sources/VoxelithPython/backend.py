"""Makes the wheel, after PEP 517 and with the standard library alone, from the library and the program that were built before.

VOXELITH_NATIVE names the folder that holds `libvoxelith.so` and `voxelith`; `make wheel` builds them and calls this. The tag is that of this
machine; `auditwheel` then bundles the C libraries and finds the manylinux tag that is true.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import sysconfig
import tomllib
import zipfile
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_PACKAGE = ("*.py", "*.yaml", "py.typed")


def _version() -> str:
    text = (_HERE.parent / "Results/Provenance/PackageVersion.swift").read_text()
    found = re.search(r'current = "([^"]+)"', text)
    if not found:
        raise SystemExit("PackageVersion.swift tells no version")
    return found.group(1)


def _native() -> dict[str, Path]:
    folder = os.environ.get("VOXELITH_NATIVE")
    if not folder:
        raise SystemExit("the wheel needs what Swift builds: use `make wheel`, or set VOXELITH_NATIVE")
    return {name: Path(folder) / name for name in ("libvoxelith.so", "voxelith")}


def _metadata(project: dict[str, Any]) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {_version()}"]
    lines += [f"Summary: {project['description']}", f"Requires-Python: {project['requires-python']}"]
    lines.append(f"Keywords: {','.join(project['keywords'])}")
    lines += [f"Classifier: {entry}" for entry in project["classifiers"]]
    lines += [f"Requires-Dist: {entry}" for entry in project["dependencies"]]
    for extra, needs in project["optional-dependencies"].items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f'Requires-Dist: {need}; extra == "{extra}"' for need in needs]
    lines += ["Description-Content-Type: text/markdown", "", (_HERE / project["readme"]).read_text()]
    return "\n".join(lines)


def _entry_points(project: dict[str, Any]) -> str:
    groups = {"console_scripts": project["scripts"], **project["entry-points"]}
    return "\n".join(
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in entries.items())
        for group, entries in groups.items()
    )


class _Wheel:
    """A zip archive with its list of checksums; the same content gives the same bytes."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self._record: list[str] = []

    def add(self, name: str, content: bytes, mode: int = 0o644) -> None:
        entry = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
        entry.external_attr = (0o100000 | mode) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(entry, content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        self._record.append(f"{name},sha256={digest},{len(content)}")

    def finish(self, info: str) -> None:
        record = f"{info}/RECORD"
        self._zip.writestr(
            zipfile.ZipInfo(record, date_time=(2020, 1, 1, 0, 0, 0)),
            "\n".join([*self._record, f"{record},,", ""]),
        )
        self._zip.close()


def build_wheel(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    project = tomllib.loads((_HERE / "pyproject.toml").read_text())["project"]
    tag = "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())
    name = f"voxelith-{_version()}-{tag}.whl"
    info = f"voxelith-{_version()}.dist-info"
    wheel = _Wheel(Path(wheel_directory) / name)
    for pattern in _PACKAGE:
        for file in sorted((_HERE / "voxelith").glob(pattern)):
            wheel.add(f"voxelith/{file.name}", file.read_bytes())
    wheel.add("_voxelith_program.py", (_HERE / "_voxelith_program.py").read_bytes())
    for target, file in _native().items():
        wheel.add(f"voxelith/_native/{target}", file.read_bytes(), 0o755)
    for file in sorted((_native()["voxelith"].parent / "fonts").glob("*")):
        wheel.add(f"voxelith/_native/fonts/{file.name}", file.read_bytes())
    header = _HERE.parent / "CVoxelith/voxelith.h"
    wheel.add(f"voxelith/_native/{header.name}", header.read_bytes())
    shared = os.environ.get("VOXELITH_SHARE")
    for file in sorted(Path(shared).rglob("*")) if shared else []:
        if file.is_file():
            place = f"voxelith-{_version()}.data/data/share/{file.relative_to(str(shared))}"
            wheel.add(place, file.read_bytes())
    wheel.add(f"{info}/METADATA", _metadata(project).encode())
    wheel.add(f"{info}/entry_points.txt", _entry_points(project).encode())
    wheel.add(
        f"{info}/WHEEL",
        f"Wheel-Version: 1.0\nGenerator: voxelith\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    )
    wheel.finish(info)
    return name


def build_sdist(sdist_directory: str, config_settings: dict[str, Any] | None = None) -> str:
    raise SystemExit("there is no source distribution: the sources are a Swift package")
