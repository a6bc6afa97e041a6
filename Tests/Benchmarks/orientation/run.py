"""Structure tensor beside structure-tensor (PyPI) in one run, in turn: A B A B ...

    python3 Tests/Benchmarks/orientation/run.py [--side 256] [--pairs 5] [--large]
    python3 Tests/Benchmarks/orientation/run.py --compare FILE.raw --side 128

Builds the benchmark first. Needs numpy; without structure-tensor only Voxelith runs. --large adds a stack of
1024^3 uint16 (2 GB on disk, in the folder for temporary files) that is read slice by slice.
"""
import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))

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
    """What a command reports, and its largest resident size in MB."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {child.returncode}")
    return json.loads(out.strip().splitlines()[-1]) | {"peak_mb": usage.ru_maxrss / 1024}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--compare")
    parser.add_argument("--bench", help="the built benchmark")
    options = parser.parse_args()
    if options.bench is None:
        subprocess.run(["swift", "build", "-c", "release", "--package-path", HERE], check=True, stdout=sys.stderr)
        options.bench = os.path.join(HERE, ".build/release/orientation-bench")
    if options.compare:
        compare(options.compare, options.side, options.bench)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stack.raw")
        stack(path, options.side)
        has_peer = importlib.util.find_spec("structure_tensor") is not None
        small = [options.bench, path, str(options.side), "uint16", "1.5", "4"]
        ours, theirs, ratios, peak = [], [], [], 0
        for _ in range(options.pairs):
            if has_peer:
                theirs.append(run([sys.executable, "-c", PEER, path, str(options.side)])["mvoxels_per_s"])
            out = run(small)
            ours.append(out["mvoxels_per_s"])
            peak = max(peak, out["peak_mb"])
            if has_peer:
                ratios.append(ours[-1] / theirs[-1])

        def shown(values, unit):
            if not values:
                return "structure-tensor is not installed" if unit else ""
            return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f}) {unit}".strip()

        print("| what | Voxelith | structure-tensor | ratio |\n|---|---|---|---|")
        print(f"| {options.side}^3 uint16, sigma 1.5, rho 4, stride 1, peak {peak:.0f} MB | {shown(ours, 'Mvoxel/s')} |"
              f" {shown(theirs, 'Mvoxel/s')} | {shown(ratios, '')} |", flush=True)
        if options.large:
            large = os.path.join(folder, "large.raw")
            stack(large, 1024)
            rates, ratios, peak = [], [], 0
            for _ in range(2):
                near = [run(small)["mvoxels_per_s"]]
                out = run([options.bench, large, "1024", "uint16", "1.5", "4", "--from-disk", "--memory", "1500"])
                near.append(run(small)["mvoxels_per_s"])
                rates.append(out["mvoxels_per_s"])
                ratios.append(rates[-1] / statistics.mean(near))
                peak = max(peak, out["peak_mb"])
            print(f"| 1024^3 uint16 from disk, peak {peak:.0f} MB, rate over that of {options.side}^3 before and"
                  f" after: {shown(ratios, '')} | {shown(rates, 'Mvoxel/s')} | | |")


if __name__ == "__main__":
    main()
