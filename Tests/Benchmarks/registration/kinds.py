"""Sixty pairs of nine kinds, some of which cannot match, made of real volumes and phantoms.

    python kinds.py make DATA OUT             writes NAME_fixed.tif, NAME_moving.tif and kinds.json
    python kinds.py judge OUT PROGRAM [KIND [PEER]]  aligns each by `PROGRAM register` with its defaults and prints the
                                              table, with the SimpleITK script PEER (and elastix, where `itk` has it) beside

DATA is the folder of real volumes. The truth is applied by scipy, so that no code of this package makes the pairs.
A point is x, y, z in um with the corner of the first voxel at zero; a base voxel is 1 um.
"""
import concurrent.futures, json, os, subprocess, sys, tempfile, time
import numpy as np

GRID = [np.array(p, float) / 2 for p in np.ndindex(3, 3, 3) if p.count(1) != 1]


def rotation(vector):
    angle = np.linalg.norm(vector)
    k = vector / max(angle, 1e-12)
    K = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
    return np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * K @ K


def objects(data):
    """Grey volumes between about 0 and 1."""
    import tifffile
    from scipy.ndimage import gaussian_filter
    level = np.array([0.1, 1.0, 0.45])
    nmc = tifffile.imread(f"{data}/nmc-nrel/nmc-1-cal_generatedCBD_bridge.tif").astype(int)
    electrode = np.rint(tifffile.imread(f"{data}/electrode-taufactor/electrode.tiff") / 85.0).astype(int)
    fine = tifffile.imread([f"{data}/nmc-superres/{n}" for n in sorted(os.listdir(f"{data}/nmc-superres"))
                            if n.endswith(".tif") and tifffile.TiffFile(f"{data}/nmc-superres/{n}").asarray().shape
                            == (128, 128, 128)][0]).astype(float)
    polymer = np.fromfile(f"{data}/polymer-quanfima/polymer3d_8bit_128x128x128.raw", np.uint8).reshape(128, 128, 128)
    r = np.random.default_rng(77)
    spheres = np.zeros((160,) * 3)
    zyx = np.indices(spheres.shape)
    for _ in range(260):
        c, radius, value = r.uniform(0, 160, 3), r.uniform(4, 13), r.uniform(0.3, 1)
        low = np.maximum(0, (c - radius).astype(int)); high = np.minimum(160, (c + radius + 2).astype(int))
        box = tuple(slice(a, b) for a, b in zip(low, high))
        spheres[box][sum((zyx[(i,) + box] - c[i]) ** 2 for i in range(3)) < radius ** 2] = value
    return {
        "nmc": gaussian_filter(level[nmc], 0.9), "electrode": gaussian_filter(level[electrode], 0.9),
        "superres": gaussian_filter((fine - fine.min()) / np.ptp(fine), 0.9),
        "polymer": gaussian_filter(polymer / 255.0 * 1.5, 0.7), "spheres": gaussian_filter(spheres, 0.8),
    }


def sample(density, corner, matrix, shape, spacing):
    """Means over the voxels of a grid whose point q lies at base point corner + matrix^-1 q."""
    from scipy.ndimage import affine_transform
    k = max(1, int(round(spacing)))
    step = spacing / k
    back = np.linalg.inv(matrix)
    P = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]])
    A = P @ back[:3, :3] @ P * step
    b = P @ back[:3, 3] + np.array(corner) - 0.5 + A @ np.full(3, 0.5)
    fine = affine_transform(density, A, offset=b, output_shape=[n * k for n in shape], order=3, mode="mirror")
    return fine.reshape(shape[0], k, shape[1], k, shape[2], k).mean((1, 3, 5))


def rings(shape, r, size, each):
    """Rings about the middle of every slice, the same in all slices or drawn anew in each."""
    y, x = np.indices(shape[1:]) - (np.array(shape[1:]) - 1)[:, None, None] / 2
    radius = np.hypot(y, x)
    n = int(radius.max()) + 3
    def one():
        profile = r.normal(size=n) * (r.random(n) < 0.4)
        return np.interp(radius, np.arange(n), profile)
    if not each: return size * np.repeat(one()[None], shape[0], 0)
    return size * np.stack([one() for _ in range(shape[0])])


