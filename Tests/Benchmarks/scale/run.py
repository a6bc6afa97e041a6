#!/usr/bin/env python3
"""Time and peak memory of every stage on volumes of growing size, against the budget that --memory gives.

    python3 Tests/Benchmarks/scale/run.py --sizes 256 512 1024 --memory 1G [--program .build/release/voxelith] [--json out.json]

The XCT is a uint16 cube of noisy grains; the spectra and what is on their grid have an eighth of its side. Everything is made
here and removed again. Peak memory is the largest resident set of the process (ru_maxrss). A stage holds its budget where the
peak is no more than 1.2 times --memory; the last column says so. Exit status 1 where one does not. Growth is told by the processor's
time a voxel, all threads together, which a busy machine changes less than the time that passes.
"""
import argparse
import json
import os
import shutil
import sys
import tempfile
import time

import cube

VOXEL = 0.5
RATIO = 8


def measure(command, log):
    start = time.monotonic()
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2)])
    os.close(out)
    _, status, usage = os.wait4(pid, 0)
    passed = time.monotonic() - start, usage.ru_utime + usage.ru_stime
    return *passed, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def pipeline(work):
    """The stages that only a pipeline has: fractions and fields, with an alignment that is known."""
    with open(work + "/transform.json", "w") as file:
        json.dump({"matrix": [[float(i == j) for j in range(4)] for i in range(4)], "from": "fixed", "to": "moving",
                   "unit": "um", "order": "xyz"}, file)
    with open(work + "/pipeline.yaml", "w") as file:
        file.write(f"""inputs: {{xcs: twin/xcs.nxs, standards: twin/standards.yaml, xct: v.tif, labels: labels.tif,
  xct_voxel_size_um: {VOXEL}, xcs_voxel_size_um: {VOXEL * RATIO}}}
phases: {{active: 1, pore: 0, components: {{electrolyte: 0, carbon-binder: 2}}}}
register: {{transform: transform.json}}
""")


def cases(work, memory):
    """Name -> (arguments, outputs to remove afterwards, unit that the time is told for)."""
    v, labels, results = work + "/v.tif", work + "/labels.tif", work + "/results"
    size = ["--voxel-size", str(VOXEL)]
    like = ["--like", v, "--like-voxel-size", str(VOXEL)]
    coarse = ["--like", work + "/grid.tif", "--like-voxel-size", str(VOXEL * RATIO), "--interpolation", "area"]
    run = ["run", work + "/pipeline.yaml", "-o", results]
    noise = ["map", work + "/twin/xcs.nxs", "-c", work + "/calibration.json", "-o", work + "/denoised"]
    plain, fields = results + "/map-plain", work + "/pores"
    table = {
        "inspect": (["inspect", v], []),
        "segment": (["segment", v, "-o", labels, "--classes", "3"] + size, []),
        "segment nlm": (["segment", v, "-o", work + "/l.tif", "--denoise", "nlm"] + size, ["l.tif"]),
        "segment islands": (["segment", v, "-o", work + "/l.tif", "--minimum-island", "50"] + size, ["l.tif"]),
        "orient": (["orient", v, "-o", work + "/orient", "--stride", "4"] + size, ["orient"]),
        "pores": (["pores", labels, "-o", work + "/pores", "--local-grid", str(RATIO)] + size, []),
        "transport": (["transport", labels, "--phase", "0", "-o", work + "/t.json", "--axes", "z"] + size, ["t.json"]),
        "resample": (["resample", v, "-o", work + "/r.tif"] + size + like, ["r.tif"]),
        "resample hdf5": (["resample", v, "-o", work + "/r.h5"] + size + like, ["r.h5"]),
        "coarsen": (["resample", v, "-o", work + "/coarse.tif"] + size + coarse, []),
        "register": (["register", v, work + "/coarse.tif", "-o", work + "/found.json", "--moving-voxel-size", str(VOXEL),
                      "--fixed-voxel-size", str(VOXEL * RATIO)], ["found.json", "found.tfm"]),
        "map": (run + ["--before", "register"], []),
        "fractions": (run + ["--resume", "--before", "fields"], []),
        "fields": (run + ["--resume", "--before", "map"], []),
        "map bins": (noise + ["--bin-to-counts", "3e6"], ["denoised"]),
        "map denoise": (noise + ["--denoise", "0.01"], ["denoised"]),
        "correlate": (["correlate", f"porosity={fields}/porosity.tif", f"surface={fields}/surface.tif",
                       "-o", work + "/correlation"], ["correlation"]),
        "render slice": (["render", v, "-o", work + "/f.png"] + size, ["f.png"]),
        "render volume": (["render", v, "-o", work + "/f.png", "--kind", "volume"] + size, ["f.png"]),
        "render surface": (["render", labels, "-o", work + "/f.png", "--kind", "surface", "--phase", "0"] + size, ["f.png"]),
        "stack tiff": (["stack", v, "-o", work + "/slices"] + size, ["slices"]),
        "stack zarr": (["stack", v, "--format", "zarr", "-o", work + "/v.zarr"] + size, ["v.zarr"]),
    }
    common = ["--memory", memory, "-q", "--overwrite"]
    for name, (arguments, outputs) in table.items():
        options = common if name != "inspect" else common[:3]
        # A run that goes on must not start again.
        yield name, [o for o in options if not (arguments[0] == "run" and o == "--overwrite")], arguments, outputs


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.remove(path)


