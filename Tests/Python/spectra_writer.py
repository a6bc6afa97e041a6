"""Writes spectra as a detector does, step by step: spectra_writer.py MODE SOURCE TARGET [STEPS] [PAUSE] [KILL_AFTER]

MODE is swmr, latest, frames-axis, vds, frames, drift, flat or hxt, or tile, which writes TARGET with slices of 80 x 80 voxels made of those of SOURCE; SOURCE a file in the XCS NeXus layout whose counts are given out. After every step a line
is printed. With KILL_AFTER the process kills itself after so many steps, as a power cut would.
"""

import os
import signal
import struct
import sys
import time

import h5py
import numpy as np

MODE, SOURCE, TARGET = sys.argv[1:4]
STEPS = int(sys.argv[4]) if len(sys.argv) > 4 else 4
PAUSE = float(sys.argv[5]) if len(sys.argv) > 5 else 0.5
KILL_AFTER = int(sys.argv[6]) if len(sys.argv) > 6 else 0


def done(step):
    print(f"step {step} {time.time():.3f}", flush=True)
    if KILL_AFTER and step >= KILL_AFTER:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(PAUSE)


def frame(entry, source, shape, axes=("z", "y", "x", "energy"), live_time=None):
    """The groups of the layout without counts and without the axis along which they grow."""
    entry.attrs["NX_class"], entry.attrs["default"] = "NXentry", "data"
    data = entry.create_group("data")
    data.attrs["NX_class"], data.attrs["signal"], data.attrs["axes"] = "NXdata", "counts", list(axes)
    for place, name in enumerate(axes):
        data.attrs[name + "_indices"] = place
    instrument = entry.create_group("instrument")
    instrument.attrs["NX_class"] = "NXinstrument"
    for group, kind, names in (
        ("beam", "NXbeam", ("incident_energy",)),
        ("detector", "NXdetector", ("energy_resolution", "scattering_angle", "live_time")),
    ):
        own = instrument.create_group(group)
        own.attrs["NX_class"] = kind
        for name in names:
            old = source[f"entry/instrument/{group}/{name}"]
            value = live_time if name == "live_time" and live_time is not None else old[()]
            own.create_dataset(name, data=value).attrs["units"] = old.attrs["units"]
    return data


def axis(data, source, name, values=None, **more):
    old = source["entry/data/" + name]
    new = data.create_dataset(name, data=old[()] if values is None else values, **more)
    for key, value in old.attrs.items():
        new.attrs[key] = value
    return new


