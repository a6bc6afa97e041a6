"""Pairs of 100^3 volumes of one object in two contrasts, and SimpleITK on them.

    python pairs.py make DATA OUT           writes NAME_fixed.raw, NAME_moving.raw (float32) and pairs.json
    python pairs.py beside OUT PEER BENCH   aligns each by BENCH and by the SimpleITK script PEER in turn

DATA is the folder of real volumes. The truth is applied by scipy, so that no code of this package makes
the pairs. Spacing is 1; a point is x, y, z with voxel centres at i + 0.5.
"""
import json, os, re, subprocess, sys
import numpy as np

SIDE = 100


def rotation(vector):
    angle = np.linalg.norm(vector)
    k = vector / max(angle, 1e-12)
    K = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
    return np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * K @ K


def make(data, out):
    import tifffile
    from scipy.ndimage import affine_transform, gaussian_filter
    os.makedirs(out, exist_ok=True)
    nmc = tifffile.imread(f"{data}/nmc-nrel/nmc-1-cal_generatedCBD_bridge.tif").astype(float)
    electrode = tifffile.imread(f"{data}/electrode-taufactor/electrode.tiff").astype(float) / 85
    objects = {"nmc": nmc, "electrode": electrode}
    pairs = []
    for seed in range(20):
        r = np.random.default_rng(seed)
        name, volume = list(objects.items())[seed % 2]
        level = np.array([0.1, 1.0, 0.45])  # pore, particle, binder
        density = gaussian_filter(level[np.rint(volume).astype(int)], 0.8)
        low = [(n - SIDE) // 2 + r.integers(-40, 40) for n in density.shape]
        fixed = density[tuple(slice(a, a + SIDE) for a in low)]
        axis = r.normal(size=3); axis /= np.linalg.norm(axis)
        R = rotation(np.deg2rad(r.uniform(2, 10)) * axis)
        shift = r.normal(size=3); shift *= r.uniform(1, 6) / np.linalg.norm(shift)
        c = np.full(3, SIDE / 2)
        # fixed point p (x, y, z) is seen at moving point q = R (p - c) + c + shift
        M = np.eye(4); M[:3, :3] = R; M[:3, 3] = c + shift - R @ c
        back = np.linalg.inv(M)[::1]
        P = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]])  # xyz <-> zyx
        A = P @ back[:3, :3] @ P
        b = P @ back[:3, 3]
        # voxel index i has its centre at i + 0.5, and the fixed box starts at `low`
        offset = A @ np.full(3, 0.5) + b - 0.5 + np.array(low)
        turned = affine_transform(density, A, offset=offset, output_shape=(SIDE,) * 3, order=3, mode="reflect")
        moving = np.sin(4.5 * turned) + 0.3 * turned**2 + 0.1 * r.normal(size=turned.shape)
        fixed = fixed + 0.05 * r.normal(size=fixed.shape)
        pair = f"{name}{seed}"
        fixed.astype("<f4").tofile(f"{out}/{pair}_fixed.raw")
        moving.astype("<f4").tofile(f"{out}/{pair}_moving.raw")
        pairs.append({"name": pair, "shape": [SIDE] * 3, "matrix": M.tolist()})
    json.dump(pairs, open(f"{out}/pairs.json", "w"), indent=1)


def peer_error(out, pair, peer):
    """Aligns one pair by SimpleITK: root mean square error in voxels over corners, middle and faces, and seconds."""
    import SimpleITK as sitk
    paths = []
    for side in ("fixed", "moving"):
        a = np.fromfile(f"{out}/{pair['name']}_{side}.raw", "<f4").reshape(pair["shape"])
        image = sitk.GetImageFromArray(a); image.SetOrigin((0.5,) * 3)
        paths.append(f"{out}/{pair['name']}_{side}.mha"); sitk.WriteImage(image, paths[-1])
    result = json.loads(subprocess.run([sys.executable, peer, *paths], capture_output=True, text=True).stdout)
    t = sitk.Euler3DTransform(); t.SetCenter(result["center"]); t.SetParameters(result["euler"])
    M = np.array(pair["matrix"])
    grid = [SIDE / 2 * np.array(p, float) for p in np.ndindex(3, 3, 3) if p.count(1) != 1]
    errors = [np.linalg.norm(np.array(t.TransformPoint(p)) - (M[:3, :3] @ p + M[:3, 3])) for p in grid]
    return float(np.sqrt(np.mean(np.square(errors)))), result["seconds"]


def own_error(out, pair, bench):
    """The same by this package; seconds of the alignment alone, as the peer's."""
    line = subprocess.run([bench, "pairs", out, pair["name"]], capture_output=True, text=True).stdout.split("\n")[0]
    found = re.search(r"error (\S+) expected (\S+) seconds (\S+)", line)
    return (float(found[1]), float(found[3])) if found else (float("inf"), float("nan"))


def beside(out, peer, bench):
    """Both in turn, so that a machine that grows slower does so for both."""
    pairs = json.load(open(f"{out}/pairs.json"))
    ours, theirs = [], []
    for index, pair in enumerate(pairs):
        runs = [(ours, own_error, bench), (theirs, peer_error, peer)]
        for results, run, program in runs if index % 2 == 0 else runs[::-1]:
            results.append(run(out, pair, program))
        print(f"{pair['name']}: error {ours[-1][0]:.4f} in {ours[-1][1]:.2f} s, "
              f"SimpleITK {theirs[-1][0]:.4f} in {theirs[-1][1]:.2f} s", flush=True)

    def shown(results):
        return (f"{sum(e < 0.2 for e, _ in results)} of {len(results)}, errors {min(results)[0]:.4f} to "
                f"{max(results)[0]:.4f}, {np.median([t for _, t in results]):.2f} s")

    ratio = np.median([b / a for (_, a), (_, b) in zip(ours, theirs)])
    print(f"| pairs of {SIDE}^3 voxels in two contrasts: error below 0.2 voxel, median seconds | {shown(ours)} "
          f"| {shown(theirs)} | {ratio:.2f} times faster |")


if __name__ == "__main__":
    {"make": make, "beside": beside}[sys.argv[1]](*sys.argv[2:])
