"""The notebook of the package runs from its first cell to its last, and finds what is true of its twin."""

from __future__ import annotations

import json
import os
import unittest
import warnings

import numpy as np
from support import ROOT


class Notebook(unittest.TestCase):
    def test_runs(self) -> None:
        os.environ.setdefault("MPLBACKEND", "Agg")
        with open(os.path.join(ROOT, "Notebooks-exports/lithium-in-python.ipynb")) as file:
            cells = json.load(file)["cells"]
        names: dict = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for cell in cells:
                if cell["cell_type"] == "code":
                    exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
        pulls, good = names["pulls"], names["good"]
        self.assertGreater(pulls.size, 150)
        self.assertLess(abs(pulls.mean()), 4 * pulls.std() / np.sqrt(pulls.size) + 0.1)
        self.assertLess(abs(pulls.std() - 1), 0.25)
        # Without fractions the other phases are taken for lithium.
        self.assertGreater(abs(np.nanmean((names["plain"].x - names["truth"])[good])), 0.3)
        self.assertGreater(np.nanmean(np.abs(names["orientation"].direction[..., 2])), 0.8)
        self.assertGreater(names["diffusion"].tortuosity_factor["x"], names["diffusion"].tortuosity_factor["z"])


if __name__ == "__main__":
    unittest.main()
