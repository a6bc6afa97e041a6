#!/usr/bin/env python3
"""Time and peak memory of the streaming commands on volumes of growing size, against the budget that --memory gives.

    python3 Tests/Benchmarks/scale/run.py --sizes 256 512 1024 --memory 512M [--program .build/release/voxelith] [--json out.json]

Volumes are uint16 cubes of noisy blobs, written plane by plane as BigTIFF without any library, and removed when they are done
with. Peak memory is the largest resident set of the process (ru_maxrss of its wait).
"""
import argparse
import json
import os
import random
import shutil
import struct
import tempfile
import time


def plane(size, z, noise):
    """One slice: stripes of three grey levels in blocks, with noise from a repeated table."""
    row = bytearray()
    rows = []
    for kind in range(4):
        values = bytearray()
        for x in range(size):
            level = (9000, 30000, 52000)[((x // 13) + kind + z // 11) % 3]
            values += struct.pack("<H", level)
        rows.append(values)
    out = bytearray()
    for y in range(size):
        out += rows[(y // 17) % 4]
    shift = (z * 7919) % (len(noise) - len(out)) if len(noise) > len(out) else 0
    # Noise in the low bits: 12 of them are left to the eye.
    low = noise[shift:shift + len(out)]
    return (int.from_bytes(out, "little") ^ int.from_bytes(low, "little")).to_bytes(len(out), "little")


def write_volume(path, size):
    """A BigTIFF of `size` pages, directories behind the pixels."""
    page = size * size * 2
    one = random.Random(1).randbytes(1 << 16)
    masked = bytes(b if i % 2 == 0 else b & 0x0F for i, b in enumerate(one))
    noise = masked * (page // len(masked) + 2)
    head = 16
    tags = 10
    directory = 8 + 20 * tags + 8
    first = head + page * size
    with open(path, "wb") as file:
        file.write(struct.pack("<2sHHHQ", b"II", 43, 8, 0, first))
        for z in range(size):
            file.write(plane(size, z, noise))
        for z in range(size):
            entries = [
                (256, 4, 1, size), (257, 4, 1, size), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 1),
                (273, 16, 1, head + page * z), (277, 3, 1, 1), (278, 4, 1, size), (279, 16, 1, page), (339, 3, 1, 1),
            ]
            file.write(struct.pack("<Q", tags))
            for tag, kind, count, value in entries:
                file.write(struct.pack("<HHQQ", tag, kind, count, value))
            file.write(struct.pack("<Q", first + directory * (z + 1) if z + 1 < size else 0))


def measure(command):
    start = time.monotonic()
    pid = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    return time.monotonic() - start, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[128, 256, 512])
    parser.add_argument("--memory", default="512M")
    parser.add_argument("--program", default=".build/release/voxelith")
    parser.add_argument("--commands", nargs="+", default=["inspect", "resample", "zarr", "segment", "orient", "pores"])
    parser.add_argument("--json")
    parser.add_argument("--folder", default=tempfile.gettempdir())
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    results = []
    print("| volume | command | s | peak MB | ns a voxel |\n|---|---|---|---|---|")
    for size in options.sizes:
        work = tempfile.mkdtemp(prefix="voxelith-scale-", dir=options.folder)
        try:
            volume = work + "/v.tif"
            write_volume(volume, size)
            common = ["--voxel-size", "0.5", "--memory", options.memory, "-q"]
            cases = {
                "inspect": ["inspect", volume, "--memory", options.memory, "-q"],
                "resample": ["resample", volume, "--like", volume, "-o", work + "/r.tif", "--voxel-size", "0.5",
                             "--like-voxel-size", "0.5", "--memory", options.memory, "-q"],
                "zarr": ["stack", volume, "--format", "zarr", "-o", work + "/v.zarr"] + common,
                "segment": ["segment", volume, "-o", work + "/labels.tif"] + common,
                "orient": ["orient", volume, "-o", work + "/orient", "--stride", "4"] + common,
                "pores": ["pores", work + "/labels.tif", "-o", work + "/pores", "--memory", options.memory, "-q"],
            }
            for name in options.commands:
                seconds, peak, status = measure([program] + cases[name])
                results.append({"size": size, "command": name, "seconds": round(seconds, 2), "peak_mb": round(peak),
                                "status": status})
                note = "" if status == 0 else f" (status {status})"
                print(f"| {size}^3 ({size ** 3 * 2 >> 20} MB) | {name}{note} | {seconds:.1f} | {peak:.0f} | "
                      f"{seconds / size ** 3 * 1e9:.0f} |", flush=True)
                for path in (work + "/r.tif", work + "/v.zarr", work + "/orient"):
                    if os.path.isdir(path):
                        shutil.rmtree(path)
                    elif os.path.exists(path):
                        os.remove(path)
        finally:
            shutil.rmtree(work)
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"memory": options.memory, "results": results}, file, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
