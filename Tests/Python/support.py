"""What the tests of the package share: a small twin, its calibration, and the program to compare with."""

from __future__ import annotations

import os
import subprocess
import tempfile
import unittest
import warnings

import voxelith

PROGRAM = os.environ.get("VOXELITH_PROGRAM", "voxelith")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def program(*arguments: str) -> str:
    """Runs the command line program and gives what it prints."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"voxelith {' '.join(arguments)}: {done.stderr}")
    return done.stdout


class TwinCase(unittest.TestCase):
    """A twin of 4 x 6 x 6 spectra of other phases, made once."""

    _twin: voxelith.Twin | None = None
    _calibration: voxelith.Calibration | None = None

    @property
    def twin(self) -> voxelith.Twin:
        if TwinCase._twin is None:
            TwinCase._twin = voxelith.simulate(shape=(16, 24, 24), ratio=4, counts=2e5, mixture=True)
        return TwinCase._twin

    @property
    def calibration(self) -> voxelith.Calibration:
        if TwinCase._calibration is None:
            TwinCase._calibration = self.twin.calibration()
        return TwinCase._calibration

    def setUp(self) -> None:
        self._scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self._scratch.cleanup)

    def without_warnings(self) -> None:
        """For tests of other things; the warnings of before are back after the test."""
        kept = warnings.catch_warnings()
        kept.__enter__()
        self.addCleanup(kept.__exit__, None, None, None)
        warnings.simplefilter("ignore", voxelith.VoxelithWarning)

    def file(self, name: str) -> str:
        return os.path.join(self._scratch.name, name)
