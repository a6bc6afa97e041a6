"""The notebooks of the package run from their first cell to their last, and find what is true of their twins."""

from __future__ import annotations

import json
import os
import unittest
import warnings

import numpy as np
from support import ROOT


class Notebook(unittest.TestCase):
    @staticmethod
    def run_cells(name: str) -> dict:
        os.environ.setdefault("MPLBACKEND", "Agg")
        with open(os.path.join(ROOT, "Notebooks-exports", name)) as file:
            cells = json.load(file)["cells"]
        names: dict = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for cell in cells:
                if cell["cell_type"] == "code":
                    exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
        return names

    def test_lithium(self) -> None:
        names = self.run_cells("lithium-in-python.ipynb")
        pulls, good = names["pulls"], names["good"]
        self.assertGreater(pulls.size, 150)
        self.assertLess(abs(pulls.mean()), 4 * pulls.std() / np.sqrt(pulls.size) + 0.1)
        self.assertLess(abs(pulls.std() - 1), 0.25)
        # Without fractions the other phases are taken for lithium.
        self.assertGreater(abs(np.nanmean((names["plain"].x - names["truth"])[good])), 0.3)
        self.assertGreater(np.nanmean(np.abs(names["orientation"].direction[..., 2])), 0.8)
        self.assertGreater(names["diffusion"].tortuosity_factor["x"], names["diffusion"].tortuosity_factor["z"])

    def test_charge(self) -> None:
        names = self.run_cells("charge-in-python.ipynb")
        pulls = names["pulls"]
        self.assertGreater(pulls.size, 150)
        self.assertLess(abs(pulls.mean()), 4 * pulls.std() / np.sqrt(pulls.size) + 0.1)
        self.assertLess(abs(pulls.std() - 1), 0.25)
        last = names["found"].states[-1].report["change_since_first"]
        wanted = float(np.mean(names["truth"][names["good"]]))
        self.assertLess(abs(last["value"] - wanted), 4 * last["sigma"])
        seconds = {m["precision"]["method"]: m.get("seconds_for_target") or np.inf for m in names["planned"].methods}
        self.assertEqual(min(seconds, key=lambda name: seconds[name]), "profile")
        self.assertTrue((names["folder"] / "charge.png").read_bytes().startswith(b"\x89PNG"))


if __name__ == "__main__":
    unittest.main()