def megabytes(text):
    unit = {"K": 1 / 1024, "M": 1, "G": 1024}.get(text[-1].upper())
    return float(text[:-1]) * unit if unit else float(text) / (1 << 20)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[128, 256, 512])
    parser.add_argument("--memory", default="1G")
    parser.add_argument("--program", default=".build/release/voxelith")
    parser.add_argument("--stages", nargs="+", help="some of them; all by default")
    parser.add_argument("--without", nargs="+", default=[], help="stages that are left out")
    parser.add_argument("--json")
    parser.add_argument("--folder", default=tempfile.gettempdir())
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    budget = megabytes(options.memory)
    results, broken = [], 0
    print(f"--memory {options.memory}\n\n| XCT | stage | s | processor s | ns of it a voxel | peak MB | of the budget |\n|---|---|---|---|---|---|---|")
    for size in options.sizes:
        work = tempfile.mkdtemp(prefix="voxelith-scale-", dir=options.folder)
        log = work + "/log"
        try:
            cube.write(work + "/v.tif", size)
            cube.write(work + "/grid.tif", size // RATIO)
            side = size // RATIO
            twin = [program, "simulate", "-o", work + "/twin", "--shape", f"{side},{side},{side}", "--ratio", "1", "--mixture", "-q"]
            calibrate = [program, "calibrate", work + "/twin/standards.yaml", "-o", work + "/calibration.json", "-q"]
            if not options.stages or set(options.stages) & {"map", "fractions", "fields", "map bins", "map denoise"}:
                for command in [twin, calibrate]:
                    if measure(command, log)[-1] != 0:
                        sys.exit(open(log).read())
            pipeline(work)
            for name, common, arguments, outputs in cases(work, options.memory):
                if options.stages and name not in options.stages or name in options.without:
                    continue
                seconds, busy, peak, status = measure([program] + arguments + common, log)
                results.append({"size": size, "stage": name, "seconds": round(seconds, 2),
                                "processor_seconds": round(busy, 2), "peak_mb": round(peak),
                                "status": status})
                if status != 0:
                    print(f"{name}: {open(log).read().strip()}", file=sys.stderr, flush=True)
                holds = status == 0 and peak <= 1.2 * budget
                broken += not holds
                note = f"status {status}" if status else f"{peak / budget:.2f}" + ("" if holds else " **over**")
                print(f"| {size}^3 | {name} | {seconds:.1f} | {busy:.1f} | {busy / size ** 3 * 1e9:.0f} | {peak:.0f} | {note} |",
                      flush=True)
                for output in outputs:
                    remove(work + "/" + output)
        finally:
            shutil.rmtree(work)
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"memory": options.memory, "results": results}, file, indent=1, sort_keys=True)
    sys.exit(broken > 0)


if __name__ == "__main__":
    main()
