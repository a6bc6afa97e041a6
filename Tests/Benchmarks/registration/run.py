"""Registration and correlation against truth, and SimpleITK beside it.

    python3 Tests/Benchmarks/registration/run.py [--twins 100] [--data DIR] [--peer SCRIPT]

DATA is the folder of real volumes, PEER a script that aligns two images by SimpleITK's Mattes mutual information
(default: shared/data and shared/peers/simpleitk_peer.py beside the checkout). The pairs of real volumes need numpy,
scipy, tifffile and SimpleITK and are left out, with a word, where these or the data are missing.
"""
import argparse
import importlib.util
import os
import re
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

    def run(*arguments):
        """Lines of a part of the benchmark; all are shown."""
        lines = subprocess.run([bench, *map(str, arguments)], capture_output=True, text=True, check=True).stdout
        print(lines, flush=True)
        return lines

    def number(pattern, lines):
        return re.search(pattern, lines)[1]

    print("| what | Voxelith | SimpleITK | ratio |\n|---|---|---|---|")
    for name, title, count in (("twins", "twins, no first guess", given.twins),
                               ("wide", "twins with XCS voxels of 200 um on XCT voxels of 4 um", 20)):
        lines = run(name, count)
        print(f"| {title}: error below 0.1 XCS voxel; error over covariance | {number('voxel: (.*?);', lines)}; "
              f"{float(number('parameters.: (.*?);', lines)):.3f} | | |")
    run("metrics")
    lines = run("planted", given.twins)
    print(f"| lithium against pore angle, planted: truth within the 95 % interval | "
          f"{number('interval in (.*?) seeds', lines)} | | |")
    print(f"| the same with none planted: false alarms at 5 % (naive beside) | {number('relation: (.*?) false', lines)} "
          f"({number('5 %, (.*?) with', lines)}) of {given.twins} | | |")
    run("correlation")
    needed = ("numpy", "scipy", "tifffile", "SimpleITK")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    missing += [path for path in (given.data, given.peer) if not os.path.exists(path)]
    if missing:
        print("pairs of real volumes left out: no", ", ".join(missing))
        return
    script = os.path.join(HERE, "pairs.py")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, script, "make", given.data, folder], check=True)
        subprocess.run([sys.executable, script, "beside", folder, given.peer, bench], check=True)
    judge = os.path.join(HERE, "kinds.py")
    for maker in ("kinds.py", "others.py"):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, os.path.join(HERE, maker), "make", given.data, folder], check=True)
            subprocess.run([sys.executable, judge, "judge", folder, bench, "", given.peer], check=True)


main()