def make(data, out):
    import tifffile
    os.makedirs(out, exist_ok=True)
    bodies = objects(data)
    names = list(bodies)
    listed = []

    def corner_of(volume, extent, r, margin=0.0):
        room = np.array(volume.shape) - np.array(extent)
        return [r.uniform(min(margin, a / 2), max(a - margin, a / 2)) if a > 0 else a / 2 for a in room]

    def motion(fixed_extent, moving_extent, r, degrees, shift):
        """xyz extents; angle in degrees, shift in um."""
        axis = r.normal(size=3); axis /= np.linalg.norm(axis)
        t = r.normal(size=3); t *= shift / np.linalg.norm(t)
        R = rotation(np.deg2rad(degrees) * axis)
        M = np.eye(4); M[:3, :3] = R
        M[:3, 3] = np.array(moving_extent) / 2 + t - R @ (np.array(fixed_extent) / 2)
        return M

    def save(kind, fixed, moving, sf, sm, M, can, **more):
        name = f"{kind}{sum(p['kind'] == kind for p in listed):02d}"
        for side, v, s in (("fixed", fixed, sf), ("moving", moving, sm)):
            s = s if np.ndim(s) else (s,) * 3
            tifffile.imwrite(f"{out}/{name}_{side}.tif", (100 * v).astype("f4"), imagej=True,
                             resolution=(1 / s[2], 1 / s[1]),
                             metadata={"axes": "ZYX", "unit": "um", "spacing": float(s[0])})
        listed.append({"name": name, "kind": kind, "can": can, "matrix": M.tolist(),
                       "fixed": [list(fixed.shape), float(sf)], "moving": [list(moving.shape), float(sm)], **more})

    def noisy(v, r, noise): return v + noise * r.normal(size=v.shape)

    def pair(kind, seed, body, nf, nm, sf, sm, degrees, shift, noise, can=True, change=None, after=None, **more):
        r = np.random.default_rng([seed, len(listed)])
        volume = bodies[body]
        sf_shape = nf if np.ndim(nf) else (nf,) * 3
        sm_shape = nm if np.ndim(nm) else (nm,) * 3
        ef = np.array(sf_shape)[::-1] * sf; em = np.array(sm_shape)[::-1] * sm
        corner = corner_of(volume, ef[::-1], r, 8)
        M = shift(ef, em, r) if callable(shift) else motion(ef, em, r, degrees, shift)
        f = sample(volume, corner, np.eye(4), sf_shape, sf)
        m = sample(volume, corner, M, sm_shape, sm)
        if change: f, m = change(f, m, r)
        f, m = noisy(f, r, noise), noisy(m, r, noise)
        if after: f, m = after(f, m, r)
        save(kind, f, m, sf, sm, M, can, **more)

    for i in range(10):  # the same grid, or half a voxel off it; noise a quarter of the contrast or more
        ratio = [1, 1, 1, 2, 1, 1, 4, 1, 3, 1][i]
        off = [0, 0, 0.5, 0, 0.25, 0, 0, 0, 0.5, 0][i]
        side = 64 if ratio == 1 else 64 // ratio + 4
        def place(ef, em, r, off=off): 
            M = np.eye(4); M[:3, 3] = (em - ef) / 2 + off; return M
        pair("same", 1, names[i % 5], side, 64 if ratio == 1 else 80, ratio, 1, 0, place,
             [0.25, 0.4, 0.25, 0.25, 0.25, 0.12, 0.25, 0.25, 0.25, 0.6][i])
    for i in range(12):
        ratio = [1, 1, 2, 1, 4, 1, 1, 3, 1, 1, 1.5, 1][i]
        pair("moved", 2, names[i % 5], int([72, 64, 36, 80, 18, 64, 72, 26, 64, 64, 48, 80][i]), 72, ratio, 1,
             2 + i, 1 + 0.4 * i, [0.1, 0.25, 0.25, 0.05, 0.25, 0.25, 0.2, 0.25, 0.15, 0.25, 0.2, 0.25][i])
    for i in range(8):  # a small field in a large one, either way round, up to 6 degrees and anywhere inside
        def inside(ef, em, r, i=i):
            M = motion(ef, em, r, [0, 4, 6, 3, 5, 2, 6, 4][i], 0)
            room = 0.5 * np.abs(ef - em) - 6
            M[:3, 3] += np.maximum(room, 0) * r.uniform(-1, 1, 3); return M
        body = ["nmc", "electrode", "nmc", "spheres", "nmc", "electrode", "nmc", "superres"][i]
        large = [60, 60, 50, 52, 60, 60, 60, 60][i]; coarse = [3, 3, 3, 2, 2, 2, 2.5, 2][i]
        if i < 5: pair("roi", 3, body, large, [64, 56, 60, 48, 44][i], coarse, 1, 0, inside, [0.2, 0.2, 0.1, 0.25, 0.25][i])
        else: pair("roi", 3, body, [28, 24, 30][i - 5], [96, 100, 100][i - 5], 2, 1.0 if i < 7 else 1.2, 0, inside, 0.2)
    for i in range(7):  # two places of one material, or two materials
        r = np.random.default_rng([4, i])
        volume = bodies[["nmc", "electrode", "nmc", "spheres", "polymer", "electrode", "superres"][i]]
        n = [72, 72, 64, 64, 60, 48, 60][i]
        a = sample(volume, [4, 6, 5], np.eye(4), (n,) * 3, 1)
        other = volume if i < 6 else bodies["polymer"]
        far = [s - n - 5 for s in other.shape]
        b = sample(other, far, np.eye(4), (n,) * 3, 1)
        save("apart", noisy(a, r, 0.1), noisy(b, r, 0.1), 1, 1, np.eye(4), False)
    for i in range(5):
        def flip(f, m, r, i=i): return f, np.flip(m, [0, 1, 2, (0, 1, 2), 2][i])
        if i < 4: pair("mirrored", 5, ["nmc", "electrode", "spheres", "polymer"][i], 64, 72, 1, 1, 3 * i, 2, 0.15, can=False, change=flip)
        else: pair("mirrored", 5, "superres", 64, 64, 1, 1, 2, 1, 0.1, can=False, change=lambda f, m, r: (f, m.transpose(2, 1, 0)))
    for i in range(5):
        scale = [1.04, 1.06, 0.95, 1.05, 0.94][i]
        def scaled(ef, em, r, s=scale):
            M = motion(ef, em, r, 3, 2); c = em / 2
            S = np.eye(4); S[:3, :3] *= s; S[:3, 3] = c - s * c; return S @ M
        pair("scale", 6, names[i], 64 if i != 3 else 32, 72, 1 if i != 3 else 2, 1, 0, scaled, 0.15, can=False, scale=scale)
    for i in range(4):
        if i == 0: pair("slab", 7, "nmc", (3, 96, 96), (3, 128, 128), 1, 1, 8, 0, 0.1, can=None)
        elif i == 1: pair("slab", 7, "electrode", (8, 90, 90), (12, 100, 100), 1, 1, 2, 1, 0.1)
        else:
            def plane(ef, em, r, i=i):
                R = rotation(np.deg2rad([6, 3][i - 2]) * np.array([0, 0, 1.0]))
                M = np.eye(4); M[:3, :3] = R
                M[:3, 3] = em / 2 + [2.3, -1.6, 0] - R @ (ef / 2); return M
            pair("slab", 7, ["nmc", "spheres"][i - 2], (1, 96, 96), (1, 110, 110), 1, 1, 0, plane, 0.1)
    for i in range(5):  # rings on both sides, three of one object and two of two places
        def ringed(f, m, r, i=i):
            seed = int(r.integers(1 << 30))
            return tuple(v + rings(v.shape, np.random.default_rng(seed), [0.35, 0.25, 0.4, 0.4, 0.5][i], i in (1, 3)) for v in (f, m))
        if i < 3: pair("rings", 8, names[i], 64, 64, 1, 1, 5, 3, 0.1, change=ringed)
        else:
            r = np.random.default_rng([8, i])
            a, b = (sample(bodies["nmc"], c, np.eye(4), (64,) * 3, 1) for c in ([5, 5, 5], [140, 150, 160]))
            a, b = ringed(a, b, r)
            save("rings", noisy(a, r, 0.1), noisy(b, r, 0.1), 1, 1, np.eye(4), False)
    for i in range(6):
        def foreign(f, m, r, i=i):
            z, y, x = np.indices(m.shape) / np.array(m.shape)[:, None, None, None] - 0.5
            bias = 1 + 0.4 * (x * r.normal() + y * r.normal() + z * r.normal()) + 0.3 * x * y
            u = [lambda v: np.sin(4.5 * v) + 0.3 * v * v, lambda v: (v - 0.5) ** 2 * 3, lambda v: 1 - v,
                 lambda v: np.sin(5 * v), lambda v: np.exp(-((v - 0.45) / 0.2) ** 2), lambda v: 1 - v ** 2 + 0.3 * np.sin(6 * v)][i](m)
            return f, u * bias
        pair("contrast", 9, ["nmc", "electrode", "polymer", "spheres", "nmc", "electrode"][i], [80, 72, 64, 72, 64, 40][i],
             80, 1 if i < 5 else 2, 1, [3, 6, 4, 8, 5, 7][i], [2, 4, 3, 5, 1, 3][i], 0.07, change=foreign)
    json.dump(listed, open(f"{out}/kinds.json", "w"), indent=1)
    print(len(listed), "pairs")


