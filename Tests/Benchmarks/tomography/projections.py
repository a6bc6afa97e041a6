"""Projections of made samples for `voxelith reconstruct`, and a judge of what comes out.

    projections.py make FOLDER --sample halves --projector strips --seed 1 [--can 250]
    projections.py judge FOLDER RESULT

`make` writes projections.nxs, standards.yaml with its spectra, and truth.npz (x and density by row, z, x). The spectra are
hydrogenic Compton profiles at 115.6 keV and 90 degrees. Three projectors that are not voxelith's: `strips` (areas of a grid four times
as fine), `rotation` (bilinear rotation of that grid) and `points` (each fine pixel falls on one column).

With `--can THICKNESS` (um) the sample absorbs (4.75 g/cm3 where it is dense) and stands in a can of steel that absorbs and is taken
not to scatter; labels.tif and absorption.yaml are written too. The beam runs along the columns, the camera looks along the depth.
"""
import argparse
import json
import os

import h5py
import numpy as np
import yaml
from scipy.ndimage import gaussian_filter, map_coordinates

INCIDENT, ANGLE, MASS, MOMENTUM = 115.6, 90.0, 510.99895, 3.728940
SAMPLES = ("halves", "radial", "grains", "ellipse", "shell", "layers", "uniform", "blobs", "square")


def momentum(energy):
    """Electron momentum in atomic units of a photon scattered at ANGLE (Ribberfors)."""
    cosine = np.cos(np.deg2rad(ANGLE))
    transfer = np.sqrt(INCIDENT**2 + energy**2 - 2 * INCIDENT * energy * cosine)
    ratio = np.sqrt(0.25 + MASS**2 / (2 * INCIDENT * energy * (1 - cosine)))
    return (transfer / 2 - (INCIDENT - energy) * ratio) / MOMENTUM


def hydrogenic(p, z):
    return 8 * z**5 / (3 * np.pi) / (z * z + p * p) ** 3


def spectra(bins=200, low=86.0, high=104.0, width=1.0):
    """Energies of the bins, and the spectra of x = 0 and of one more lithium."""
    fine = np.arange(low - 5, high + 5, 0.02)
    p = momentum(fine)
    host = 0.8 * (2 * hydrogenic(p, 27) + 8 * hydrogenic(p, 10) + 8 * hydrogenic(p, 4) + 8 * hydrogenic(p, 2))
    host += 2.6 * hydrogenic(p, 3.5) + 2.7 * hydrogenic(p, 3.6) + 4 * hydrogenic(p, 7.7) + 12 * hydrogenic(p, 1.75)
    lithium = 2 * hydrogenic(p, 2.69) + 1.15 * hydrogenic(p, 1.3) - 0.15 * hydrogenic(p, 1.75)
    kernel = np.exp(-0.5 * ((np.arange(-150, 151) * 0.02) / (width / 2.3548)) ** 2)
    edges = np.linspace(low, high, bins + 1)
    made = []
    for profile in (host, lithium):
        smooth = np.convolve(profile * np.gradient(p, fine), kernel / kernel.sum(), "same")
        sums = np.concatenate([[0], np.cumsum(smooth) * 0.02])
        made.append(np.diff(np.interp(edges, np.concatenate([[fine[0] - 0.01], fine + 0.01]), sums)))
    return 0.5 * (edges[1:] + edges[:-1]), made[0], made[1]


def write_standards(folder, random, energies, host, lithium, counts=3e8):
    rows = []
    for index, x in enumerate([0.0, 0.25, 0.5, 0.75, 1.0]):
        y = random.poisson(counts / host.sum() * (host + x * lithium))
        np.savetxt(f"{folder}/s{index}.csv", np.c_[energies, y], delimiter=",", header="energy_keV,counts",
                   comments="", fmt=["%.6f", "%d"])
        rows.append(dict(file=f"s{index}.csv", x=x, x_sigma=0.0, live_time_s=1000.0))
    with open(f"{folder}/standards.yaml", "w") as file:
        yaml.safe_dump(dict(incident_energy_keV=INCIDENT, scattering_angle_deg=ANGLE, energy_resolution_keV=1.0,
                            formula="LixNi0.8Mn0.1Co0.1O2", standards=rows), file)


