"""Errors, warnings, interrupts, threads, memory, and one truth for every setting."""

from __future__ import annotations

import inspect
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
import typing
import unittest
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import voxelith
from support import PROGRAM, TwinCase
from voxelith.settings import SECTIONS, MapArguments, MapSettings


class Interface(TwinCase):
    def test_version_is_that_of_the_program(self) -> None:
        told = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True).stdout.strip()
        self.assertEqual(voxelith.__version__, told)

    def test_every_setting_is_an_argument(self) -> None:
        """The keys here are those of the library, apart from arguments of their own."""
        for (operation, word), (kind, own) in SECTIONS.items():
            sections = {s["word"]: s for s in voxelith.describe(operation)["sections"]}
            keys = {key["name"] for key in sections[word]["keys"]}
            self.assertEqual(set(kind.__annotations__) | own, keys, f"{operation}.{word}")
            self.assertFalse(set(kind.__annotations__) & own)

    def test_hints_can_be_read(self) -> None:
        """Annotations name nothing that is not there."""
        for name in voxelith.__all__:
            value = getattr(voxelith, name)
            if inspect.isfunction(value):
                self.assertIn("return", typing.get_type_hints(value))
            for member in vars(value).values() if inspect.isclass(value) else []:
                member = getattr(member, "__func__", member)
                member = member.fget if isinstance(member, property) else member
                if inspect.isfunction(member):
                    typing.get_type_hints(member)

    def test_every_argument_is_told(self) -> None:
        for name in voxelith.__all__:
            function = getattr(voxelith, name)
            if not inspect.isfunction(function) or name == "describe":
                continue
            told = re.findall(r"^ +((?:\w+)(?:, \w+)*):", function.__doc__ or "", re.M)
            words = {word for names in told for word in names.split(", ")}
            self.assertEqual(set(inspect.signature(function).parameters) - words, set(), name)

    def test_arguments_that_maps_share_are_those_of_map(self) -> None:
        shared = set(MapArguments.__annotations__) - set(MapSettings.__annotations__)
        of_map = set(inspect.signature(voxelith.map).parameters)
        self.assertEqual(of_map - shared, {"counts", "energy", "calibration", "fractions", "guide", "settings"})
        self.assertFalse(shared - of_map)

    def test_the_command_starts_without_numpy(self) -> None:
        code = "import sys, _voxelith_program; sys.exit('numpy' in sys.modules or 'voxelith' in sys.modules)"
        self.assertEqual(subprocess.run([sys.executable, "-c", code]).returncode, 0)

    def test_a_file_that_cannot_hold_a_place(self) -> None:
        """What a format cannot hold is refused where it is asked for, and told where the array brings it along."""
        values = np.zeros((2, 3, 4), np.float32)
        path = self.file("x.npy")
        for told in ({"voxel_size": 2.0}, {"origin": (1.0, 2.0, 3.0)}):
            with self.assertRaisesRegex(voxelith.UsageError, "NumPy file cannot hold"):
                voxelith.write(path, values, **told)
            self.assertFalse(os.path.exists(path))
        with self.assertWarnsRegex(voxelith.VoxelithWarning, "neither voxel size nor origin"):
            voxelith.write(path, voxelith.Volume(values, 2.0))
        for ending in ("tif", "zarr", "h5", "mha", "nrrd"):
            path = self.file("y." + ending)
            voxelith.write(path, values, voxel_size=(3, 2, 1), origin=(10, 20, 30))
            found = voxelith.read(path)
            np.testing.assert_allclose(found.voxel_size, (3, 2, 1))
            np.testing.assert_allclose(found.origin, (10, 20, 30))

    def test_errors(self) -> None:
        spectra = self.twin.spectra
        cases = [
            (voxelith.UsageError, 64, "map has no setting 'metod'", lambda: self.map(metod="profile")),
            (voxelith.UsageError, 64, "method: the value is of the wrong kind", lambda: self.map(method="best")),
            (voxelith.DataError, 65, "400 bins for 5 energies",
             lambda: voxelith.map(spectra.counts, spectra.energy[:5], self.calibration)),
            (voxelith.DataError, 65, "4 axes where z, y, x", lambda: voxelith.orient(spectra.counts)),
            (voxelith.DataError, 65, "holds nothing", lambda: voxelith.orient(np.zeros((0, 3, 3), np.uint8))),
            (voxelith.MissingError, 66, "/none.tif", lambda: voxelith.read("/none.tif")),
            (voxelith.OutputError, 73, "exists already", self.write_twice),
            (voxelith.UsageError, 64, "not of real numbers", lambda: voxelith.orient(np.zeros((3, 3, 3), complex))),
        ]
        for kind, code, text, work in cases:
            with self.assertRaises(kind) as caught:
                work()
            self.assertIn(text, str(caught.exception))
            self.assertEqual(caught.exception.code, code)
        with self.assertRaises(FileNotFoundError):
            voxelith.read("/none.tif")
        with self.assertRaises(ValueError):
            self.map(metod="profile")

    def test_error_text_is_that_of_the_program(self) -> None:
        with open(self.file("bad.tif"), "wb") as file:
            file.write(b"II*\0nonsense")
        told = subprocess.run(
            [PROGRAM, "orient", self.file("bad.tif"), "-o", self.file("o")], capture_output=True, text=True
        )
        with self.assertRaises(voxelith.VoxelithError) as caught:
            voxelith.orient(self.file("bad.tif"))
        self.assertEqual("voxelith: " + str(caught.exception), told.stderr.strip())
        self.assertEqual(caught.exception.code, told.returncode)

    def test_notices_are_warnings_at_the_caller(self) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            voxelith.segment(self.twin.xct.data)
        self.assertEqual([w.category for w in caught], [voxelith.VoxelithWarning])
        self.assertIn("voxel size is not known", str(caught[0].message))
        self.assertEqual(caught[0].filename, __file__)

    def test_threads_at_once_give_the_same(self) -> None:
        alone = self.map()
        with ThreadPoolExecutor(4) as pool:
            for made in pool.map(lambda n: self.map(threads=1 + n % 3), range(12)):
                self.assertEqual(made.x.tobytes(), alone.x.tobytes())
                self.assertEqual(made.report, alone.report)

    def test_lock_is_free_meanwhile(self) -> None:
        """Another thread goes on while the library works."""
        xct = np.random.default_rng(0).random((64, 96, 96), dtype=np.float32)
        beats: list[float] = []
        done = threading.Event()

        def beat() -> None:
            while not done.is_set():
                beats.append(time.perf_counter())
                time.sleep(0.002)

        other = threading.Thread(target=beat)
        other.start()
        start = time.perf_counter()
        voxelith.orient(xct, voxel_size=1, threads=1)
        end = time.perf_counter()
        done.set()
        other.join()
        within = [t for t in beats if start < t < end]
        self.assertGreater(end - start, 0.05)
        self.assertGreater(len(within), 10)

    def test_progress_and_its_errors(self) -> None:
        seen: list[tuple[str, int, int]] = []
        caller = threading.get_ident()

        def tell(stage: str, done: int, total: int) -> None:
            self.assertEqual(threading.get_ident(), caller)
            self.assertTrue(0 <= done <= total)
            seen.append((stage, done, total))

        self.map(progress=tell)
        self.assertTrue(seen)

        def fail(*_: object) -> None:
            raise RuntimeError("enough")

        with self.assertRaisesRegex(RuntimeError, "enough"):
            voxelith.simulate(shape=(64, 96, 96), ratio=8, progress=fail)

    def test_interrupt_stops(self) -> None:
        """Ctrl-C ends long work soon, as KeyboardInterrupt, and leaves nothing behind."""
        code = textwrap.dedent(
            """
            import signal, sys, voxelith
            # A parent that ignores it (a shell in the background) or blocks it (a worker of Dispatch) hands that down.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            print("ready", flush=True)
            try:
                voxelith.simulate(sys.argv[1], shape=(800, 800, 800), ratio=8)
            except KeyboardInterrupt:
                print("stopped", flush=True)
                sys.exit(7)
            """
        )
        child = subprocess.Popen(
            [sys.executable, "-c", code, self.file("twin")], stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(child.kill)
        assert child.stdout is not None
        self.assertEqual(child.stdout.readline(), "ready\n")
        time.sleep(1.5)
        child.send_signal(signal.SIGINT)
        output, _ = child.communicate(timeout=60)
        self.assertEqual((child.returncode, output), (7, "stopped\n"))
        self.assertFalse(os.path.exists(self.file("twin/xct.tif")))

    def test_inputs_are_lent_and_results_outlive(self) -> None:
        """A large input in C order costs no second copy; an array of a result stays when the result goes."""
        code = textwrap.dedent(
            """
            import resource, sys, numpy, voxelith
            spectra = voxelith.read_spectra(sys.argv[1])
            counts = numpy.tile(spectra.counts, (40, 6, 6, 1))
            x = voxelith.map(counts[:4, :6, :6].copy(), spectra.energy, sys.argv[2], live_time=600, voxel_size=20).x
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            made = voxelith.map(
                counts, spectra.energy, sys.argv[2], live_time=600, voxel_size=20, memory=64 << 20, threads=1
            ).x
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) * 1024
            print(counts.nbytes, grown, made.shape, numpy.nanmean(made))
            """
        )
        self.calibration.save(self.file("cal.json"))
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, self.twin.path("xcs.nxs"), self.file("cal.json")],
            capture_output=True, text=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        size, grown = (int(word) for word in done.stdout.split()[:2])
        self.assertGreater(size, 300 << 20)
        self.assertLess(grown, size // 3)

    def test_frames(self) -> None:
        made = self.map()
        try:
            frame = made.to_pandas()
            self.assertEqual(len(frame), made.x.size)
            np.testing.assert_array_equal(frame["li"].to_numpy(), made.x.ravel())
            self.assertEqual(frame["z_um"].iloc[0], 10)
            self.assertEqual(list(voxelith.transport(self.twin.labels, axes="z").to_pandas().index), ["z"])
        except ImportError:
            pass
        try:
            data = made.to_xarray()
            self.assertEqual(data["li"].dims, ("z", "y", "x"))
            self.assertEqual(float(data["x"][1]), 30)
            self.assertEqual(data["intensity"].attrs["units"], "counts")
            self.assertEqual(voxelith.orient(self.twin.xct).to_xarray()["orientation"].shape, (16, 24, 24, 3))
        except ImportError:
            pass

    def map(self, **settings: object) -> voxelith.LithiumMap:
        return voxelith.map(self.twin.spectra, calibration=self.calibration, **settings)  # type: ignore[arg-type]

    def write_twice(self) -> None:
        for _ in range(2):
            voxelith.write(self.file("twice.tif"), np.zeros((2, 2, 2), np.uint8))


if __name__ == "__main__":
    unittest.main()