def error(pair, matrix):
    """Root mean square over corners, face centres and middle of the part that both see, in fixed voxels.

    For a small field inside a large one the part is the moving box."""
    shape, spacing = pair["fixed"]
    extent = np.array(shape[::-1]) * spacing
    M, T = np.array(pair["matrix"]), np.array(matrix)
    mshape, mspacing = pair["moving"]
    corners = [p * extent for p in GRID]
    if np.prod(mshape) * mspacing ** 3 < 0.7 * np.prod(shape) * spacing ** 3:
        back = np.linalg.inv(M)
        corners = [(back @ np.append(p * np.array(mshape[::-1]) * mspacing, 1))[:3] for p in GRID]
    if shape[0] == 1: corners = [p * [1, 1, 0] + [0, 0, 0.5 * spacing] for p in corners]
    d = [np.linalg.norm((T[:3, :3] - M[:3, :3]) @ p + T[:3, 3] - M[:3, 3]) for p in corners]
    return float(np.sqrt(np.mean(np.square(d)))) / spacing


def one(out, program, pair, more=()):
    name = pair["name"]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        run = subprocess.run([program, "register", f"{out}/{name}_moving.tif", f"{out}/{name}_fixed.tif", "-o",
                              f"{folder}/t.json", "--threads", "1", *more], capture_output=True, text=True)
        seconds = time.perf_counter() - start
        if run.returncode: return {"seconds": seconds, "says": run.stderr.strip().split("\n")}
        t = json.load(open(f"{folder}/t.json"))
    return {"seconds": seconds, "error": error(pair, t["matrix"]), "expected": t["expected_error_um"] / pair["fixed"][1],
            "metric": t["quality"]["metric"], "quality": t["quality"], "warnings": t.get("warnings", [])}


