"""Registration and correlation against truth, and SimpleITK beside it.

    python3 Tests/Benchmarks/registration/run.py [--twins 100] [--data DIR] [--peer SCRIPT]

DATA is the folder of real volumes, PEER a script that aligns two images by SimpleITK's Mattes mutual information
(default: shared/data and shared/peers/simpleitk_peer.py beside the checkout). The pairs of real volumes need numpy,
scipy, tifffile and SimpleITK and are left out, with a word, where these or the data are missing.
"""
import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(HERE, "../../../../shared")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--twins", type=int, default=100)
    options.add_argument("--data", default=os.path.join(SHARED, "data"))
    options.add_argument("--peer", default=os.path.join(SHARED, "peers/simpleitk_peer.py"))
    given = options.parse_args()
    subprocess.run(["swift", "build", "-c", "release", "--package-path", HERE], check=True,
                   stdout=subprocess.DEVNULL)
    bench = os.path.join(HERE, ".build/release/registration-bench")

    def show(title, *arguments, last=4):
        lines = subprocess.run([bench, *arguments], capture_output=True, text=True, check=True).stdout.splitlines()
        print(f"## {title}")
        print("\n".join(lines[-last:]), flush=True)

    show(f"{given.twins} twins, no first guess", "twins", str(given.twins))
    show("XCS voxels of 200 um on XCT voxels of 4 um", "wide", "3", last=7)
    show("like grids, noise on both sides", "metrics", last=8)
    show("correlation of neighbours", "correlation")
    needed = ("numpy", "scipy", "tifffile", "SimpleITK")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    missing += [path for path in (given.data, given.peer) if not os.path.exists(path)]
    if missing:
        print("## pairs of real volumes left out: no", ", ".join(missing))
        return
    script = os.path.join(HERE, "pairs.py")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, script, "make", given.data, folder], check=True)
        show("20 pairs of real volumes in two contrasts", "pairs", folder, last=21)
        print("## the same by SimpleITK", flush=True)
        subprocess.run([sys.executable, script, "itk", folder, given.peer], check=True)


main()
