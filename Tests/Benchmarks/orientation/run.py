"""Structure tensor beside structure-tensor (PyPI) in one run, in turn: A B A B ...

    swift build -c release --package-path Tests/Benchmarks/orientation
    python3 Tests/Benchmarks/orientation/run.py [--side 256] [--pairs 5] [--large]
    python3 Tests/Benchmarks/orientation/run.py --compare FILE.raw --side 128

Needs numpy and structure-tensor. --large adds a stack of 1024^3 uint16 (2 GB on disk, in the folder for
temporary files) that is read slice by slice.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

PEER = """
import sys, time, json
import numpy as np
from structure_tensor import eig_special_3d, structure_tensor_3d
v = np.fromfile(sys.argv[1], np.uint16).reshape((int(sys.argv[2]),) * 3).astype(np.float32)
start = time.perf_counter()
structure = structure_tensor_3d(v, 1.5, 4.0)
eig_special_3d(structure)
print(json.dumps({"mvoxels_per_s": v.size / (time.perf_counter() - start) / 1e6}))
"""


def stack(path, side, seed=0):
    rng = np.random.default_rng(seed)
    with open(path, "wb") as file:
        tile = rng.integers(0, 40000, (1, side, side), dtype=np.uint16)
        for z in range(side):
            file.write(np.roll(tile, (3 * z, 5 * z), (1, 2)).tobytes())


def compare(path, side, bench):
    """Angles between our axes and the peer's, in double and in single precision."""
    from structure_tensor import eig_special_3d, structure_tensor_3d

    with tempfile.TemporaryDirectory() as folder:
        saved = os.path.join(folder, "axes.raw")
        run([bench, path, str(side), "uint8", "1.5", "4", "--save", saved])
        ours = np.fromfile(saved, np.float32).reshape(3, side, side, side)
    grey = np.fromfile(path, np.uint8).reshape(side, side, side)
    for dtype in (np.float64, np.float32):
        values, theirs = eig_special_3d(structure_tensor_3d(grey.astype(dtype), 1.5, 4.0))
        sine = np.sqrt((np.cross(theirs, ours, axis=0) ** 2).sum(0))
        angle = np.degrees(np.arctan2(sine, np.abs((theirs * ours).sum(0))))
        gap = (values[1] - values[2]) / values[0]
        for least in (0, 0.01, 0.1):
            part = angle[gap >= least]
            print(f"peer in {dtype.__name__}, linearity from {least}: mean {part.mean():.1e}, "
                  f"99.9 % below {np.percentile(part, 99.9):.1e}, largest {part.max():.1e} degrees")


def run(command):
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(out.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--compare")
    parser.add_argument("--bench", default="Tests/Benchmarks/orientation/.build/release/orientation-bench")
    options = parser.parse_args()
    if options.compare:
        compare(options.compare, options.side, options.bench)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stack.raw")
        stack(path, options.side)
        ours, theirs, ratios = [], [], []
        for _ in range(options.pairs):
            theirs.append(run([sys.executable, "-c", PEER, path, str(options.side)])["mvoxels_per_s"])
            ours.append(run([options.bench, path, str(options.side), "uint16", "1.5", "4"])["mvoxels_per_s"])
            ratios.append(ours[-1] / theirs[-1])
        print(f"voxelith         {statistics.median(ours):7.2f} Mvoxel/s  ({min(ours):.2f} to {max(ours):.2f})")
        print(f"structure-tensor {statistics.median(theirs):7.2f} Mvoxel/s  ({min(theirs):.2f} to {max(theirs):.2f})")
        print(f"ratio            {statistics.median(ratios):7.2f}           ({min(ratios):.2f} to {max(ratios):.2f})")
        if options.large:
            stack(path, 1024)
            start = time.perf_counter()
            out = run([options.bench, path, "1024", "uint16", "1.5", "4", "--from-disk", "--memory", "1500"])
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            print(f"1024^3 from disk {out['mvoxels_per_s']:7.2f} Mvoxel/s in {time.perf_counter() - start:.0f} s, "
                  f"planned {out['planned_mb']} MB; largest peak of all runs {peak / 1024:.0f} MB")


if __name__ == "__main__":
    main()