def sample(kind, columns, fine, random):
    """Density and x on a grid `fine` times as fine; lengths in columns of a field of 32."""
    n = columns * fine
    c = ((np.arange(n) + 0.5) / fine - columns / 2) * 32 / columns
    z, x = np.meshgrid(c, c, indexing="ij")
    radius = random.uniform(11, 14)
    r = np.hypot(x, z)
    density = (r < radius) * 1.0
    turn = random.uniform(0, np.pi)
    u, v = x * np.cos(turn) + z * np.sin(turn), z * np.cos(turn) - x * np.sin(turn)
    if kind == "halves":
        lithium = np.where(u > 0, random.uniform(0.55, 0.9), random.uniform(0.1, 0.45))
    elif kind == "radial":
        lithium = 0.2 + 0.65 * (r / radius) ** 2
    elif kind == "uniform":
        lithium = random.uniform(0.2, 0.8) + 0 * r
    elif kind == "ellipse":
        density = (((u / 14) ** 2 + (v / random.uniform(7, 10)) ** 2) < 1) * 1.0
        lithium = 0.5 + 0.025 * u
    elif kind == "shell":
        lithium = np.where(r < 0.6 * radius, 0.85, 0.35)
    elif kind == "layers":
        density = ((abs(u) < 11) & (abs(v) < 7)) * 1.0
        lithium = np.where(v < -2, 0.25, np.where(v < 3, 0.6, 0.9))
    elif kind == "square":
        density = ((abs(x) < 10) & (abs(z) < 10)) * 1.0
        lithium = 0.5 + 0.3 * np.sin(x / 4) * np.cos(z / 5)
    elif kind == "blobs":
        field = gaussian_filter(random.normal(size=(n, n)), 2.5 * n / 32)
        lithium = np.clip(0.5 + 0.2 * field / field.std(), 0.02, 1)
    elif kind == "grains":
        lithium = 0.5 + 0 * r
        density = 0.3 * density
        for _ in range(random.integers(15, 40)):
            place = random.uniform(-0.8 * radius, 0.8 * radius, 2)
            inside = (np.hypot(x - place[0], z - place[1]) < random.uniform(1.2, 4)) & (r < radius)
            density[inside] = 1
            lithium[inside] = random.uniform(0.1, 0.95)
        for _ in range(random.integers(3, 10)):
            place = random.uniform(-0.8 * radius, 0.8 * radius, 2)
            density[np.hypot(x - place[0], z - place[1]) < random.uniform(0.8, 2)] = 0
    else:
        raise SystemExit(f"no sample {kind}: {', '.join(SAMPLES)}")
    return density, lithium


def below(distance, angle, width):
    """Part of a square's projection that lies below a distance from its centre."""
    a, b = abs(np.cos(angle)) * width, abs(np.sin(angle)) * width
    low, high = min(a, b), max(a, b)
    if low < 1e-9 * high:
        return np.clip(0.5 + distance / high, 0, 1)
    flat, end = (high - low) / 2, (high + low) / 2
    r = np.clip(distance, -end, end)
    q = np.abs(r)
    half = np.where(q <= flat, q / high, flat / high + ((q - flat) - (q - flat) ** 2 / (2 * low)) / high)
    return 0.5 + np.sign(r) * np.minimum(half, 0.5)


def project(field, angles, columns, how, through=None):
    """Sums along rays in columns; `through(x, z, t)` is what reaches the detector from a point (in columns)."""
    n = field.shape[0]
    fine = n // columns
    c = (np.arange(n) + 0.5) / fine - columns / 2
    z, x = np.meshgrid(c, c, indexing="ij")
    inside = field != 0
    edges = np.arange(columns + 1) - columns / 2
    rows = []
    for t in np.deg2rad(angles):
        if how == "rotation":
            d, s = np.meshgrid(c, c, indexing="ij")
            px, pz = s * np.cos(t) - d * np.sin(t), s * np.sin(t) + d * np.cos(t)
            values = field if through is None else field * through(x, z, t)
            turned = map_coordinates(values, [(pz + columns / 2) * fine - 0.5, (px + columns / 2) * fine - 0.5], order=1)
            rows.append(turned.sum(0).reshape(columns, fine).sum(1) / fine**2)
            continue
        s = x[inside] * np.cos(t) + z[inside] * np.sin(t)
        v = field[inside] if through is None else field[inside] * through(x[inside], z[inside], t)
        if how == "points":
            rows.append(np.histogram(s, edges, weights=v)[0] / fine**2)
        else:
            rows.append(np.diff([(below(e - s, t, 1 / fine) * v).sum() for e in edges]) / fine**2)
    return np.array(rows)


def table(formula, density, energies):
    """Attenuation in 1/cm at energies in keV: xraylib where it is there, else lines through NIST's tables (80, 100, 150 keV)."""
    parts = {"steel": {"Fe": 0.695, "Cr": 0.19, "Ni": 0.095, "Mn": 0.02}, "active": ACTIVE}[formula]
    nodes = np.log([80.0, 100.0, 150.0])
    return density * sum(w * np.exp(np.interp(np.log(energies), nodes, np.log(NIST[e]))) for e, w in parts.items())


