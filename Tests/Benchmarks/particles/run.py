"""Particles, contacts, topology and components beside PoreSpy's SNOW and scikit-image.

run.py [PROGRAM] [--pairs N]: needs numpy, scipy, tifffile, scikit-image; porespy where it is there. Times are processor times of the whole
process (ours reads and writes files; the peer's arrays are in memory), medians of runs in turn. Prints rows of four columns.
"""
import argparse
import csv
import json
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time
import warnings

import numpy as np
import tifffile
from scipy import ndimage
from skimage import measure

warnings.filterwarnings("ignore")
options = argparse.ArgumentParser()
options.add_argument("program", nargs="?", default=str(pathlib.Path(__file__).parents[3] / ".build/release/voxelith"))
options.add_argument("--pairs", type=int, default=3)
options = options.parse_args()
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)


def ours(command, image, output, *rest):
    """Processor time in seconds."""
    tifffile.imwrite("labels.tif", image)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [options.program, command, "labels.tif", "-o", output, "--voxel-size", "1", "-q", "--overwrite", "--threads", "1", *rest], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peer(work):
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def pack(side, radii, apart, seed):
    random = np.random.default_rng(seed)
    balls = []
    for _ in range(6000):
        radius = random.uniform(*radii)
        center = random.uniform(radius + 1, side - radius - 1, 3)
        if all(np.linalg.norm(center - c) >= apart * (radius + r) for c, r in balls):
            balls.append((center, radius))
    image = np.zeros((side,) * 3, np.uint8)
    grid = np.moveaxis(np.indices(image.shape) + 0.5, 0, -1)
    for center, radius in balls:
        image[((grid - center) ** 2).sum(-1) < radius * radius] = 1
    return image, len(balls)


print("| what | ours | peer | ratio |\n|---|---|---|---|")
try:
    import porespy
except ImportError:
    porespy = None
    print("skipped: PoreSpy is not there")
for apart, radii in ((1.0, (8, 8)), (0.92, (8, 8)), (0.95, (5, 10)), (0.9, (6, 12)), (0.85, (8, 8))):
    rows = []
    for seed in (1, 2):
        image, truth = pack(100, radii, apart, seed)
        seconds = ours("particles", image, "particles", "--phase", "1")
        found = json.loads(pathlib.Path("particles/particles.json").read_text())["particles"]
        other, regions = peer(lambda: int(porespy.filters.snow_partitioning(image.astype(bool)).regions.max())) if porespy else (float("nan"), "-")
        rows.append((truth, found, regions, seconds, other))
    print(f"| balls of {radii[0]} to {radii[1]} voxels, centres {apart} of the radii apart: particles (truth {', '.join(str(r[0]) for r in rows)}), SNOW "
          f"| {', '.join(str(r[1]) for r in rows)} in {rows[0][3]:.2f} s | {', '.join(str(r[2]) for r in rows)} in {rows[0][4]:.2f} s "
          f"| {rows[0][4] / rows[0][3]:.1f} |", flush=True)

# Contacts of balls in random directions.
random = np.random.default_rng(4)
for low, high in ((6, 8), (8, 11), (11, 15), (15, 18)):
    errors = []
    for index in range(10):
        neck = random.uniform(low, high)
        radius = neck * random.uniform(1.35, 1.65)
        other = radius * (1 if index % 2 else 0.9)
        distance = np.sqrt(radius**2 - neck**2) + np.sqrt(other**2 - neck**2)
        way = random.normal(size=3)
        way *= 0.5 * distance / np.linalg.norm(way)
        side = int(distance + 2 * radius) + 6
        center = side / 2 + random.uniform(-0.5, 0.5, 3)
        grid = np.moveaxis(np.indices((side,) * 3) + 0.5, 0, -1)
        image = ((grid - center - way) ** 2).sum(-1) < radius**2
        image |= ((grid - center + way) ** 2).sum(-1) < other**2
        ours("particles", image.astype(np.uint8), "particles", "--phase", "1")
        rows = list(csv.DictReader(open("particles/contacts.csv")))
        if len(rows) == 1:
            errors.append(float(rows[0]["area_um2"]) / (np.pi * neck**2) - 1)
    print(f"| area of contacts of {low} to {high} voxels radius, {len(errors)} random directions: error, root mean square and largest "
          f"| {100 * np.sqrt(np.mean(np.square(errors))):.1f} %, {100 * np.max(np.abs(errors)):.1f} % | - | - |", flush=True)

field = ndimage.gaussian_filter(np.random.default_rng(3).random((192, 192, 192)), 2)
blobs = (field < np.quantile(field, 0.4)).astype(np.uint8)
noise = (np.random.default_rng(7).random((128, 128, 128)) < 0.3).astype(np.uint8)
for name, image in (("blobs 192^3", blobs), ("noise 128^3", noise)):
    for connectivity in ("6", "26"):
        degree = 1 if connectivity == "6" else 3
        mine, theirs = [], []
        for _ in range(options.pairs):
            mine.append(ours("interfaces", image, "interfaces.json", "--phases", "1", "--connectivity", connectivity))
            seconds, label = peer(lambda: measure.label(image, connectivity=degree))
            more, euler = peer(lambda: measure.euler_number(image, connectivity=degree))
            theirs.append(seconds + more)
        topology = json.loads(pathlib.Path("interfaces.json").read_text())["interfaces"]["phases"][0]["topology"]
        a, b = statistics.median(mine), statistics.median(theirs)
        print(f"| {name}, components and Euler number, {connectivity} neighbours, scikit-image | {topology['components']}, {topology['euler_number']} "
              f"in {a:.2f} s | {int(label.max())}, {int(euler)} in {b:.2f} s | {b / a:.2f} |", flush=True)
