#!/usr/bin/env python3
"""Times reading a stack with Voxelith and with tifffile, pair by pair, inside each process.

Needs numpy, tifffile and imagecodecs. Builds ReadBenchmark, writes the stacks once into --folder, then
reads each of them in turn with both and prints the medians and the ratio of the pairs.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = """
import json, sys, time, tifffile
t = time.perf_counter(); a = tifffile.imread(sys.argv[1]); dt = time.perf_counter() - t
print(json.dumps({"seconds": dt, "mb_per_s": a.nbytes / dt / 1e6, "mean": float(a.mean())}))
"""

STACKS = {"uncompressed": None, "Deflate": "zlib", "LZW": "lzw", "PackBits": "packbits"}


def stack(planes, side):
    """Smooth grey values with noise in the low bits, which compress about as tomograms do."""
    import numpy

    random = numpy.random.default_rng(1)
    y, x = numpy.mgrid[0:side, 0:side].astype("f4")
    for z in range(planes):
        grey = 20000 + 8000 * numpy.sin(x / 37 + z / 11) * numpy.cos(y / 41 - z / 17)
        yield (grey + random.normal(0, 60, grey.shape)).astype("u2")


def make(path, planes, side, compression):
    import tifffile

    if os.path.exists(path):
        return
    with tifffile.TiffWriter(path + ".part") as writer:
        for plane in stack(planes, side):
            writer.write(plane, compression=compression, contiguous=compression is None, metadata=None)
    os.rename(path + ".part", path)


def run(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", default="/tmp/voxelith-benchmark")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--planes", type=int, default=477)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--only", nargs="*", default=list(STACKS), choices=list(STACKS))
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    subprocess.run(["swift", "build", "-c", "release", "--package-path", HERE], check=True, stdout=sys.stderr)
    ours = os.path.join(HERE, ".build", "release", "ReadBenchmark")
    print("| stack | Voxelith MB/s | tifffile MB/s | times as fast: median (least, most) |\n|---|---|---|---|")
    for name in options.only:
        compression = STACKS[name]
        path = os.path.join(options.folder, f"{name.lower()}-{options.planes}x{options.side}.tif")
        make(path, options.planes, options.side, compression)
        pairs = []
        for number in range(options.pairs + 1):
            a = run([ours, path])
            b = run([sys.executable, "-c", PEER, path])
            assert abs(a["mean"] - b["mean"]) < 1e-6 * abs(b["mean"]), (a, b)
            if number > 0:  # The first pair warms the page cache.
                pairs.append((a, b))
        ratios = [b["seconds"] / a["seconds"] for a, b in pairs]
        speeds = [statistics.median(r["mb_per_s"] for r in side) for side in zip(*pairs)]
        print(
            f"| {name} | {speeds[0]:.0f} | {speeds[1]:.0f} | "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f}, {max(ratios):.2f}) |", flush=True)


main()