# cm2/g at 80, 100 and 150 keV (Hubbell and Seltzer, NISTIR 5632), and mass fractions of Li0.5Ni0.8Mn0.1Co0.1O2.
NIST = {"Li": (0.1389, 0.1329, 0.1217), "O": (0.1678, 0.1551, 0.1361), "Cr": (0.5055, 0.3166, 0.1797),
        "Mn": (0.5474, 0.3369, 0.1838), "Fe": (0.5952, 0.3717, 0.1964), "Co": (0.6442, 0.3895, 0.1998), "Ni": (0.7301, 0.4440, 0.2222)}
ACTIVE = {"Li": 0.0368, "O": 0.3391, "Ni": 0.4975, "Mn": 0.0582, "Co": 0.0624}


def ways(mass, fine, pitch, t, energies):
    """Optical depths of every fine pixel at an angle: on the way in, and on the way out for each energy; also in cm of steel and sample.

    `mass` holds (label of steel, label of sample) fields. Rays are summed on a turned grid, half a pixel at the point itself."""
    n = mass[0].shape[0]
    c = np.arange(n) - n / 2 + 0.5
    d, s = np.meshgrid(c, c, indexing="ij")
    px, pz = s * np.cos(t) - d * np.sin(t) + n / 2 - 0.5, s * np.sin(t) + d * np.cos(t) + n / 2 - 0.5
    z, x = np.meshgrid(c, c, indexing="ij")
    ps, pd = x * np.cos(t) + z * np.sin(t) + n / 2 - 0.5, -x * np.sin(t) + z * np.cos(t) + n / 2 - 0.5
    step = pitch / fine * 1e-4
    found = []
    for field in mass:
        turned = map_coordinates(field, [pz, px], order=1)
        entering = (np.cumsum(turned, 1) - 0.5 * turned) * step
        leaving = (np.cumsum(turned, 0) - 0.5 * turned) * step
        found.append([map_coordinates(way, [pd, ps], order=1) for way in (entering, leaving)])
    return found


def absorbed(density, x, options, angles, energies):
    """Projections of density and of density times x by energy, with absorption in a can; and the labels."""
    n, fine = options.columns, options.fine
    c = (np.arange(n * fine) + 0.5) / fine - n / 2
    z, xx = np.meshgrid(c, c, indexing="ij")
    r = np.hypot(xx, z)
    steel = ((r > 14.3 * n / 32) & (r < 14.3 * n / 32 + options.can / options.pitch)) * 1.0
    mass = (steel, (density > 0.6) * 1.0)
    groups = np.linspace(energies[0], energies[-1], 7)
    into = [table("steel", 7.9, INCIDENT), table("active", 4.75, INCIDENT)]
    first, second = (np.zeros((len(angles), n, len(groups))) for _ in range(2))
    where = density > 0
    edges = np.arange(n + 1) - n / 2
    for index, t in enumerate(np.deg2rad(angles)):
        paths = ways(mass, fine, options.pitch, t, energies)
        s = (xx * np.cos(t) + z * np.sin(t))[where]
        for group, energy in enumerate(groups):
            out = [table("steel", 7.9, energy), table("active", 4.75, energy)]
            depth = sum(paths[k][0] * into[k] + paths[k][1] * out[k] for k in range(2))
            passed = np.exp(-depth)[where] * density[where]
            for total, values in ((first, passed), (second, passed * x[where])):
                total[index, :, group] = np.histogram(s, edges, weights=values)[0] / fine**2
    place = np.clip((energies - groups[0]) / (groups[1] - groups[0]), 0, 5.999999)
    low = place.astype(int)
    part = place - low
    label = np.where(steel > 0, 2, np.where(mass[1] > 0, 1, 0)).astype("u1")
    return [v[..., low] * (1 - part) + v[..., low + 1] * part for v in (first, second)], label


def coarse(field, fine):
    n = field.shape[0] // fine
    return field.reshape(n, fine, n, fine).mean((1, 3))


