"""Electrode tortuosity beside an independent sparse solver of the stated equations and beside TauFactor's `ElectrodeSolver`.

electrode.py [PROGRAM]: needs numpy, scipy, tifffile; taufactor where it is there. Prints a table in Markdown.

The stated equations: a unit of current from every face between phase and other voxels, from the collector's face and from the
four sides, to the separator's face, which lies half a voxel before the first layer; R is what this dissipates over the square of
the current, and the tortuosity factor 3 R porosity area / length. TauFactor's lattice differs in three ways, of which each is a closed
form once R is known: the separator lies a whole voxel before the first layer, the current passes half a voxel more between
the middle of a voxel and its surface, and the result is divided by the length and two layers more. The last but one column
solves that lattice, too, so that what remains is TauFactor's own stopping.
"""
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import tifffile
from scipy import ndimage, sparse
from scipy.sparse import csgraph, linalg


def sparse_factor(image, as_taufactor=False):
    """Tortuosity factor of the pores (1) with the separator below index 0 of the first axis."""
    pore = image > 0
    number = np.full(image.shape, -1)
    number[pore] = np.arange(pore.sum())
    pairs, surface = [], np.zeros(pore.sum())
    for axis in range(image.ndim):
        if image.shape[axis] == 1:
            continue
        a, b = np.moveaxis(number, axis, 0)[:-1].ravel(), np.moveaxis(number, axis, 0)[1:].ravel()
        both = (a >= 0) & (b >= 0)
        pairs.append(np.stack([a[both], b[both]]))
        np.add.at(surface, a[(a >= 0) & (b < 0)], 1)
        np.add.at(surface, b[(b >= 0) & (a < 0)], 1)
        sides = [np.moveaxis(number, axis, 0)[-1].ravel()] + ([np.moveaxis(number, axis, 0)[0].ravel()] if axis else [])
        for side in sides:
            np.add.at(surface, side[side >= 0], 1)
    a, b = np.concatenate(pairs, axis=1)
    n = pore.sum()
    links = sparse.coo_matrix((np.ones(a.size), (a, b)), (n, n))
    links = (links + links.T).tocsr()
    first = number[0].ravel()
    first = first[first >= 0]
    _, part = csgraph.connected_components(links)
    keep = np.isin(part, part[first])
    conductance = np.zeros(n)
    conductance[first] = 1 if as_taufactor else 2
    matrix = sparse.diags(np.asarray(links.sum(1)).ravel() + conductance) - links
    matrix, source = matrix.tocsr()[keep][:, keep], surface[keep]
    potential = linalg.spsolve(matrix.tocsc(), source)
    resistance = (source * potential).sum() / source.sum() ** 2
    if as_taufactor:
        resistance += 0.5 / source.sum()
    length = image.shape[0] + (2 if as_taufactor else 0)
    return 3 * resistance * image.mean() * image[0].size / length


def blobs(shape, porosity, sigma, seed):
    field = ndimage.gaussian_filter(np.random.default_rng(seed).random(shape), sigma)
    return (field < np.quantile(field, porosity)).astype(np.uint8)


def waves(shape):
    z, y, x = np.indices(shape)
    return (np.cos(0.61 * z + 0.2) + np.cos(0.73 * y + 0.17 * x) + np.cos(0.53 * x - 0.4 * z) > -0.3).astype(np.uint8)


def program_factor(program, image):
    with tempfile.TemporaryDirectory() as folder:
        volume = image if image.ndim == 3 else image[:, None, :]
        tifffile.imwrite(f"{folder}/labels.tif", volume.astype(np.uint8))
        subprocess.run(
            [program, "transport", f"{folder}/labels.tif", "--phase", "1", "--axes", "z", "--electrode", "--charged-sides",
             "--tolerance", "1e-10", "--voxel-size", "1", "-o", f"{folder}/t.json", "-q"], check=True)
        return json.loads(pathlib.Path(f"{folder}/t.json").read_text())["electrode"]["z"]["tortuosity_factor"]


def taufactor_factor(image):
    try:
        import taufactor
    except ImportError:
        return float("nan")
    with contextlib.redirect_stdout(io.StringIO()):
        solver = taufactor.ElectrodeSolver(image, device="cpu")
        solver.solve(verbose=False, iter_limit=20000)
    return float(np.ravel(solver.tau_e)[0])


def cases():
    dead_end, slot = np.zeros((100, 100), np.uint8), np.zeros((100, 100), np.uint8)
    dead_end[:75, 45:55] = 1
    slot[:, 4:6] = 1
    yield "dead end 100 x 100", dead_end
    yield "slot 100 x 100", slot
    yield "random 100 x 100, porosity 0.7", blobs((100, 100), 0.7, 3, 5)
    yield "random 30^3, porosity 0.5", blobs((30, 30, 30), 0.5, 2, 6)
    yield "waves 20 x 18 x 16", waves((20, 18, 16))


if __name__ == "__main__":
    program = sys.argv[1] if len(sys.argv) > 1 else str(pathlib.Path(__file__).parents[3] / ".build/release/voxelith")
    print("| volume | ours | sparse solver | difference | TauFactor | its lattice, sparse solver | difference |\n|---|---|---|---|---|---|---|")
    for name, image in cases():
        ours, exact = program_factor(program, image), sparse_factor(image)
        peer, lattice = taufactor_factor(image), sparse_factor(image, as_taufactor=True)
        print(f"| {name} | {ours:.8f} | {exact:.8f} | {abs(ours / exact - 1):.0e} | {peer:.5f} | {lattice:.5f} "
              f"| {abs(peer / lattice - 1):.0e} |", flush=True)