def peer(out, pair, script):
    """Error of SimpleITK's mutual information on a pair, in fixed voxels, and seconds; it refuses nothing."""
    import SimpleITK as sitk
    import tifffile
    with tempfile.TemporaryDirectory() as folder:
        for side in ("fixed", "moving"):
            shape, spacing = pair[side]
            image = sitk.GetImageFromArray(tifffile.imread(f"{out}/{pair['name']}_{side}.tif").reshape(shape))
            image.SetSpacing((spacing,) * 3); image.SetOrigin((spacing / 2,) * 3)
            sitk.WriteImage(image, f"{folder}/{side}.mha")
        run = subprocess.run([sys.executable, script, f"{folder}/fixed.mha", f"{folder}/moving.mha"],
                             capture_output=True, text=True)
        if run.returncode: return float("inf"), float("nan")
        result = json.loads(run.stdout)
    t = sitk.Euler3DTransform(); t.SetCenter(result["center"]); t.SetParameters(result["euler"])
    R = np.array(t.GetMatrix()).reshape(3, 3)
    M = np.eye(4); M[:3, :3] = R; M[:3, 3] = t.TransformPoint((0.0, 0.0, 0.0))
    return error(pair, M), result["seconds"]


def elastix(out, pair):
    """The same by elastix with its rigid default parameters; None where it is not installed."""
    try:
        import itk
        itk.ParameterObject
    except (ImportError, AttributeError):
        return None
    import tifffile
    images = []
    for side in ("fixed", "moving"):
        shape, spacing = pair[side]
        image = itk.image_from_array(tifffile.imread(f"{out}/{pair['name']}_{side}.tif").reshape(shape))
        image.SetSpacing([spacing] * 3); image.SetOrigin([spacing / 2] * 3)
        images.append(image)
    parameters = itk.ParameterObject.New()
    parameters.AddParameterMap(parameters.GetDefaultParameterMap("rigid"))
    start = time.perf_counter()
    try:
        _, found = itk.elastix_registration_method(*images, parameter_object=parameters)
    except RuntimeError:
        return float("inf"), float("nan")
    seconds = time.perf_counter() - start
    import SimpleITK as sitk
    t = sitk.Euler3DTransform(); p = found.GetParameterMap(0)
    t.SetCenter([float(v) for v in p["CenterOfRotationPoint"]])
    t.SetParameters([float(v) for v in p["TransformParameters"]])
    M = np.eye(4); M[:3, :3] = np.array(t.GetMatrix()).reshape(3, 3); M[:3, 3] = t.TransformPoint((0.0, 0.0, 0.0))
    return error(pair, M), seconds


