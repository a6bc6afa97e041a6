#!/usr/bin/env python3
"""What the Python package costs beside the command's own stage, for 100 000 spectra of 400 bins.

usage: VOXELITH_LIBRARY=... VOXELITH_PROGRAM=... python3 Tests/Benchmarks/python.py [PAIRS]

Both work on the same counts: the command reads them from a file (the time of its stage stands in provenance.json), the package takes the
array. They run in turn; the medians are told, and the peak of memory of each."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import voxelith

warnings.simplefilter("ignore")
PROGRAM = os.environ.get("VOXELITH_PROGRAM", "voxelith")


def memory(kind: str) -> int:
    """MB that the process holds (VmRSS), or held at most (VmHWM)."""
    with open("/proc/self/status") as file:
        return int(next(line for line in file if line.startswith(kind)).split()[1]) // 1024


pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
with tempfile.TemporaryDirectory() as scratch:
    twin = voxelith.simulate(os.path.join(scratch, "twin"), shape=(40, 40, 40), ratio=4, counts=2e5)
    calibration = twin.calibration()
    calibration.save(os.path.join(scratch, "cal.json"))
    spectra = twin.spectra
    spectra.counts = np.tile(spectra.counts, (10, 10, 1, 1))
    count = int(np.prod(spectra.counts.shape[:3]))
    path = os.path.join(scratch, "big.nxs")
    voxelith.write(path, spectra)
    own, command = [], []
    # Sets VmHWM back to what is held now.
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    before = memory("VmRSS")
    for _ in range(pairs):
        folder = os.path.join(scratch, "map")
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(
            [PROGRAM, "map", path, "-c", os.path.join(scratch, "cal.json"), "-o", folder, "-q"], check=True
        )
        with open(os.path.join(folder, "provenance.json")) as file:
            command.append(json.load(file)["seconds_per_stage"]["map"])
        start = time.perf_counter()
        made = voxelith.map(spectra, calibration=calibration)
        own.append(time.perf_counter() - start)
    grown = memory("VmHWM") - before
    same = made.x.tobytes() == voxelith.read(os.path.join(folder, "li.tif")).data.tobytes()
    a, b = statistics.median(own), statistics.median(command)
    print(f"{count} spectra, {spectra.counts.nbytes / 1e6:.0f} MB of counts; same bytes of li.tif: {same}")
    print(f"command's stage {b:.3f} s ({min(command):.3f} to {max(command):.3f})")
    print(f"package         {a:.3f} s ({min(own):.3f} to {max(own):.3f}): {100 * (a / b - 1):+.1f} %")
    print(f"memory grows by {grown} MB while the package maps")
