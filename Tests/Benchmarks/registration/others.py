"""Forty-odd pairs that are made in another way than those of kinds.py, so that no rule is tuned to one generator.

    python others.py make DATA OUT    writes NAME_fixed.tif, NAME_moving.tif and kinds.json
    python kinds.py judge OUT PROGRAM [KIND [PEER]]    judges them

Labels with random grey levels and volumes of two phases; shifts in Fourier space or splines of fifth order; noise of
counts (Poisson), of correlated neighbours, and rings; boxes with unlike sides; single slices of a measured cell.
A point is x, y, z in um with the corner of the first voxel at zero; a base voxel is 1 um.
"""
import json, os, sys
import numpy as np


def rotation(axis, degrees):
    from scipy.spatial.transform import Rotation
    axis = np.asarray(axis, float)
    return Rotation.from_rotvec(np.deg2rad(degrees) * axis / np.linalg.norm(axis)).as_matrix()


def bodies(data):
    import tifffile
    from scipy.ndimage import gaussian_filter
    r = np.random.default_rng(2026)
    two = np.fromfile(f"{data}/two-phase-openimpala/SampleData_2Phase_stack_3d_uint8.raw", np.uint8).reshape((100,) * 3)
    two = (two > two.min()).astype(float)
    squared = tifffile.imread(f"{data}/two-phase-openimpala/SampleData_2Phase_squared.tif").astype(float)
    separator = tifffile.imread(f"{data}/nmc-superres/Separator_lr_input.tif").astype(float)
    nmc = tifffile.imread(f"{data}/nmc-nrel/nmc-1-cal_generatedCBD_bridge.tif").astype(int)[::-1].transpose(1, 2, 0)
    electrode = np.rint(tifffile.imread(f"{data}/electrode-taufactor/electrode.tiff") / 85.0).astype(int).transpose(2, 0, 1)
    waves = sum(np.cos(np.tensordot(k, np.indices((150,) * 3), 1) + p) for k, p in
                zip(r.normal(size=(60, 3)) * 0.35, r.uniform(0, 6.28, 60)))
    def scaled(v): return (v - v.min()) / np.ptp(v)
    return {
        "two": gaussian_filter(two, 0.8), "squared": gaussian_filter(scaled(squared), 0.8),
        "separator": gaussian_filter(scaled(separator), 0.8),
        "nmc": gaussian_filter(np.array([0.0, 0.8, 1.0])[nmc], 1.0),
        "electrode": gaussian_filter(np.array([1.0, 0.1, 0.5])[electrode], 0.8),
        "waves": gaussian_filter(scaled(np.clip(waves, -6, 6)), 0.5),
    }, {"nmc": nmc, "electrode": electrode}


def box(volume, corner, shape, M=None):
    """Values at the voxels' centres q of a box of base voxels, whose place in the body is corner + M^-1 q."""
    from scipy.ndimage import affine_transform
    back = np.linalg.inv(M) if M is not None else np.eye(4)
    P = np.eye(3)[::-1]
    A = P @ back[:3, :3] @ P
    offset = P @ back[:3, 3] + np.array(corner) - 0.5 + A @ np.full(3, 0.5)
    return affine_transform(volume, A, offset=offset, output_shape=shape, order=5, mode="reflect")


def shifted(volume, shift):
    """A body moved by fractions of a voxel in Fourier space; x, y, z."""
    from scipy.ndimage import fourier_shift
    return np.fft.ifftn(fourier_shift(np.fft.fftn(volume), shift[::-1])).real


