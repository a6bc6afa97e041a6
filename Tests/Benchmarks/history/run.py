#!/usr/bin/env python3
"""Processor time of the commands that people wait for, noted by commit, so that a loss is seen.

    python3 Tests/Benchmarks/history/run.py [VOXELITH] [--runs 5] [--against OTHER] [--no-instructions] [--dry]

Makes small twins, runs each command RUNS times and appends the median to Tests/Benchmarks/history.csv: the commit (with a + where
files differ from it), the command, processor time and time that passed in seconds, peak memory in MB, nanoseconds of processor time
for each voxel, what the machine's limit is estimated at, and, where valgrind is there, millions of instructions of a smaller input, which
no other load changes. --against runs another program in turn and prints the ratio; --dry notes nothing. Needs nothing but Python; the map of
100 bins needs h5py.
"""
import argparse
import csv
import importlib.util
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
TABLE = REPOSITORY / "Tests/Benchmarks/history.csv"
HEAD = ["commit", "date", "command", "processor_s", "passed_s", "peak_MB", "ns_per_voxel", "limit_ns_per_voxel", "instructions_M"]


def measured(command):
    """Processor seconds, seconds that passed and the largest resident size in MB. Results of an earlier run, which a command
    would look at before it replaces them, are removed first."""
    if "-o" in command and os.path.isdir(command[command.index("-o") + 1]):
        shutil.rmtree(command[command.index("-o") + 1])
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command[:2])} failed")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024


def countable(voxelith, work):
    """A copy of the program that valgrind reads, or nothing where they cannot be had: the debugger's tables are too much for it."""
    if not shutil.which("valgrind") or not shutil.which("strip"):
        return None
    copy = f"{work}/stripped"
    return copy if subprocess.run(["strip", "-o", copy, voxelith]).returncode == 0 else None


def instructions(command):
    """Millions of instructions, or nothing where they cannot be counted."""
    out = subprocess.run(
        ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"] + command,
        capture_output=True, text=True)
    found = re.search(r"I\s+refs:\s+([\d,]+)", out.stderr)
    return round(int(found.group(1).replace(",", "")) / 1e6) if found and out.returncode == 0 else ""


def commit():
    def git(*words):
        return subprocess.run(["git", "-C", str(REPOSITORY)] + list(words), capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "Sources", "Package.swift")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else ""), time.strftime("%Y-%m-%d")


def fewer_bins(folder, target, parts=4):
    """A twin whose bins are sums of some each, in one piece without packing."""
    import h5py
    import numpy as np

    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("truth"))
    # A new file: the old one would keep the room of what is replaced, which a command's checksum reads as well.
    with h5py.File(f"{folder}/xcs.nxs", "r") as old, h5py.File(f"{target}/xcs.nxs", "w") as file:
        data = old["entry/data"]
        arrays = {
            "counts": data["counts"][...].reshape(*data["counts"].shape[:3], -1, parts).sum(-1).astype("u4"),
            "energy": data["energy"][...].reshape(-1, parts).mean(-1),
        }

        def copy(group, made):
            for key, value in group.attrs.items():
                made.attrs[key] = value
            for name, item in group.items():
                if isinstance(item, h5py.Group):
                    copy(item, made.create_group(name))
                elif group == data and name in arrays:
                    values = made.create_dataset(name, data=arrays[name])
                    for key, value in item.attrs.items():
                        values.attrs[key] = value
                else:
                    group.copy(name, made)

        copy(old, file)
    for path in pathlib.Path(target, "standards").glob("*.csv"):
        lines = path.read_text().splitlines()
        heads = [line for line in lines if line.startswith("#") or line[0].isalpha()]
        rows = [[float(word) for word in line.split(",")] for line in lines if line not in heads]
        groups = [rows[i:i + parts] for i in range(0, len(rows), parts)]
        sums = [f"{sum(e for e, _ in g) / parts!r},{sum(c for _, c in g)!r}" for g in groups]
        path.write_text("\n".join(heads + sums) + "\n")