def told(p, r, tally):
    """One line about a pair, which is counted in the tally of its kind."""
    t = tally.setdefault(p["kind"], dict(can=0, found=0, cannot=0, accepted=0, worst=0.0, held=0, given=0, seconds=[]))
    t["seconds"].append(r["seconds"])
    if p["can"]: t["can"] += 1
    if p["can"] is False: t["cannot"] += 1
    if "error" not in r:
        return (f"{p['name']:12} {'refused' if p['can'] else 'rightly refused'}: {' | '.join(r['says'])[:400]} "
                f"({r['seconds']:.1f} s)")
    t["given"] += 1; t["held"] += r["error"] <= 3 * r["expected"]
    bad = "" if r["error"] <= 3 * r["expected"] else "  PROMISE BROKEN"
    if p["can"] is False: t["accepted"] += 1; bad += "  ACCEPTED WRONGLY"
    elif p["can"] and r["error"] < max(0.5, 3 * r["expected"]): t["found"] += 1; t["worst"] = max(t["worst"], r["error"])
    return (f"{p['name']:12} error {r['error']:.4f} expected {r['expected']:.4f} ratio {r['error'] / r['expected']:.2f} "
            f"{r['metric']} z {r['quality']['significance']:.1f} ({r['seconds']:.1f} s){bad} {r['warnings']}")


def judge(out, program, kind="", script=None, *more):
    pairs = [p for p in json.load(open(f"{out}/kinds.json")) if p["name"].startswith(kind)]
    tally = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for p, r in zip(pairs, pool.map(lambda p: one(out, program, p, more), pairs)):
            print(told(p, r, tally), flush=True)
    print("| kind | can match: found | largest error, voxels | within 3 expected errors | cannot match: accepted | median s |\n|---|---|---|---|---|---|")
    total = [0] * 6
    for name, t in tally.items():
        print(f"| {name} | {t['found']} of {t['can']} | {t['worst']:.3f} | {t['held']} of {t['given']} | "
              f"{t['accepted']} of {t['cannot']} | {np.median(t['seconds']):.1f} |")
        total = [a + b for a, b in zip(total, (t['found'], t['can'], t['held'], t['given'], t['accepted'], t['cannot']))]
    print(f"| all | {total[0]} of {total[1]} | | {total[2]} of {total[3]} | {total[4]} of {total[5]} | |")
    if script is None: return
    print("| kind, pairs that can match | below 0.5 voxel: SimpleITK | median s | elastix | median s |\n|---|---|---|---|---|")
    for name in tally:
        those = [p for p in pairs if p["kind"] == name and p["can"] and p["fixed"][0][0] > 1]
        if not those: continue
        columns = []
        for run in (lambda p: peer(out, p, script), lambda p: elastix(out, p)):
            results = [run(p) for p in those]
            if results[0] is None: columns += ["not installed", ""]
            else: columns += [f"{sum(e < 0.5 for e, _ in results)} of {len(results)}", f"{np.median([t for _, t in results]):.1f}"]
        print(f"| {name} | " + " | ".join(columns) + " |", flush=True)


if __name__ == "__main__":
    {"make": make, "judge": judge}[sys.argv[1]](*sys.argv[2:])
