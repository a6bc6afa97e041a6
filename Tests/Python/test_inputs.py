"""What users hand over: any array that has real numbers, and an error that says what is wrong with all else."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import tempfile
import unittest
import warnings
from typing import Any

import numpy as np
import voxelith
from support import TwinCase
from voxelith.lithium import phases_first


class Tensor:
    """What other libraries have: numpy may ask it for an array."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.array if dtype is None else self.array.astype(dtype)


class Capsule:
    """One that only speaks DLPack."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __dlpack__(self, **how: Any) -> Any:
        return self.array.__dlpack__(**how)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()


class Refusing:
    """A tensor that must not leave its device."""

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise RuntimeError("tensor requires grad")


GREY = np.random.default_rng(0).random((12, 14, 16)).astype(np.float32)


def directions(array: Any, **settings: Any) -> np.ndarray:
    return voxelith.orient(array, sigma=1, rho=2, **{"voxel_size": 1.0, **settings}).direction


def in_child(queue: Any) -> None:
    try:
        queue.put(directions(GREY).shape)
    except voxelith.VoxelithError as error:
        queue.put(str(error))


class Inputs(unittest.TestCase):
    def fails(self, text: str, work: Any, kind: type = voxelith.UsageError) -> None:
        with self.assertRaises(kind) as caught:
            work()
        self.assertIn(text, str(caught.exception))

    def test_arrays_of_every_layout(self) -> None:
        wanted = directions(GREY)
        fixed = GREY.copy()
        fixed.flags.writeable = False
        shifted = np.frombuffer(b"x" + GREY.tobytes(), np.uint8)[1:].view(np.float32).reshape(GREY.shape)
        self.assertFalse(shifted.flags.aligned)
        for array in (
            np.asfortranarray(GREY), GREY.astype(">f4"), fixed, shifted, np.repeat(GREY, 2, axis=2)[:, :, ::2],
            Tensor(GREY), Capsule(GREY), np.ma.array(GREY), GREY.tolist(), voxelith.Volume(GREY), np.memmap(
                self.stored(), np.float32, "r", shape=GREY.shape),
        ):
            np.testing.assert_array_equal(directions(array), wanted)
        # float32 in C order is itself, all else a copy.
        self.assertIs(voxelith._arrays.Inputs.plain("a", GREY), GREY)

    def stored(self) -> str:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        GREY.tofile(os.path.join(folder.name, "grey.raw"))
        return os.path.join(folder.name, "grey.raw")

    def test_types(self) -> None:
        for kind in "?bBhHiIlLefd":
            self.assertEqual(directions((GREY * 100).astype(kind)).shape, (12, 14, 16, 3), kind)
        for kind in (complex, object, np.longdouble, "U3", "M8[s]", "m8[s]"):
            values = np.zeros((4, 4, 4), int).astype(kind)
            self.fails("not of real numbers", lambda v=values: directions(v))
        for value, text in (
            (None, "is missing"), (5, "0 axes"), (GREY[0], "2 axes where z, y, x"), (GREY[None, None], "5 axes"),
            (GREY[:0], "holds nothing"), (Refusing(), "requires grad"), ({}, "not of real numbers"),
        ):
            self.fails(text, lambda v=value: directions(v), voxelith.VoxelithError)

    def test_missing_values(self) -> None:
        """NaN and masked values are missing; whole numbers cannot be."""
        hole = GREY.copy()
        hole[5, 6, 7] = np.nan
        masked = np.ma.array(GREY.copy(), mask=np.isnan(hole))
        np.testing.assert_array_equal(directions(masked), directions(hole))
        self.assertTrue(np.isnan(directions(np.full_like(GREY, np.nan))).all())
        self.fails("has masked values", lambda: directions(np.ma.masked_less((GREY * 9).astype(int), 3)))

    def test_masks_of_every_type(self) -> None:
        mask = np.zeros(GREY.shape, bool)
        mask[:, 3:9] = True
        wanted = directions(GREY, mask=mask)
        self.assertTrue(np.isnan(wanted[~mask]).all())
        for kind in "bBhHiIlLefd":
            np.testing.assert_array_equal(directions(GREY, mask=mask.astype(kind)), wanted)
        with self.assertRaises(voxelith.DataError) as caught:
            directions(GREY, mask=mask[:3])
        # The array is called by its name, not by the file that it was for a moment.
        self.assertTrue(str(caught.exception).startswith("mask.tif:"), str(caught.exception))

    def test_numbers(self) -> None:
        for size in (0, -1, (0, 0, 0), (1, 1), (1, 2, np.nan), np.inf, "a", [1] * 4, 1e300):
            self.fails("voxel_size", lambda s=size: directions(GREY, voxel_size=s))
        self.fails("origin", lambda: directions(GREY, origin=np.nan))
        for name in ("threads", "memory"):
            for number in (0, -1, 1.5, "2", True, 10**30):
                self.fails(name, lambda n=number: directions(GREY, **{name: n}))
        directions(GREY, threads=np.int64(2), memory=np.int64(1 << 26))
        self.fails("sigma_voxels: the value is not a finite", lambda: voxelith.orient(GREY, sigma=np.float32("nan")))
        self.fails("cannot be of type object", lambda: voxelith.orient(GREY, sigma=object()))
        self.fails("wrong kind", lambda: voxelith.orient(GREY, sigma="1"))

    def test_paths(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            odd = os.fsencode(folder) + b"/\xff\xfe.tif"
            voxelith.write(os.path.join(folder, "a.tif"), GREY, voxel_size=2)
            os.rename(os.path.join(folder, "a.tif"), odd)
            opened = len(os.listdir("/proc/self/fd"))
            for path in (odd, os.fsdecode(odd)):
                np.testing.assert_array_equal(voxelith.read(path).data, GREY)
            self.assertEqual(len(os.listdir("/proc/self/fd")), opened)
            self.fails("is not UTF-8", lambda: voxelith.write(os.fsencode(folder) + b"/\xfe.tif", GREY))
            self.fails("is not UTF-8", lambda: directions(GREY, output=os.fsencode(folder) + b"/\xfe"))
            self.fails("is not UTF-8", lambda: voxelith.map(odd, calibration=odd, absorption="\udcff.yaml"))
            directions(GREY, output=os.fsencode(folder) + b"/folder")
            self.assertTrue(os.path.exists(os.path.join(folder, "folder", "orientation.tif")))
        self.fails("is not a path", lambda: voxelith.read("a\0b"))
        self.fails("is not a path", lambda: voxelith.read(3))
        self.fails("is not a path", lambda: voxelith.read(None))
        self.fails("no such file", lambda: voxelith.read("/none-\udcff.tif"), voxelith.MissingError)
        self.fails("is not an array", lambda: voxelith.write("/tmp/none.tif", None))

    def test_results_are_values(self) -> None:
        """Results can be copied, sent to other processes, changed, and held for longer than what they came with."""
        made = voxelith.orient(GREY, sigma=1, rho=2, voxel_size=1)
        for other in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
            np.testing.assert_array_equal(other.direction, made.direction)
            self.assertEqual((other.report, other.voxel_size), (made.report, made.voxel_size))
        part = made.direction[2:4]
        wanted = part.copy()
        del made
        directions(GREY)
        np.testing.assert_array_equal(part, wanted)
        part[:] = 0
        volume = voxelith.Volume(voxelith.Volume(GREY, 2, (1, 2, 3)))
        self.assertEqual((volume.voxel_size, volume.origin), ((2, 2, 2), (1, 2, 3)))
        self.fails("not of real numbers", lambda: voxelith.Volume("a.tif"))
        with self.assertRaises(voxelith.MissingError) as caught:
            voxelith.read("/none.tif")
        again = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((type(again), str(again), again.code), (voxelith.MissingError, str(caught.exception), 66))

    def test_warnings_as_errors(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with self.assertRaises(voxelith.VoxelithWarning):
                voxelith.orient(GREY)
            directions(GREY)

    def test_values_of_a_wrong_kind_are_named(self) -> None:
        plain = {"incident_energy_keV": 100, "scattering_angle_deg": 90, "energy_resolution_keV": 0.5}
        for content, word in (
            ({"standards": 3}, "standards"),
            ({"standards": [1]}, "standards-0"),
            ({"standards": [], "background": [1.0]}, "background"),
            ({"standards": [], "formula": {1, 2}}, "set"),
        ):
            with self.assertRaisesRegex(voxelith.UsageError, word):
                voxelith.Calibration.fit({**plain, **content})
        for content in ({"standards": None}, {"standards": [], "background": None}):
            with self.assertRaises(voxelith.VoxelithError):
                voxelith.Calibration.fit({**plain, **content})
        with self.assertRaisesRegex(voxelith.UsageError, "fields"):
            voxelith.correlate([np.zeros((2, 2, 2))])

    def test_fractions_of_a_volume_have_their_phases_last(self) -> None:
        data = np.arange(120.0).reshape(3, 4, 5, 2)
        turned = phases_first(voxelith.Volume(data, voxel_size=2))
        self.assertEqual(turned.voxel_size, (2.0, 2.0, 2.0))
        np.testing.assert_array_equal(turned.data, np.stack([data[..., 0], data[..., 1]]))
        array = np.zeros((2, 3, 4, 5))
        self.assertIs(phases_first(array), array)

    def test_processes(self) -> None:
        """A process that was forked off says so at once, where it would wait for ever; a new one works."""
        directions(GREY)
        for way, wanted in (("fork", "was forked from"), ("spawn", (12, 14, 16, 3))):
            context = multiprocessing.get_context(way)
            queue = context.Queue()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                child = context.Process(target=in_child, args=(queue,))
                child.start()
            told = queue.get(timeout=60)
            child.join(timeout=60)
            if isinstance(wanted, str):
                self.assertIn(wanted, told)
            else:
                self.assertEqual(told, wanted)


class Spectra(TwinCase):
    def setUp(self) -> None:
        super().setUp()
        self.without_warnings()

    def map(self, counts: Any, energy: Any = None, **settings: Any) -> voxelith.LithiumMap:
        spectra = self.twin.spectra
        return voxelith.map(
            counts, spectra.energy if energy is None else energy, self.calibration,
            **{"live_time": spectra.live_time, "voxel_size": 20, **settings},
        )

    def fails(self, text: str, work: Any) -> None:
        with self.assertRaises(voxelith.VoxelithError) as caught:
            work()
        self.assertIn(text, str(caught.exception))

    def test_wrong_spectra(self) -> None:
        spectra = self.twin.spectra
        counts, energy = spectra.counts, spectra.energy
        self.fails("needs the centres", lambda: voxelith.map(counts, calibration=self.calibration))
        self.fails("neither a Calibration", lambda: voxelith.map(counts, energy))
        self.fails("neither a Calibration", lambda: voxelith.map(counts, energy, {"a": 1}))
        self.fails("counts: are missing", lambda: voxelith.map(None, energy, self.calibration))
        self.fails("3 axes where z, y, x, bin", lambda: self.map(counts[0]))
        for wrong in (energy[::-1], np.full_like(energy, 5), np.full_like(energy, np.nan), energy[:, None] * energy):
            self.fails("", lambda e=wrong: self.map(counts, e))
        for wrong in (energy.astype(complex), ["a"] * len(energy)):
            self.fails("not of real numbers", lambda e=wrong: self.map(counts, e))
        for time in (0, -1, np.nan, np.inf, "long"):
            self.fails("live_time", lambda t=time: self.map(counts, live_time=t))
        self.fails("scattering angles do not fit", lambda: self.map(counts, scattering_angle=np.full((2, 2), 90.0)))
        self.fails("do not fit", lambda: voxelith.Spectra(counts, energy[:5]))

    def test_counts_that_are_none(self) -> None:
        """A voxel with numbers that are no counts has no value, and the others are as they were."""
        counts = self.twin.spectra.counts
        wanted = self.map(counts)
        for value in (np.nan, np.inf, -5.0):
            broken = counts.copy()
            broken[1, 2, 3, 180:190] = value
            made = self.map(broken)
            others = np.ones(made.x.shape, bool)
            others[1, 2, 3] = False
            self.assertNotEqual(made.mask[1, 2, 3], 0, value)
            self.assertTrue(np.isnan(made.x[1, 2, 3]))
            # What the sum says of the instrument may move them by much less than their errors.
            moved = np.abs(made.x - wanted.x)[others] / wanted.sigma[others]
            self.assertLess(np.nanmax(moved), 0.2)
        masked = np.ma.array(counts, mask=False)
        masked[1, 2, 3, 180:190] = np.ma.masked
        self.assertTrue(np.isnan(self.map(masked).x[1, 2, 3]))

    def test_files_that_are_none(self) -> None:
        for content in ("[]", "no", "", '{"a": 1}'):
            with open(self.file("c.json"), "w") as file:
                file.write(content)
            self.fails("c.json", lambda: voxelith.map(self.twin.spectra, calibration=self.file("c.json")))
            self.fails(
                "", lambda: voxelith.map(self.twin.spectra, calibration=voxelith.Calibration.load(self.file("c.json")))
            )
            with self.assertRaises(voxelith.DataError):
                voxelith.Transform.load(self.file("c.json"))
        with self.assertRaises(voxelith.MissingError):
            voxelith.Calibration.load(self.file("none.json"))
        with self.assertRaises(voxelith.OutputError):
            self.calibration.save(self.file("none/c.json"))
        self.calibration.save(self.file("d.json"))
        with self.assertRaises(voxelith.OutputError):
            self.calibration.save(self.file("d.json"))
        self.calibration.save(self.file("d.json"), overwrite=True)
        self.assertEqual(sorted(os.listdir(os.path.dirname(self.file("d.json")))), ["c.json", "d.json"])


if __name__ == "__main__":
    unittest.main()