def cases(voxelith, work):
    """Name, arguments, voxels, estimated limit in ns a voxel, arguments of a smaller input."""
    quiet = ["--quiet", "--overwrite"]

    def twin(name, shape):
        folder = f"{work}/{name}"
        measured([voxelith, "simulate", "--shape", shape, "--voxel-size", "10", "--ratio", "1", "--quiet", "-o", folder])
        measured([voxelith, "calibrate", f"{folder}/standards.yaml", "--quiet", "-o", f"{folder}/calibration.json"])
        return folder

    def mapping(folder):
        return ["map", f"{folder}/xcs.nxs", "-c", f"{folder}/calibration.json", "-o", f"{folder}/map"] + quiet

    wide, small = twin("wide", "20,80,80"), twin("small", "4,16,16")
    yield "map 400 bins, packed", mapping(wide), 128_000, 1100, mapping(small)
    if importlib.util.find_spec("h5py"):
        for folder in (wide, small):
            # In a process of its own: what this one holds would count as the memory of those it starts.
            subprocess.run([sys.executable, __file__, "--fewer-bins", folder, folder + "-100"], check=True)
            measured([voxelith, "calibrate", f"{folder}-100/standards.yaml", "-o", f"{folder}-100/calibration.json"] + quiet)
        yield "map 100 bins", mapping(wide + "-100"), 128_000, 400, mapping(small + "-100")
    else:
        print("skipped: map of 100 bins, h5py is not installed", file=sys.stderr)

    def making(shape):
        return ["simulate", "--shape", shape, "-o", f"{work}/made"] + quiet

    yield "simulate", making("120,160,160"), 120 * 160 * 160, 200, making("24,32,32")
    measured([voxelith] + making("24,32,32"))
    shutil.move(f"{work}/made", f"{work}/little")
    measured([voxelith] + making("120,160,160"))
    for command, limit, file in (("pores", 100, "labels.tif"), ("orient", 35, "xct.tif")):
        sizes = [[command, f"{work}/{folder}/{file}", "--voxel-size", "5", "-o", f"{work}/{command}"] + quiet
                 for folder in ("made", "little")]
        more = ["--stride", "1"] if command == "orient" else []
        yield " ".join([command] + more), sizes[0] + more, 120 * 160 * 160, limit, sizes[1] + more


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("voxelith", nargs="?", default=str(REPOSITORY / ".build/release/voxelith"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--against")
    parser.add_argument("--no-instructions", action="store_true")
    parser.add_argument("--dry", action="store_true")
    parser.add_argument("--fewer-bins", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fewer_bins:
        return fewer_bins(*options.fewer_bins)
    rows = []
    print("| what | processor s, ns a voxel | limit, ns a voxel | of the limit |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        counted = None if options.no_instructions else countable(options.voxelith, work)
        for name, arguments, voxels, limit, small in cases(options.voxelith, work):
            runs, others = [], []
            for _ in range(options.runs):
                runs.append(measured([options.voxelith] + arguments))
                if options.against:
                    others.append(measured([options.against] + arguments))
            busy, passed, peak = (statistics.median(run[k] for run in runs) for k in range(3))
            count = instructions([counted] + small + ["--threads", "1"]) if counted else ""
            rate = busy / voxels * 1e9
            rows.append([*commit(), name, f"{busy:.3f}", f"{passed:.3f}", f"{peak:.0f}", f"{rate:.0f}", limit, count])
            print(f"| {name} | {busy:.2f}, {rate:.0f} | {limit} | {rate / limit:.1f} |", flush=True)
            if others:
                ratios = [own[0] / other[0] for own, other in zip(runs, others)]
                print(f"  {name}: {statistics.median(ratios):.2f} of {options.against}'s processor time"
                      f" ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)
    if options.dry:
        return
    is_new = not TABLE.exists()
    with open(TABLE, "a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(HEAD)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