with h5py.File(SOURCE) as source:
    counts = source["entry/data/counts"][()]
    nz, ny, nx, bins = counts.shape
    live = float(np.ravel(source["entry/instrument/detector/live_time"][()])[0])

    if MODE in ("swmr", "latest"):
        # Slice after slice along z.
        with h5py.File(TARGET, "w", libver="latest") as out:
            data = frame(out.create_group("entry"), source, counts.shape)
            for name in ("y", "x", "energy"):
                axis(data, source, name)
            z = source["entry/data/z"][()]
            grown = axis(data, source, "z", z[:1], maxshape=(None,), chunks=(16,))
            array = data.create_dataset(
                "counts", data=counts[:1], maxshape=(None, ny, nx, bins), chunks=(1, ny, nx, bins)
            )
            array.attrs["units"] = "counts"
            if MODE == "swmr":
                out.swmr_mode = True
            out.flush()
            done(1)
            for step in range(1, nz):
                array.resize(step + 1, axis=0)
                array[step] = counts[step]
                array.flush()
                grown.resize(step + 1, axis=0)
                grown[step] = z[step]
                grown.flush()
                out.flush()
                done(step + 1)

    elif MODE == "frames-axis":
        # Frames of all voxels in one file, which are added up.
        rng = np.random.default_rng(1)
        parts = rng.multinomial(1, [1 / STEPS] * STEPS)  # warms up the generator
        left = counts.astype(np.int64)
        with h5py.File(TARGET, "w", libver="latest") as out:
            data = frame(
                out.create_group("entry"), source, counts.shape, ("frame", "z", "y", "x", "energy"), live / STEPS
            )
            for name in ("z", "y", "x", "energy"):
                axis(data, source, name)
            array = data.create_dataset(
                "counts", (0, *counts.shape), "u4", maxshape=(None, *counts.shape), chunks=(1, 1, ny, nx, bins)
            )
            array.attrs["units"] = "counts"
            out.swmr_mode = True
            for step in range(STEPS):
                share = left if step == STEPS - 1 else rng.binomial(left, 1 / (STEPS - step))
                left = left - share
                array.resize(step + 1, axis=0)
                array[step] = share
                array.flush()
                done(step + 1)

    elif MODE == "vds":
        # A master whose slices lie in files of their own, which come one after the other.
        folder = os.path.dirname(TARGET)
        layout = h5py.VirtualLayout(shape=counts.shape, dtype="u4")
        names = [f"part{step}.h5" for step in range(nz)]
        for step, name in enumerate(names):
            layout[step] = h5py.VirtualSource(name, "data", shape=counts.shape[1:])
        # Mappings of HDF5 2 are not known to HDF5 1.10, which most beamlines read with.
        with h5py.File(TARGET, "w", libver="v110") as out:
            data = frame(out.create_group("entry"), source, counts.shape)
            for name in ("z", "y", "x", "energy"):
                axis(data, source, name)
            data.create_virtual_dataset("counts", layout).attrs["units"] = "counts"
        for step, name in enumerate(names):
            with h5py.File(os.path.join(folder, name), "w", libver="latest") as out:
                array = out.create_dataset("data", counts.shape[1:], "u4", chunks=(1, nx, bins))
                array[: ny // 2] = counts[step, : ny // 2]
                out.flush()
                # Long enough for the master to be read with this half.
                time.sleep(PAUSE)
                array[ny // 2 :] = counts[step, ny // 2 :]
            done(step + 1)

    elif MODE == "frames":
        # A folder into which exposures of all voxels come, each a file that is there at once.
        os.makedirs(TARGET, exist_ok=True)
        rng = np.random.default_rng(1)
        left = counts.astype(np.int64)
        for step in range(STEPS):
            share = left if step == STEPS - 1 else rng.binomial(left, 1 / (STEPS - step))
            left = left - share
            hidden = os.path.join(TARGET, f".frame{step}")
            with h5py.File(hidden, "w", libver="latest") as out:
                data = frame(out.create_group("entry"), source, counts.shape, live_time=live / STEPS)
                for name in ("z", "y", "x", "energy"):
                    axis(data, source, name)
                data.create_dataset("counts", data=share.astype("u4")).attrs["units"] = "counts"
            os.rename(hidden, os.path.join(TARGET, f"frame{step}.nxs"))
            done(step + 1)

    elif MODE == "drift":
        # Two exposures, the second with a gain that is larger by 0.001: every count lies at an energy 1.001 times as high.
        os.makedirs(TARGET, exist_ok=True)
        energy = source["entry/data/energy"][()]
        width = energy[1] - energy[0]
        edges = np.append(energy - 0.5 * width, energy[-1] + 0.5 * width)
        below = np.concatenate([np.zeros((nz, ny, nx, 1)), np.cumsum(counts, axis=-1, dtype=float)], axis=-1)
        place = np.clip((edges / 1.001 - edges[0]) / width, 0, bins)
        low = np.minimum(place.astype(int), bins - 1)
        moved = below[..., low] + (place - low) * (below[..., low + 1] - below[..., low])
        for step, values in enumerate((counts, np.rint(np.diff(moved, axis=-1)))):
            with h5py.File(os.path.join(TARGET, f"frame{step}.nxs"), "w") as out:
                data = frame(out.create_group("entry"), source, counts.shape)
                for name in ("z", "y", "x", "energy"):
                    axis(data, source, name)
                data.create_dataset("counts", data=values.astype("u4")).attrs["units"] = "counts"

    elif MODE == "flat":
        # Two exposures, the second with flat counts of 3 % beside those of the sample.
        os.makedirs(TARGET, exist_ok=True)
        flat = np.random.default_rng(7).poisson(0.03 * counts.mean(axis=-1, keepdims=True), counts.shape)
        for step, values in enumerate((counts, counts + flat)):
            with h5py.File(os.path.join(TARGET, f"frame{step}.nxs"), "w") as out:
                data = frame(out.create_group("entry"), source, counts.shape)
                for name in ("z", "y", "x", "energy"):
                    axis(data, source, name)
                data.create_dataset("counts", data=values.astype("u4")).attrs["units"] = "counts"

    elif MODE == "hxt":
        # HEXITEC files of the first slice, each an exposure, written in two pieces.
        os.makedirs(TARGET, exist_ok=True)
        rng = np.random.default_rng(1)
        left = counts[0].astype(np.int64)
        # Lower edges of the bins.
        energy = source["entry/data/energy"][()]
        energy = energy - 0.5 * (energy[1] - energy[0])
        for step in range(STEPS):
            share = left if step == STEPS - 1 else rng.binomial(left, 1 / (STEPS - step))
            left = left - share
            text = b"HEXITECH" + struct.pack("<Q3I", 1, ny, nx, bins)
            text += energy.astype("<f8").tobytes() + share.astype("<f8").tobytes()
            with open(os.path.join(TARGET, f"scan{step}.hxt"), "wb") as out:
                out.write(text[: len(text) // 2])
                out.flush()
                time.sleep(min(0.2, PAUSE))
                out.write(text[len(text) // 2 :])
            done(step + 1)

    elif MODE == "tile":
        # Voxels that are full: those without material would be taken for dead ones among so many alike.
        flat = counts.reshape(-1, bins)
        total = flat.sum(axis=1)
        flat = flat[total > 0.5 * np.median(total)]
        with h5py.File(TARGET, "w") as out:
            data = frame(out.create_group("entry"), source, counts.shape)
            axis(data, source, "energy")
            for name, size in (("z", STEPS), ("y", 80), ("x", 80)):
                step = source["entry/data/" + name].attrs["spacing"]
                axis(data, source, name, (np.arange(size) + 0.5) * step)
            array = data.create_dataset("counts", (STEPS, 80, 80, bins), "u4", chunks=(1, 8, 80, bins))
            array.attrs["units"] = "counts"
            for z in range(STEPS):
                array[z] = flat[(np.arange(6400) + 7 * z) % len(flat)].reshape(80, 80, bins)

    else:
        sys.exit(f"no mode {MODE}")
