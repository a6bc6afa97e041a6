"""Starts the program `voxelith` of the wheel in the place of Python."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    own = Path(__file__).parent / "_native" / "voxelith"
    if not own.exists():
        sys.exit(f"voxelith: the program is not there: {own}")
    os.execv(own, [sys.argv[0], *sys.argv[1:]])
