"""Time, iterations and memory of `voxelith transport` from 100^3 to 400^3, and beside TauFactor.

    python3 run.py VOXELITH [--data DIR] [--peer taufactor_peer.py] [--threads N]

VOXELITH is the built command. Every run is a process of its own: wall and processor seconds and the largest
resident size are the operating system's. The scaling volumes are cuts of one random medium (Gaussian noise
smoothed with sigma 3 voxels, porosity 0.45), so that only the size differs.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import tifffile
from scipy.ndimage import gaussian_filter

REAL = [
    ("electrode-taufactor/electrode.tiff", 2.0772),
    ("nmc-nrel/nmc-1-cal_generatedCBD_bridge.tif", 2.9525),
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
        arguments.voxelith, "transport", str(labels), "--phase", str(phase), "--axes", "z", "--json", "--quiet",
        "--threads", str(arguments.threads), "--memory", "8G", "--overwrite", "-o", str(folder / "out.json"),
    ]
    output, wall, processor, peak = measured(command)
    result = json.loads(output)["axes"]["z"]
    print(
        f"  tau {result['tortuosity_factor']:.5f}  residual {result['residual']:.1e}  imbalance"
        f" {result['flux_imbalance']:.1e}  iterations {result['iterations']:3d}  wall {wall:7.2f} s  cpu"
        f" {processor:7.2f} s  {1e6 * processor / voxels:.3f} us/voxel  {peak / voxels:.1f} bytes/voxel",
        flush=True)
    return result["tortuosity_factor"], wall


def scaling(arguments, folder):
    noise = np.random.default_rng(1).standard_normal((400, 400, 400), dtype=np.float32)
    noise = gaussian_filter(noise, 3.0, mode="wrap", truncate=3)
    labels = (noise > np.quantile(noise[::4, ::4, ::4], 0.45)).astype(np.uint8)
    for side in (100, 150, 200, 300, 400):
        path = folder / f"{side}.tif"
        tifffile.imwrite(path, labels[:side, :side, :side])
        print(f"{side}^3", flush=True)
        transport(arguments, path, 0, side**3, folder)
        path.unlink()


def beside_taufactor(arguments, folder):
    for name, expected in REAL:
        path = pathlib.Path(arguments.data) / name
        voxels = tifffile.imread(path).size
        print(f"{name}, expected {expected}", flush=True)
        tau, wall = min((transport(arguments, path, 0, voxels, folder) for _ in range(3)), key=lambda r: r[1])
        print(f"  {100 * (tau / expected - 1):+.3f} % of the expected value")
        if arguments.peer:
            output, _, processor, _ = measured([sys.executable, arguments.peer, str(path), "0", "1e-3"])
            peer = json.loads(output.strip().splitlines()[-1])
            print(
                f"  TauFactor {peer['tortuosity_factor']:.5f}  wall {peer['seconds']:.1f} s  cpu {processor:.1f} s"
                f"  ratio {peer['seconds'] / wall:.1f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("voxelith")
    parser.add_argument("--data")
    parser.add_argument("--peer")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scaling(arguments, pathlib.Path(name))
        if arguments.data:
            beside_taufactor(arguments, pathlib.Path(name))
