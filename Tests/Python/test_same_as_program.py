"""Arrays in give the numbers and reports that the commands write."""

from __future__ import annotations

import json

import numpy as np
import voxelith
from support import TwinCase, program


class SameAsProgram(TwinCase):
    def same(self, array: np.ndarray, path: str) -> None:
        written = voxelith.read(path).data
        self.assertEqual(array.dtype, written.dtype)
        self.assertEqual(array.tobytes(), written.tobytes())

    def bytes_of(self, path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()

    def test_calibration(self) -> None:
        program("calibrate", self.twin.standards, "-o", self.file("cal.json"))
        self.calibration.save(self.file("own.json"))
        self.assertEqual(self.bytes_of(self.file("own.json")), self.bytes_of(self.file("cal.json")))

    def test_calibration_of_arrays(self) -> None:
        """Standards as arrays are those of their files."""
        import csv

        def counts(x: float) -> tuple[list[float], list[float]]:
            name = next(s["name"] for s in self.calibration.report["standards"] if s["x"] == x)
            with open(self.twin.path(name), newline="") as file:
                rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")][1:]
            return [float(row[0]) for row in rows], [float(row[1]) for row in rows]

        levels = [s["x"] for s in self.calibration.report["standards"]]
        energy = counts(levels[0])[0]
        content = {
            "incident_energy_keV": 115.6,
            "scattering_angle_deg": 90,
            "energy_resolution_keV": 0.8,
            "formula": "LixNi0.8Mn0.1Co0.1O2",
            "standards": [
                {"x": x, "counts": np.array(counts(x)[1]), "live_time_s": 240000} for x in levels
            ],
        }
        made = voxelith.Calibration.fit(content, energy)
        self.assertEqual(made.x_range, (0, 1))
        fitted = [s["fitted_x"] for s in made.report["standards"]]
        self.assertLess(np.abs(np.array(fitted) - levels).max(), 0.05)

    def test_map(self) -> None:
        """Counts of every type that holds them give the bytes of li.tif, with fractions and without."""
        self.calibration.save(self.file("cal.json"))
        program(
            "map", self.twin.path("xcs.nxs"), "-c", self.file("cal.json"), "-o", self.file("map")
        )
        spectra = self.twin.spectra
        # Gaps in memory and another byte order are copied, all others lent.
        counts = [spectra.counts.astype(t) for t in ("float32", "float64", "uint32", "int64", ">f4")]
        counts.append(np.asfortranarray(spectra.counts))
        for own in counts:
            made = voxelith.map(
                own,
                spectra.energy,
                self.calibration,
                live_time=spectra.live_time,
                incident_energy=spectra.incident_energy,
                scattering_angle=spectra.scattering_angle,
                voxel_size=spectra.voxel_size,
            )
            for name in ("li", "li_sigma", "intensity", "ratio", "deviance", "mask"):
                self.same(made.arrays[name], self.file(f"map/{name}.tif"))
            self.assertIs(made.arrays["li"], made.x)
            with open(self.file("map/map.json")) as file:
                self.assertEqual(made.report, json.load(file))

    def test_map_with_fractions_and_folder(self) -> None:
        self.calibration.save(self.file("cal.json"))
        fractions = self.twin.true_fractions
        program(
            *("map", self.twin.path("xcs.nxs"), "-c", self.file("cal.json"), "-o", self.file("map")),
            *("--fractions", self.twin.path("truth/fractions.tif"), "--fraction-sigma", "0.01"),
        )
        made = voxelith.map(
            self.twin.spectra,
            calibration=self.file("cal.json"),
            fractions=np.moveaxis(fractions.data, 3, 0),
            fraction_sigma=0.01,
            output=self.file("kept"),
        )
        self.same(made.x, self.file("map/li.tif"))
        self.same(made.sigma, self.file("map/li_sigma.tif"))
        self.assertEqual(self.bytes_of(self.file("kept/li.tif")), self.bytes_of(self.file("map/li.tif")))
        with open(self.file("kept/provenance.json")) as file:
            self.assertEqual(json.load(file)["command"], ["libvoxelith", "map"])
        with self.assertRaises(voxelith.OutputError):
            voxelith.map(self.twin.spectra, calibration=self.calibration, output=self.file("kept"))

    def test_exposures(self) -> None:
        """Exposures of one scan as files, as spectra and as arrays give the bytes of the command with all of them."""
        self.without_warnings()
        self.calibration.save(self.file("cal.json"))
        whole = self.twin.spectra
        first = np.random.default_rng(3).binomial(whole.counts.astype(np.int64), 0.25)
        parts = [
            voxelith.Spectra(
                counts.astype(np.float32), whole.energy, live_time=whole.live_time * share,
                incident_energy=whole.incident_energy, scattering_angle=whole.scattering_angle,
                energy_resolution=whole.energy_resolution, voxel_size=whole.voxel_size,
            )
            for counts, share in ((first, 0.25), (whole.counts - first, 0.75))
        ]
        paths = [self.file("morning.nxs"), self.file("evening.nxs")]
        for path, part in zip(paths, parts):
            voxelith.write(path, part)
        program("map", *paths, "-c", self.file("cal.json"), "-o", self.file("map"))
        with open(self.file("map/map.json")) as file:
            written = json.load(file)
        settings = {"calibration": self.calibration}
        measured = {
            "incident_energy": whole.incident_energy, "scattering_angle": whole.scattering_angle,
            "voxel_size": whole.voxel_size,
        }
        times = [part.live_time for part in parts]
        arrays = tuple(part.counts for part in parts)
        for made in (
            voxelith.map(paths, **settings),
            voxelith.map(parts, **settings),
            voxelith.map(arrays, whole.energy, live_time=times, **settings, **measured),
        ):
            for name in ("li", "li_sigma", "intensity", "deviance", "mask"):
                self.same(made.arrays[name], self.file(f"map/{name}.tif"))
            self.assertEqual(made.exposures["verdict"], written["exposures"]["verdict"])
            self.assertEqual([each["live_time_s"] for each in made.exposures["files"]], times)
        self.assertEqual(voxelith.map(paths, **settings).report, written)
        # All counts at once are the same counts.
        np.testing.assert_array_equal(voxelith.map(whole, **settings).x, made.x)
        self.assertIsNone(voxelith.map(whole, **settings).exposures)
        # One time holds for each of several files without any.
        for path, part in zip(paths, parts):
            part.live_time = None
            voxelith.write(path, part, overwrite=True)
        program("map", *paths, "-c", self.file("cal.json"), "-o", self.file("same"), "--live-time", "100")
        for exposures in (paths, parts):
            self.same(voxelith.map(exposures, live_time=100, **settings).x, self.file("same/li.tif"))
        other = voxelith.Spectra(whole.counts, whole.energy, live_time=1.0, scattering_angle=80.0)
        for text, exposures, told in [
            ("2 exposures", arrays, {"live_time": [1.0, 2.0, 3.0]}),
            ("some exposures are files and some arrays", [paths[0], parts[1]], {}),
            ("files tell the live time", paths, {"live_time": [1.0, 2.0]}),
            ("is given twice", [paths[0], paths[0]], {}),
            ("was measured otherwise", [parts[0], other], {}),
            ("centres of its bins", arrays, {"live_time": times}),
        ]:
            with self.assertRaises(voxelith.VoxelithError) as caught:
                voxelith.map(exposures, **settings, **told)
            self.assertIn(text, str(caught.exception))

    def test_methods_and_denoising(self) -> None:
        self.calibration.save(self.file("cal.json"))
        for index, (options, settings) in enumerate(
            [
                (["--method", "s-parameter"], {"method": "s-parameter"}),
                (["--bin-to-sigma", "0.05"], {"bin_to_sigma": 0.05}),
                (["--denoise", "auto"], {"denoise": "auto"}),
            ]
        ):
            folder = self.file(f"map{index}")
            program("map", self.twin.path("xcs.nxs"), "-c", self.file("cal.json"), "-o", folder, *options)
            made = voxelith.map(self.twin.spectra, calibration=self.calibration, **settings)
            self.same(made.x, folder + "/li.tif")
            if "resolution" in made.arrays:
                self.same(made.arrays["resolution"], folder + "/resolution.tif")

    def test_segment(self) -> None:
        xct = self.twin.xct
        mask = np.zeros(xct.shape, bool)
        mask[:, 2:20, 2:20] = True
        voxelith.write(self.file("mask.tif"), mask)
        program(
            *("segment", self.twin.path("xct.tif"), "-o", self.file("l/labels.tif"), "--classes", "3"),
            *("--mask", self.file("mask.tif")),
        )
        made = voxelith.segment(xct, classes=3, mask=mask)
        self.same(made.labels, self.file("l/labels.tif"))
        self.assertEqual(len(made.thresholds), 2)
        self.assertEqual(set(np.unique(made.labels[~mask])), {255})

    def test_orient(self) -> None:
        program("orient", self.twin.path("xct.tif"), "-o", self.file("o"), "--shape", "--stride", "2")
        made = voxelith.orient(self.twin.xct, sigma=1.5, rho=4.0, shape=True, stride=2)
        self.assertEqual(made.direction.shape, (8, 12, 12, 3))
        self.same(made.direction, self.file("o/orientation.tif"))
        self.same(made.arrays["planarity"], self.file("o/planarity.tif"))
        # Components are x, y, z, and the pores of the twin run along z.
        self.assertGreater(np.nanmean(np.abs(made.direction[..., 2])), 0.8)
        self.assertEqual(voxelith.orient(self.twin.xct, sigma=1.5, rho=4.0).direction.shape, (16, 24, 24, 3))

    def test_pores_and_transport(self) -> None:
        labels = self.twin.path("labels.tif")
        program("pores", labels, "--phase", "0", "-o", self.file("p"))
        program("transport", labels, "--phase", "0", "-o", self.file("t.json"), "--tensor")
        made = voxelith.pores(self.twin.labels, phase=0)
        self.same(made.thickness, self.file("p/thickness.tif"))
        with open(self.file("p/pores.json")) as file:
            self.assertEqual(made.report, json.load(file))
        self.assertAlmostEqual(made.porosity, float((self.twin.labels.data == 0).mean()))
        solved = voxelith.transport(self.twin.labels, phase=0, tensor=True)
        with open(self.file("t.json")) as file:
            written = json.load(file)
        self.assertEqual(solved.report["axes"], written["axes"])
        self.assertEqual(solved.report["tensor"], written["tensor"])
        open_box = voxelith.transport(np.zeros((4, 5, 6), np.uint8), voxel_size=1, axes="z", flux=True)
        self.assertAlmostEqual(open_box.tortuosity_factor["z"], 1, places=6)
        np.testing.assert_allclose(open_box.flux[..., 2], 1, rtol=1e-5)

    def test_resample_and_correlate(self) -> None:
        like = self.twin.path("truth/li.tif")
        program(
            *("resample", self.twin.path("xct.tif"), "--like", like, "-o", self.file("r.tif")),
            *("--interpolation", "area", "-t", self.twin.path("truth/transform.json")),
        )
        transform = voxelith.Transform.load(self.twin.path("truth/transform.json"))
        made = voxelith.resample(self.twin.xct, like, transform=transform, interpolation="area")
        self.same(made.data, self.file("r.tif"))
        grid = voxelith.resample(
            self.twin.xct, shape=(4, 6, 6), like_voxel_size=20, interpolation="area", transform=transform
        )
        self.assertEqual(grid.data.tobytes(), made.data.tobytes())
        program(
            *("correlate", f"lithium={like}", f"grey={self.file('r.tif')}@um", "-o", self.file("c")),
            *("--no-figures", "--seed", "7"),
        )
        found = voxelith.correlate(
            {"lithium": self.twin.true_x, "grey": made}, units={"grey": "um"}, seed=7
        )
        with open(self.file("c/correlation.json")) as file:
            written = json.load(file)
        # The order of the pairs is that of the names here, and of the arguments there.
        self.assertEqual(found.relations[0]["pearson"]["coefficient"]["value"],
                         written["relations"][0]["pearson"]["coefficient"]["value"])

    def test_register(self) -> None:
        rng = np.random.default_rng(1)
        from_spectrum = np.fft.rfftn(rng.normal(size=(48, 48, 48)))
        k = np.sqrt(sum(f**2 for f in np.meshgrid(*[np.fft.fftfreq(48)] * 2, np.fft.rfftfreq(48), indexing="ij")))
        field = np.fft.irfftn(from_spectrum * np.exp(-((k / 0.06) ** 2)), s=(48, 48, 48), axes=(0, 1, 2)).astype(np.float32)
        fixed = field[8:40, 8:40, 8:40]
        found = voxelith.register(
            field, fixed, moving_voxel_size=2, fixed_voxel_size=2, maximum_angle_deg=2, error_map=True
        )
        np.testing.assert_allclose(found.matrix[:3, 3], 16, atol=0.2)
        np.testing.assert_allclose(found((0, 0, 0)), found.matrix[:3, 3])
        self.assertEqual(found.error_map.shape, (32, 32, 32))
        self.assertLess(found.expected_error, 0.5)
        found.save(self.file("t.json"))
        again = voxelith.resample(
            field, shape=(32, 32, 32), like_voxel_size=2, voxel_size=2, transform=self.file("t.json")
        )
        self.assertGreater(np.corrcoef(again.data[2:-2, 2:-2, 2:-2].ravel(), fixed[2:-2, 2:-2, 2:-2].ravel())[0, 1], 0.999)

    def test_files(self) -> None:
        """What is written is read back, in every format and with its place."""
        rng = np.random.default_rng(2)
        for kind in ("uint8", "uint16", "float32"):
            data = (rng.random((3, 4, 5)) * 200).astype(kind)
            for ending in ("tif", "mha", "nrrd", "npy", "h5", "zarr"):
                path = self.file(f"{kind}.{ending}")
                voxelith.write(path, data, voxel_size=None if ending == "npy" else (4, 2, 1))
                back = voxelith.read(path)
                self.assertEqual(back.data.tobytes(), data.tobytes(), path)
                if ending != "npy":
                    np.testing.assert_allclose(back.voxel_size, (4, 2, 1), rtol=1e-6)
        spectra = self.twin.spectra
        voxelith.write(self.file("s.nxs"), spectra)
        back = voxelith.read_spectra(self.file("s.nxs"))
        self.assertEqual(back.counts.tobytes(), spectra.counts.tobytes())
        self.assertEqual((back.live_time, back.voxel_size), (spectra.live_time, spectra.voxel_size))
        told = voxelith.inspect(self.file("s.nxs"))
        self.assertTrue(told.is_spectra)
        self.assertEqual((told.shape, told.voxel_size), ((4, 6, 6), (20, 20, 20)))