def make(options):
    os.makedirs(options.folder, exist_ok=True)
    random = np.random.default_rng(options.seed)
    energies, host, lithium = spectra(options.bins)
    write_standards(options.folder, random, energies, host, lithium)
    n, fine = options.columns, options.fine
    angles = np.arange(options.angles) * options.turn / options.angles
    kinds = options.sample.split(",")
    counts = np.zeros((len(angles), len(kinds), n, options.bins), "u4")
    truth, labels = [], []
    for row, kind in enumerate(kinds):
        density, x = sample(kind, n, fine, random)
        if options.can > 0:
            (first, second), label = absorbed(density, x, options, angles, energies)
            labels.append(label)
        else:
            first, second = (project(f, angles, n, options.projector)[..., None] for f in (density, density * x))
        expected = first * host + second * lithium
        expected *= options.counts / expected.sum(-1).max()
        counts[:, row] = random.poisson(np.maximum(expected, 0))
        mean = coarse(density, fine)
        with np.errstate(invalid="ignore", divide="ignore"):
            truth.append((coarse(density * x, fine) / mean, mean))
    with h5py.File(f"{options.folder}/projections.nxs", "w") as file:
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        data = entry.create_group("data")
        data.attrs["NX_class"] = "NXdata"
        data.attrs["signal"] = "counts"
        data.attrs["axes"] = ["rotation_angle", "y", "x", "energy"]
        data.create_dataset("counts", data=counts, chunks=(1, 1) + counts.shape[2:], compression="gzip", compression_opts=1)
        for name, values, unit in (("rotation_angle", angles, "deg"), ("y", np.arange(len(kinds)) * options.pitch, "um"),
                                   ("x", (np.arange(n) + 0.5 - n / 2) * options.pitch, "um"), ("energy", energies, "keV")):
            data.create_dataset(name, data=values).attrs["units"] = unit
    if labels:
        import tifffile
        size = options.pitch / fine
        tifffile.imwrite(f"{options.folder}/labels.tif", np.repeat(np.stack(labels, 1), 1, 1), imagej=True,
                         resolution=(1 / size, 1 / size), metadata=dict(unit="um", spacing=size, axes="ZYX"))
        with open(f"{options.folder}/labels.json", "w") as file:
            # From points of the reconstruction (z from the axis) to those of the labels; a row of labels per row of projections.
            rows = [[1, 0, 0, 0], [0, size / options.pitch, 0, 0], [0, 0, 1, n * options.pitch / 2], [0, 0, 0, 1]]
            json.dump(dict(matrix=rows), file)
        with open(f"{options.folder}/absorption.yaml", "w") as file:
            yaml.safe_dump(dict(labels="labels.tif", transform="labels.json", beam_direction=[1, 0, 0], camera_direction=[0, 0, -1],
                                phases=[dict(name="active", label=1, formula="LixNi0.8Mn0.1Co0.1O2", density_g_cm3=4.75, x=0.5),
                                        dict(name="can", label=2, formula="Fe0.705Cr0.19Ni0.085Mn0.02", density_g_cm3=7.9)]), file)
    np.savez(f"{options.folder}/truth.npz", x=np.array([t[0] for t in truth]), density=np.array([t[1] for t in truth]))


def judge(options):
    import tifffile
    truth = np.load(f"{options.folder}/truth.npz")
    shape = truth["x"].shape
    x, sigma = (tifffile.imread(f"{options.result}/{name}.tif").reshape(shape[1], shape[0], shape[2]).swapaxes(0, 1)
                for name in ("li", "li_sigma"))
    parts = {"all": truth["density"] > 0, "> 0.2": truth["density"] > 0.2, "> 0.5": truth["density"] > 0.5,
             "full": truth["density"] > 0.999}
    for row in range(shape[0]):
        for name, part in parts.items():
            part = part[row] & np.isfinite(x[row])
            error = (x[row] - truth["x"][row])[part]
            ratio = error / sigma[row][part]
            print(f"{options.label} row {row} {name:6s} {part.sum():5d} voxels: rms {np.sqrt(np.mean(error**2)):.4f} "
                  f"bias {error.mean():+.4f} error/sigma {np.sqrt(np.mean(ratio**2)):.3f} within 1.96 {np.mean(abs(ratio) < 1.96):.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    made = commands.add_parser("make")
    made.add_argument("folder")
    made.add_argument("--sample", default="halves", help="one for each row, with commas")
    made.add_argument("--projector", choices=("strips", "rotation", "points"), default="strips")
    for name, value in (("columns", 32), ("angles", 60), ("fine", 4), ("bins", 200), ("seed", 1)):
        made.add_argument(f"--{name}", type=int, default=value)
    for name, value in (("counts", 2e5), ("turn", 180.0), ("pitch", 50.0), ("can", 0.0)):
        made.add_argument(f"--{name}", type=float, default=value)
    made.set_defaults(run=make)
    judged = commands.add_parser("judge")
    judged.add_argument("folder")
    judged.add_argument("result")
    judged.add_argument("--label", default="")
    judged.set_defaults(run=judge)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
