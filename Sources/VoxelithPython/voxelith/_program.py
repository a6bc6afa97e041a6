"""Starts the program `voxelith` of the wheel in the place of Python."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def use_own_fonts() -> None:
    """Figures find the fonts of the wheel where the system has none."""
    own = Path(__file__).parent / "_native" / "fonts" / "fonts.conf"
    if own.exists() and not os.path.exists("/etc/fonts/fonts.conf"):
        os.environ.setdefault("FONTCONFIG_FILE", str(own))


def main() -> None:
    own = Path(__file__).parent / "_native" / "voxelith"
    if not own.exists():
        sys.exit(f"voxelith: the program is not there: {own}")
    use_own_fonts()
    os.execv(own, [sys.argv[0], *sys.argv[1:]])