def binned(v, k): return v if k == 1 else v[tuple(slice(0, n // k * k) for n in v.shape)].reshape(
    v.shape[0] // k, k, v.shape[1] // k, k, v.shape[2] // k, k).mean((1, 3, 5))


def counts(v, r, peak): return r.poisson(np.maximum(v, 0) * peak + 0.3 * peak) / peak
def white(v, r, size): return v + size * r.normal(size=v.shape)


def correlated(v, r, size):
    from scipy.ndimage import gaussian_filter
    n = gaussian_filter(r.normal(size=v.shape), 0.7)
    return v + size * n / n.std()


def rings(shape, r, size):
    y, x = np.indices(shape[1:]) - (np.array(shape[1:]) - 1)[:, None, None] / 2
    profile = r.laplace(size=200) * (r.random(200) < 0.3)
    return size * np.repeat(np.interp(np.hypot(y, x), np.arange(200), profile)[None], shape[0], 0)


def make(data, out):
    import tifffile
    from scipy.ndimage import gaussian_filter
    os.makedirs(out, exist_ok=True)
    body, labels = bodies(data)
    listed = []

    def save(kind, f, m, k, M, can, **more):
        name = f"{kind}{sum(p['kind'] == kind for p in listed):02d}"
        for side, v, s in (("fixed", f, k), ("moving", m, 1)):
            tifffile.imwrite(f"{out}/{name}_{side}.tif", (37 * v + 5).astype("f4"), imagej=True,
                             resolution=(1 / s, 1 / s), metadata={"axes": "ZYX", "unit": "um", "spacing": float(s)})
        listed.append({"name": name, "kind": kind, "can": can, "matrix": M.tolist(), "fixed": [list(f.shape), float(k)],
                       "moving": [list(m.shape), 1.0], **more})

    def turned(r, fs, ms, degrees, shift):
        """Fixed to moving for boxes of base voxels (z, y, x) about their middles."""
        R = rotation(r.normal(size=3), degrees)
        t = r.normal(size=3); t *= shift / np.linalg.norm(t)
        M = np.eye(4); M[:3, :3] = R
        M[:3, 3] = np.array(ms[::-1]) / 2 + t - R @ (np.array(fs[::-1]) / 2)
        return M

    def place(volume, shape, r): return [r.uniform(0, max(0, a - b)) for a, b in zip(volume.shape, shape)]

    def pair(kind, seed, volume, fs, ms, k, degrees, shift, noise, can=True, other=None, change=None, S=None, **more):
        r = np.random.default_rng([99, seed, len(listed)])
        corner = place(volume, fs, r)
        M = turned(r, fs, ms, degrees, shift)
        if S is not None: M = np.array(S) @ M
        f = binned(box(volume, corner, fs), k)
        m = box(volume if other is None else other, corner, ms, M)
        if change: f, m = change(f, m, r)
        save(kind, noise(f, r), noise(m, r), k, M, can, **more)

    quarter = lambda v, r: white(v, r, 0.25 * np.ptp(np.percentile(v, [5, 95])))
    for i, (name, shape, noise) in enumerate([
            ("two", (80, 80, 80), quarter), ("nmc", (60, 90, 70), quarter), ("electrode", (72, 72, 72), quarter),
            ("waves", (64, 80, 60), quarter), ("separator", (70, 66, 70), quarter),
            ("nmc", (70, 70, 70), lambda v, r: counts(v, r, 25)), ("electrode", (60, 60, 60), lambda v, r: correlated(v, r, 0.15))]):
        pair("same", 1, body[name], shape, shape, 1, 0, 0, noise)
    for i, name in enumerate(["two", "nmc", "electrode", "squared", "waves"]):  # shifts in Fourier space
        r = np.random.default_rng([7, i])
        v = body[name]
        side = [80, 80, 72, 50, 90][i]
        t = r.uniform(-3, 3, 3)
        corner = [(a - side) // 2 for a in v.shape]
        cut = tuple(slice(c, c + side) for c in corner)
        M = np.eye(4); M[:3, 3] = t
        noise = [lambda v, r: counts(v, r, 40), quarter, lambda v, r: correlated(v, r, 0.12), quarter, quarter][i]
        save("moved", noise(v[cut], r), noise(shifted(v, t)[cut], r), 1, M, True)
    for i, (name, fs, ms, k, degrees) in enumerate([
            ("nmc", (90, 90, 90), (100, 100, 100), 1, 14), ("electrode", (64, 80, 60), (80, 84, 80), 1, 9),
            ("two", (70, 70, 70), (76, 76, 76), 1, 17), ("waves", (80, 80, 80), (90, 90, 90), 1, 6),
            ("nmc", (96, 96, 96), (110, 110, 110), 2, 11), ("electrode", (90, 96, 84), (110, 110, 110), 3, 7),
            ("separator", (60, 60, 60), (66, 66, 66), 1, 12)]):
        pair("moved", 3, body[name], fs, ms, k, degrees, 2 + i,
             [quarter, lambda v, r: counts(v, r, 40), lambda v, r: correlated(v, r, 0.12)][i % 3])
    for i in range(6):  # phases with random grey levels, saturation, bias fields
        r = np.random.default_rng([11, i])
        name = ["nmc", "electrode", "nmc", "waves", "two", "electrode"][i]
        if name in labels:
            grey = gaussian_filter(r.permutation([0.1, 0.5, 0.95])[labels[name]], 0.9)
            other = grey + 0.15 * np.sin(np.indices(grey.shape)[i % 3] / 40)
        else:
            other = [None, None, None, np.abs(body[name] - 0.5) * 2, 1 - np.minimum(body[name], 0.7)][i]
        pair("contrast", 4, body[name], (70, 76, 70), (80, 80, 80), 1, 3 + 2 * i, 3, lambda v, r: white(v, r, 0.08), other=other)
    for i, (name, fs, ms, k, degrees) in enumerate([
            ("nmc", (160, 160, 160), (56, 60, 50), 2, 6), ("electrode", (150, 150, 150), (60, 60, 60), 3, 4),
            ("waves", (120, 120, 120), (48, 48, 48), 2, 5), ("two", (90, 90, 90), (44, 44, 44), 2, 3)]):
        r = np.random.default_rng([13, i])
        corner = place(body[name], fs, r)
        M = turned(r, fs, ms, degrees, 0)
        room = (np.array(fs[::-1]) - np.array(ms[::-1])) / 2 - 7
        M[:3, 3] += room * r.uniform(-1, 1, 3)
        f, m = binned(box(body[name], corner, fs), k), box(body[name], corner, ms, M)
        save("roi", white(f, r, 0.1), white(m, r, 0.15), k, M, True)
    for i in range(6):
        r = np.random.default_rng([17, i])
        a, b = [("two", "two"), ("nmc", "nmc"), ("electrode", "electrode"), ("waves", "nmc"), ("two", "squared"), ("nmc", "nmc")][i]
        s = [46, 80, 90, 70, 60, 48][i]
        f = body[a][:s, :s, :s]
        m = body[b][-s:, -s:, -s:]
        save("apart", counts(f, r, 60), counts(m, r, 60), 1, np.eye(4), False)
    for i in range(5):
        name = ["nmc", "two", "electrode", "waves", "separator"][i]
        flip = [lambda v: v[:, ::-1], lambda v: v[::-1], lambda v: v.transpose(0, 2, 1), lambda v: v[:, :, ::-1], lambda v: v.transpose(1, 0, 2)][i]
        pair("mirrored", 5, body[name], (60,) * 3, (66,) * 3, 1, 4 * i, 2, lambda v, r: white(v, r, 0.1), can=False,
             change=lambda f, m, r, flip=flip: (f, flip(m)))
    for i, scales in enumerate([(1.05,) * 3, (0.955,) * 3, (1, 1, 1.06), (1.045,) * 3]):
        c = np.array([66, 66, 66]) / 2
        S = np.eye(4); S[:3, :3] = np.diag(scales); S[:3, 3] = c - np.array(scales) * c
        pair("scale", 6, body[["nmc", "two", "electrode", "waves"][i]], (60,) * 3, (66,) * 3, 1, 4, 2,
             lambda v, r: white(v, r, 0.12), can=False, S=S)
    cell = [tifffile.imread(f"{data}/cell-xct/im04{n}.tif").astype(float)[150:450, 180:480] / 255 for n in (1, 2, 8)]
    for i in range(3):  # single slices of a cell, and two slices that do not belong together
        r = np.random.default_rng([19, i])
        flat = np.repeat(gaussian_filter(cell[0], 0.7)[None], 3, 0)
        M = np.eye(4); M[:3, :3] = rotation((0, 0, 1), [5, 2, 0][i])
        M[:3, 3] = np.array([60, 60, 0.5]) + [1.7, -2.3, 0] - M[:3, :3] @ np.array([55, 55, 0.5])
        if i < 2:
            f, m = box(flat, [1, 60, 80], (1, 110, 110)), box(flat, [1, 60, 80], (1, 120, 120), M)
            save("slab", white(f, r, 0.05), white(m, r, 0.05), 1, M, True)
        else: save("slab", white(cell[0][None, :90, :90], r, 0.05), white(cell[2][None, -90:, -90:], r, 0.05), 1, M, False)
    for i in range(3):
        def ringed(f, m, r, i=i):
            seed = int(r.integers(1 << 30))
            return tuple(v + rings(v.shape, np.random.default_rng(seed), [0.2, 0.3, 0.3][i]) for v in (f, m))
        name = ["nmc", "electrode", "nmc"][i]
        if i < 2: pair("rings", 8, body[name], (60, 64, 64), (60, 64, 64), 1, 6, 3, lambda v, r: white(v, r, 0.1), change=ringed)
        else:
            r = np.random.default_rng([23, i])
            f, m = ringed(body["nmc"][:60, :64, :64], body["nmc"][-60:, -64:, -64:], r)
            save("rings", white(f, r, 0.1), white(m, r, 0.1), 1, np.eye(4), False)
    json.dump(listed, open(f"{out}/kinds.json", "w"), indent=1)
    print(len(listed), "pairs")


if __name__ == "__main__":
    make(*sys.argv[2:])
