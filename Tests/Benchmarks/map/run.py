"""Spectra to lithium beside PyMca's weighted linear fit, in turn: A B A B ...

    python3 Tests/Benchmarks/map/run.py [VOXELITH] [--pairs 3] [--large]

VOXELITH is the built command (default: that of this checkout). Makes a twin of 128 000 spectra of 400 bins. Ours is the
whole command: reading, the fit with errors and deviance, writing. The peer's time is that of its fit alone, of three
components with weights and uncertainties, from memory. --large adds 80 x 80 x 200 voxels (2 GB of counts).
"""
import argparse
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
PEER = """
import json, sys, time
import h5py, numpy as np
from PyMca5.PyMcaMath.linalg import lstsq
counts = h5py.File(sys.argv[1])["entry/data/counts"][...]
y = counts.reshape(-1, counts.shape[-1]).astype(float)
k = np.linspace(-1, 1, y.shape[1])
basis = np.stack([y.mean(0), y.mean(0) * k, np.ones_like(k)], 1)
start = time.perf_counter()
lstsq(basis, y.T, sigma_b=np.sqrt(np.maximum(y, 1)).T, uncertainties=True, weight=True)
print(json.dumps({"rate": len(y) / (time.perf_counter() - start)}))
"""


def measured(command):
    """Runs a command; returns wall seconds and the largest resident size in MB."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command[:2])} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def twin(voxelith, folder, depth):
    """A folder with spectra of depth x 80 x 80 voxels and their calibration."""
    measured([voxelith, "simulate", "--shape", f"{depth},80,80", "--voxel-size", "10", "--ratio", "1", "--quiet", "-o", folder])
    measured([voxelith, "calibrate", f"{folder}/standards.yaml", "--quiet", "-o", f"{folder}/calibration.json"])


def mapped(voxelith, folder):
    return measured([
        voxelith, "map", f"{folder}/xcs.nxs", "-c", f"{folder}/calibration.json", "--quiet", "--overwrite",
        "-o", f"{folder}/map"])


def shown(rates, unit=""):
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f}) {unit}".strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("voxelith", nargs="?", default=str(REPOSITORY / ".build/release/voxelith"))
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    has_peer = all(importlib.util.find_spec(name) for name in ("h5py", "PyMca5"))
    print("| what | Voxelith | PyMca | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = os.path.join(name, "twin")
        twin(options.voxelith, folder, 20)
        ours, theirs, peaks = [], [], []
        for _ in range(options.pairs):
            seconds, peak = mapped(options.voxelith, folder)
            ours.append(20 * 80 * 80 / seconds)
            peaks.append(peak)
            if has_peer:
                out = subprocess.run([sys.executable, "-c", PEER, f"{folder}/xcs.nxs"], check=True, capture_output=True, text=True)
                theirs.append(json.loads(out.stdout.strip().splitlines()[-1])["rate"])
        ratios = [a / b for a, b in zip(ours, theirs)]
        ratio = f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})" if ratios else ""
        print(f"| 128 000 spectra of 400 bins, peak {max(peaks):.0f} MB | {shown(ours, 'spectra/s')} |"
              f" {shown(theirs, 'spectra/s') if theirs else 'PyMca5 or h5py is not installed'} | {ratio} |", flush=True)
        if options.large:
            folder = os.path.join(name, "large")
            twin(options.voxelith, folder, 200)
            seconds, peak = mapped(options.voxelith, folder)
            print(f"| 80 x 80 x 200 voxels of 400 bins, 2 GB of counts, peak {peak:.0f} MB | {seconds:.1f} s | | |")


if __name__ == "__main__":
    main()
