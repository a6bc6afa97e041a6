#!/usr/bin/env python3
"""Times reading a volume with Voxelith and with the reader of its format (tifffile, h5py, zarr-python), pair by pair,
inside each process and without statistics.

Needs numpy, tifffile, imagecodecs, h5py and zarr. Builds ReadBenchmark, writes the volumes once into --folder, then
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
import json, sys, time
{imports}
t = time.perf_counter(); a = {read}; dt = time.perf_counter() - t
print(json.dumps({{"seconds": dt, "mb_per_s": a.nbytes / dt / 1e6, "mean": float(a.mean())}}))
"""
PEERS = {
    "tifffile": PEER.format(imports="import tifffile", read="tifffile.imread(sys.argv[1])"),
    "h5py": PEER.format(imports="import h5py", read="h5py.File(sys.argv[1])['data'][...]"),
    "zarr": PEER.format(imports="import zarr", read="zarr.open_array(sys.argv[1], mode='r')[...]"),
}
# Name: peer, and how the volume is packed.
STACKS = {
    "uncompressed": ("tifffile", None), "Deflate": ("tifffile", "zlib"), "LZW": ("tifffile", "lzw"),
    "PackBits": ("tifffile", "packbits"), "hdf5-slices": ("h5py", (1, None, None)), "hdf5-16x128x128": ("h5py", (16, 128, 128)),
    "hdf5-64": ("h5py", (64, 64, 64)), "zarr-blosc": ("zarr", 2), "zarr3-shards": ("zarr", 3),
}


def stack(planes, side):
    """Smooth grey values with noise in the low bits, which compress about as tomograms do."""
    import numpy

    random = numpy.random.default_rng(1)
    y, x = numpy.mgrid[0:side, 0:side].astype("f4")
    for z in range(planes):
        grey = 20000 + 8000 * numpy.sin(x / 37 + z / 11) * numpy.cos(y / 41 - z / 17)
        yield (grey + random.normal(0, 60, grey.shape)).astype("u2")


def make(path, planes, side, kind):
    if os.path.exists(path):
        return
    peer, packing = kind
    if peer == "tifffile":
        import tifffile

        with tifffile.TiffWriter(path + ".part") as writer:
            for plane in stack(planes, side):
                writer.write(plane, compression=packing, contiguous=packing is None, metadata=None)
    elif peer == "h5py":
        import h5py

        chunks = tuple(length or side for length in packing)
        with h5py.File(path + ".part", "w") as file:
            data = file.create_dataset("data", (planes, side, side), "u2", chunks=chunks, compression="gzip", compression_opts=4)
            fill(data, planes, side, chunks[0])
    else:
        import numcodecs
        import zarr

        if packing == 2:
            data = zarr.create_array(path + ".part", shape=(planes, side, side), chunks=(64, 64, 64), dtype="u2", zarr_format=2, compressors=numcodecs.Blosc())
        else:
            data = zarr.create_array(path + ".part", shape=(planes, side, side), chunks=(32, 64, 64), shards=(64, 256, 256), dtype="u2", compressors=zarr.codecs.BloscCodec())
        fill(data, planes, side, 64)
    os.rename(path + ".part", path)


def fill(data, planes, side, depth):
    import numpy

    layer = []
    for z, plane in enumerate(stack(planes, side)):
        layer.append(plane)
        if len(layer) == depth or z == planes - 1:
            data[z + 1 - len(layer) : z + 1] = numpy.stack(layer)
            layer = []


def run(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", default="/tmp/voxelith-benchmark")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--planes", type=int, default=160)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--only", nargs="*", default=list(STACKS), choices=list(STACKS))
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    subprocess.run(["swift", "build", "-c", "release", "--package-path", HERE], check=True, stdout=sys.stderr)
    ours = os.path.join(HERE, ".build", "release", "ReadBenchmark")
    print("| volume | Voxelith MB/s | peer MB/s | times as fast: median (least, most) |\n|---|---|---|---|")
    for name in options.only:
        peer, _ = STACKS[name]
        ending = {"tifffile": "tif", "h5py": "h5", "zarr": "zarr"}[peer]
        path = os.path.join(options.folder, f"{name.lower()}-{options.planes}x{options.side}.{ending}")
        make(path, options.planes, options.side, STACKS[name])
        pairs = []
        for number in range(options.pairs + 1):
            a = run([ours, path])
            b = run([sys.executable, "-c", PEERS[peer], path])
            assert abs(a["mean"] - b["mean"]) < 1e-6 * abs(b["mean"]), (a, b)
            if number > 0:  # The first pair warms the page cache.
                pairs.append((a, b))
        ratios = [b["seconds"] / a["seconds"] for a, b in pairs]
        speeds = [statistics.median(r["mb_per_s"] for r in side) for side in zip(*pairs)]
        print(
            f"| {name} | {speeds[0]:.0f} | {speeds[1]:.0f} | "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f}, {max(ratios):.2f}) |", flush=True)


main()
