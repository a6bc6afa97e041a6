"""Time, iterations and memory of `voxelith transport` from 100^3 to 400^3, and beside TauFactor.

    python3 Tests/Benchmarks/transport/run.py [VOXELITH] [--data DIR] [--threads N] [--sides 100 150 ...]

VOXELITH is the built command (default: that of this checkout), DIR the folder of real volumes (default:
shared/data beside the checkout), which are left out where they are missing, as is TauFactor. Every run is a process of its own: wall and processor seconds and the largest
resident size are the operating system's. The scaling volumes are cuts of one random medium (Gaussian noise
smoothed with sigma 3 voxels, porosity 0.45), so that only the size differs.
"""
import argparse
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import tifffile

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
PEER = """
import json, sys, time
import numpy, taufactor, tifffile, torch
torch.set_num_threads(int(sys.argv[2]))
image = (tifffile.imread(sys.argv[1]) == 0).astype(numpy.uint8)
solver = taufactor.Solver(image, device="cpu")
start = time.perf_counter()
solver.solve(conv_crit=1e-3, verbose=False)
print(json.dumps({"seconds": time.perf_counter() - start, "tortuosity_factor": float(numpy.ravel(solver.tau)[0])}))
"""

# In a process of its own: the peak of a child begins at that of its parent.
MAKER = """
import sys
import numpy as np
import tifffile
from scipy.ndimage import gaussian_filter
sides = [int(side) for side in sys.argv[2:]]
most = max(400, *sides)
noise = np.random.default_rng(1).standard_normal((most, most, most), dtype=np.float32)
noise = gaussian_filter(noise, 3.0, mode="wrap", truncate=3)
labels = (noise > np.quantile(noise[::4, ::4, ::4], 0.45)).astype(np.uint8)
for side in sides:
    tifffile.imwrite(f"{sys.argv[1]}/{side}.tif", labels[:side, :side, :side])
"""

REAL = [
    ("nmc-nrel/nmc-1-cal_generatedCBD_bridge.tif", 2.9525),
    ("electrode-taufactor/electrode.tiff", 2.0772),
]


def measured(command):
    """Runs a command; returns its output, wall and processor seconds, and peak bytes."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return output, time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def transport(arguments, labels, phase, voxels, folder):
    command = [
        str(arguments.voxelith), "transport", str(labels), "--phase", str(phase), "--axes", "z", "--json", "--quiet",
        "--threads", str(arguments.threads), "--memory", "8G", "--overwrite", "-o", str(folder / "out.json"),
    ]
    output, wall, processor, peak = measured(command)
    result = json.loads(output)["axes"]["z"]
    print(
        f"  tau {result['tortuosity_factor']:.5f}  residual {result['residual']:.1e}  imbalance"
        f" {result['flux_imbalance']:.1e}  iterations {result['iterations']:3d}  wall {wall:7.2f} s  cpu"
        f" {processor:7.2f} s  {1e6 * processor / voxels:.3f} us/voxel  {peak / voxels:.1f} bytes/voxel",
        flush=True)
    shown = f"{result['iterations']} iterations, {1e6 * processor / voxels:.3f} us of processor a voxel"
    return result["tortuosity_factor"], wall, f"{wall:.1f} s, {shown}, {peak / voxels:.1f} bytes a voxel"


def scaling(arguments, folder):
    subprocess.run([sys.executable, "-c", MAKER, str(folder), *map(str, arguments.sides)], check=True)
    for side in arguments.sides:
        path = folder / f"{side}.tif"
        print(f"{side}^3", flush=True)
        shown = transport(arguments, path, 0, side**3, folder)[2]
        print(f"| random medium {side}^3 | {shown} | | |", flush=True)
        path.unlink()


def beside_taufactor(arguments, folder):
    has_peer = importlib.util.find_spec("taufactor") is not None
    for name, expected in REAL:
        path = pathlib.Path(arguments.data) / name
        with tifffile.TiffFile(path) as file:
            voxels = len(file.pages) * file.pages[0].size
        print(f"{name}, expected {expected}", flush=True)
        first = transport(arguments, path, 0, voxels, folder)
        theirs, ratio = "TauFactor is not installed", ""
        if has_peer:
            command = [sys.executable, "-c", PEER, str(path), str(arguments.threads)]
            output, _, processor, _ = measured(command)
            peer = json.loads(output.strip().splitlines()[-1])
            theirs = f"{peer['tortuosity_factor']:.5f} in {peer['seconds']:.1f} s ({processor:.0f} s of processor)"
            second = transport(arguments, path, 0, voxels, folder)
            # The slower of the runs before and after.
            ratio = f"{peer['seconds'] / max(first[1], second[1]):.1f} to {peer['seconds'] / min(first[1], second[1]):.1f}"
        print(f"| {name.split('/')[0]} along z, {100 * (first[0] / expected - 1):+.3f} % of {expected} |"
              f" {first[0]:.5f} in {first[2]} | {theirs} | {ratio} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("voxelith", nargs="?", default=REPOSITORY / ".build/release/voxelith")
    parser.add_argument("--data", default=REPOSITORY.parent / "shared/data")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--sides", type=int, nargs="*", default=(100, 150, 200, 300, 400))
    arguments = parser.parse_args()
    print("| what | Voxelith | TauFactor | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        if arguments.sides:
            scaling(arguments, pathlib.Path(name))
        if pathlib.Path(arguments.data).exists():
            beside_taufactor(arguments, pathlib.Path(name))
        else:
            print("real volumes left out: no", arguments.data)
