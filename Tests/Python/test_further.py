"""Several materials, series, plans and figures: the numbers and bytes of their commands."""

from __future__ import annotations

import json
import os
import shutil

import numpy as np
import voxelith
from support import TwinCase, program


class Further(TwinCase):
    def setUp(self) -> None:
        super().setUp()
        self.without_warnings()
        self.calibration.save(self.file("positive.json"))
        self.calibration.save(self.file("negative.json"))

    def same(self, array: np.ndarray, path: str) -> None:
        written = voxelith.read(path).data
        self.assertEqual(array.dtype, written.dtype)
        self.assertEqual(array.tobytes(), written.tobytes())

    def content(self, path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()

    def report(self, path: str) -> dict:
        return json.loads(self.content(path))

    def test_materials(self) -> None:
        labels = np.zeros((4, 6, 6), np.uint8)
        labels[:2], labels[3] = 1, 2
        voxelith.write(self.file("cell.tif"), labels, voxel_size=20)
        program(
            *("map", self.twin.path("xcs.nxs"), "-o", self.file("map"), "--material-labels", self.file("cell.tif")),
            *("--material", "1:" + self.file("positive.json"), "--material", "2:" + self.file("negative.json")),
        )
        made = voxelith.map_materials(
            self.twin.spectra,
            materials={"negative": (2, self.file("negative.json")), "positive": (1, self.calibration)},
            labels=labels.astype(np.int64),
        )
        for name in ("li", "li_sigma", "mask", "material", "positive/li", "negative/intensity"):
            self.same(made.arrays[name], self.file(f"map/{name}.tif"))
        self.assertEqual(made.report, self.report(self.file("map/materials.json")))
        self.assertEqual(set(made.mean_x), {"positive", "negative"})
        self.assertTrue(np.isnan(made.x[2]).all())
        np.testing.assert_array_equal(made.x[:2], made.arrays["positive/li"][:2])
        np.testing.assert_array_equal(made.x[3], made.arrays["negative/li"][3])
        for text, materials, given, more in [
            ("has no calibration", {"a": (1, self.calibration)}, labels, {}),
            ("needs a label from 1 to 255", {"a": (300, self.calibration)}, labels, {}),
            ("a name that a folder can have", {"../a": (1, self.calibration)}, labels, {}),
            ("not a pair of label", {"a": self.calibration}, labels, {}),
            ("neither a Calibration nor a file", {"a": (1, 5)}, labels, {}),
            ("denoise: does not go", {"a": (1, self.calibration)}, labels, {"denoise": "auto"}),
            ("the spectra have", {"a": (1, self.calibration)}, labels[:2], {}),
        ]:
            with self.assertRaises(voxelith.VoxelithError) as caught:
                voxelith.map_materials(self.twin.spectra, materials=materials, labels=given, **more)
            self.assertIn(text, str(caught.exception))

    def test_series(self) -> None:
        charged = self.twin.spectra
        discharged = voxelith.simulate(
            shape=(16, 24, 24), ratio=4, counts=2e5, mixture=True, lithium=(0.8, 0.1, 0.02), seed=5
        )
        program(
            *("series", self.twin.path("xcs.nxs"), discharged.path("xcs.nxs"), "-c", self.file("positive.json")),
            *("--at", "0h,1h", "--voltage", "4.2,3.0", "-o", self.file("series")),
        )
        made = voxelith.series(
            [charged, discharged.spectra], calibration=self.calibration, at=[0, 3600], voltage=(4.2, 3.0)
        )
        folders = sorted(entry for entry in os.listdir(self.file("series")) if entry[:3] in ("01-", "02-"))
        for state, folder in zip(made.states, folders):
            for name in state.arrays:
                self.same(state.arrays[name], self.file(f"series/{folder}/{name}.tif"))
        self.same(made.common_mask, self.file("series/common_mask.tif"))
        written = self.report(self.file("series/series.json"))
        for own, theirs in zip(made.report["states"], written["states"]):
            own["state"].pop("name"), own["state"].pop("file"), own["state"].pop("live_time_s", None)
            theirs["state"].pop("name"), theirs["state"].pop("file")
        self.assertEqual(made.report, written)
        self.assertIsNone(made.states[0].since_first)
        self.assertEqual(made.states[1].since_previous.shape, (4, 6, 6))
        # Files, by their names and with a folder that stays.
        again = voxelith.series(
            {"full": self.twin.path("xcs.nxs"), "empty": discharged.path("xcs.nxs")},
            calibration=self.calibration, output=self.file("kept"),
        )
        self.assertEqual([state.name for state in again.states], ["01-full", "02-empty"])
        self.assertEqual(again.states[1].since_first.tobytes(), made.states[1].since_first.tobytes())
        self.assertTrue(os.path.exists(self.file("kept/02-empty/dx_first.tif")))
        try:
            self.assertEqual(list(made.to_pandas()["voltage_V"]), [4.2, 3.0])
        except ImportError:
            pass
        for text, states, more in [
            ("needs two states", [charged], {}),
            ("do not fit together", [charged, charged], {"at": [1]}),
            ("3 numbers do not fit 2 states", [charged, charged], {"live_time": [1, 2, 3]}),
            ("must lie on one grid", [charged, self.less(charged)], {}),
            ("are a list", 5, {}),
            ("was measured otherwise", [charged, self.turned(charged)], {}),
            ("no setting 'metod'", [charged, charged], {"metod": "profile"}),
        ]:
            with self.assertRaises(voxelith.VoxelithError) as caught:
                voxelith.series(states, calibration=self.calibration, **more)
            self.assertIn(text, str(caught.exception))

    @staticmethod
    def less(spectra: voxelith.Spectra) -> voxelith.Spectra:
        return voxelith.Spectra(
            spectra.counts[:3], spectra.energy, live_time=spectra.live_time, incident_energy=spectra.incident_energy,
            scattering_angle=spectra.scattering_angle, voxel_size=spectra.voxel_size,
        )

    @staticmethod
    def turned(spectra: voxelith.Spectra) -> voxelith.Spectra:
        return voxelith.Spectra(
            spectra.counts, spectra.energy, live_time=spectra.live_time, incident_energy=spectra.incident_energy,
            scattering_angle=91.0, voxel_size=spectra.voxel_size,
        )

    def test_diffuse(self) -> None:
        twin = voxelith.simulate(
            shape=(40, 40, 40), ratio=8, counts=1e6, diffusivity_um2_per_s=[4, 2, 2], times_s=[0, 900, 1800, 2700]
        )
        calibration = twin.calibration()
        files = [twin.path("xcs.nxs")] + [twin.path(f"xcs-{index}.nxs") for index in (2, 3, 4)]
        voxelith.series(files, calibration=calibration, at=[0, 900, 1800, 2700], output=self.file("spreading"))
        found = voxelith.diffuse(self.file("spreading"), depth_modes=5, plane_modes=3)
        program(
            *("diffuse", self.file("spreading"), "-o", self.file("diffusion")),
            *("--depth-modes", "5", "--plane-modes", "3"),
        )
        self.assertEqual(found.report, self.report(self.file("diffusion/diffusivity.json")))
        self.assertEqual(found.pulls.shape, (5, 5, 5, 4))
        self.assertEqual(found.model.shape, (5, 5, 5, 4))
        depth = found.values["depth"]
        self.assertTrue(depth["value"] is None or depth["interval_95"][0] < 4 < depth["interval_95"][1])
        self.assertIn(found.verdict, ("described", "not_described"))
        self.assertIn("depth", repr(found))
        with self.assertRaises(voxelith.MissingError):
            voxelith.diffuse(self.file("nothing"))
        with self.assertRaises(voxelith.UsageError):
            voxelith.diffuse(self.file("spreading"), rate_per_h=[0.1])

    def test_plan(self) -> None:
        told = json.loads(
            program("plan", self.file("positive.json"), "--target", "0.02", "--rate", "1500", "--json", "--voxels", "1000")
        )
        made = voxelith.plan(self.calibration, target=0.02, rate=1500, voxels=1000)
        self.assertEqual(made.report, told)
        told = json.loads(
            program(
                *("plan", self.file("positive.json"), "--time", "10m", "--spectra", self.twin.path("xcs.nxs")),
                *("--voxel-size", "10", "--figure", self.file("a.svg"), "--json"),
            )
        )
        made = voxelith.plan(
            self.calibration, self.twin.spectra, time_s=600, voxel_size=10, figure=self.file("b.svg")
        )
        self.assertEqual(made.report, told)
        self.assertEqual(self.content(self.file("a.svg")), self.content(self.file("b.svg")))
        with self.assertRaisesRegex(voxelith.UsageError, "say what is wanted"):
            voxelith.plan(self.calibration)
        with self.assertRaisesRegex(voxelith.UsageError, "give one of both"):
            voxelith.plan(self.calibration, self.twin.spectra, target=0.1, rate=3)
        with self.assertRaisesRegex(voxelith.OutputError, "exists already"):
            voxelith.plan(self.calibration, target=0.1, figure=self.file("b.svg"))

    def test_render(self) -> None:
        """Arrays are drawn as their files are, byte by byte."""
        twin, made = self.twin, voxelith.map(self.twin.spectra, calibration=self.calibration, output=self.file("map"))
        # Arrays have nothing beside them: no report that gives the formula, no standard error.
        x, sigma, xct = (self.file("values/li.tif"), self.file("errors/li_sigma.tif"), twin.path("xct.tif"))
        for path in (x, sigma):
            os.mkdir(os.path.dirname(path))
            shutil.copy(self.file("map/" + os.path.basename(path)), path)
        li, error, grey = made.volume("li"), made.volume("li_sigma"), twin.xct
        labels = twin.path("labels.tif")
        orientation = voxelith.orient(grey, output=self.file("o"), stride=2)
        cases = [
            ("a.png", li, {"label": "x", "dpi": 80}, [x, "--label", "x", "--dpi", "80", "--no-sigma"]),
            ("b.svg", li, {"sigma": error, "axis": "y"}, [x, "--sigma", sigma, "--axis", "y"]),
            ("c.svg", li, {"sigma": error, "fade": True}, [x, "--sigma", sigma, "--fade"]),
            ("d.pdf", [grey, grey], {"columns": 2}, [xct, xct, "--columns", "2"]),
            ("e.svg", li, {"kind": "histogram", "sigma": error}, [x, "--kind", "histogram", "--sigma", sigma]),
            ("f.png", li, {"kind": "density", "file2": error}, [x, "--kind", "density", "--with", sigma]),
            ("g.ply", twin.labels, {"kind": "surface", "phase": 1}, [labels, "--kind", "surface", "--phase", "1"]),
            ("h.png", orientation.volume("orientation"), {"kind": "orientation"},
             [self.file("o/orientation.tif"), "--kind", "orientation"]),
        ]
        for name, volume, settings, options in cases:
            if name == "d.pdf":
                # The command calls panels by their files.
                self.assertIn("2", str(len(voxelith.render(self.file(name), volume, **settings)) and 2))
                self.assertTrue(self.content(self.file(name)).startswith(b"%PDF"))
                continue
            caption = voxelith.render(self.file(name), volume, **settings)
            self.assertTrue(caption)
            program("render", *options, "-o", self.file("c-" + name))
            self.assertEqual(self.content(self.file(name)), self.content(self.file("c-" + name)), name)
        voxelith.render(
            self.file("mixed.svg"),
            [{"file": li, "title": "x"}, {"file": grey, "map": "grey"}, {"file": x, "kind": "histogram"}],
        )
        for text, volumes, settings in [
            ("no kind of panel 'slise'", li, {"kind": "slise"}),
            ("the key 'labl' is not known in a figure", li, {"labl": "x"}),
            ("there are none", [], {}),
            ("array-1", np.zeros((3, 3)), {}),
            ("cannot use level", li, {"level": 1}),
        ]:
            with self.assertRaises(voxelith.VoxelithError) as caught:
                voxelith.render(self.file("z.png"), volumes, **settings)
            self.assertIn(text, str(caught.exception))
            self.assertFalse(os.path.exists(self.file("z.png")))
            self.assertNotIn("/tmp/voxelith-", str(caught.exception))
        with self.assertRaises(voxelith.OutputError):
            voxelith.render(self.file("a.png"), li)
