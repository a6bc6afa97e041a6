"""Reader and widget of napari, without a screen. Skipped where napari is not installed."""

from __future__ import annotations

import os
import time
import unittest

import numpy as np
import voxelith
from support import TwinCase

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
try:
    import napari
    from napari.components import ViewerModel
    from npe2 import PluginManifest
    from qtpy.QtWidgets import QApplication

    from voxelith import _napari
except ImportError:
    napari = None


@unittest.skipUnless(napari, "napari is not installed")
class Napari(TwinCase):
    def setUp(self) -> None:
        super().setUp()
        self.without_warnings()

    def test_manifest(self) -> None:
        """Every command of the manifest is there to be imported."""
        folder = os.path.dirname(voxelith.__file__)
        manifest = PluginManifest.from_file(os.path.join(folder, "napari.yaml"))
        for command in manifest.contributions.commands or []:
            module, name = command.python_name.split(":")
            self.assertEqual(module, "voxelith._napari")
            self.assertTrue(callable(getattr(_napari, name)))

    def layers(self, path: str) -> list:
        take = _napari.reader(path)
        self.assertIsNotNone(take)
        viewer = ViewerModel()
        for data, told, kind in take(path):
            getattr(viewer, f"add_{kind}")(data, **told)
        return list(viewer.layers)

    def test_reader(self) -> None:
        """Spectra, volumes, labels and the folder of a map stand in um at their places."""
        (spectra,) = self.layers(self.twin.path("xcs.nxs"))
        np.testing.assert_allclose(spectra.scale, 20)
        np.testing.assert_allclose(spectra.translate, 10)
        self.assertEqual({str(u) for u in spectra.units}, {"micrometer"})
        np.testing.assert_allclose(spectra.data, self.twin.spectra.counts.sum(3))
        self.assertEqual(spectra.metadata["voxelith"].counts.shape, (4, 6, 6, 400))
        (grey,) = self.layers(self.twin.path("xct.tif"))
        np.testing.assert_allclose(grey.scale, 5)
        # Corners of both meet: -2.5 um from the first centre of the one, -10 um from that of the other.
        np.testing.assert_allclose(grey.translate - grey.scale / 2, spectra.translate - spectra.scale / 2)
        (labels,) = self.layers(self.twin.path("labels.tif"))
        self.assertEqual(type(labels).__name__, "Labels")
        made = voxelith.map(self.twin.spectra, calibration=self.calibration, output=self.file("map"))
        sigma, lithium = self.layers(self.file("map"))
        self.assertEqual((sigma.name, lithium.name), ("li_sigma", "li"))
        np.testing.assert_array_equal(lithium.data, made.x)
        self.assertIsNone(_napari.reader(__file__))
        self.assertIsNone(_napari.reader("/none.nxs"))

    def widget(self) -> tuple:
        # The model of the viewer does without OpenGL, which machines without a screen often lack.
        viewer = ViewerModel()
        self.application = QApplication.instance() or QApplication([])
        widget = _napari.LithiumWidget(viewer)
        widget.standards.value = self.twin.standards
        return viewer, widget

    def wait(self, widget: _napari.LithiumWidget) -> None:
        for _ in range(6000):
            self.application.processEvents()
            if widget._worker is None:
                return
            time.sleep(0.01)
        self.fail("the worker did not end")

    def test_widget(self) -> None:
        viewer, widget = self.widget()
        widget.spectra.value = self.twin.path("xcs.nxs")
        steps = []
        widget._told.progress.connect(lambda stage, done, total: steps.append((done, total)))
        widget.button.changed.emit(True)
        self.assertEqual(widget.button.text, "Stop")
        self.wait(widget)
        self.assertEqual(widget.button.text, "Fit")
        self.assertTrue(steps)
        self.assertEqual([layer.name for layer in viewer.layers], ["sigma(x)", "x"])
        made = voxelith.map(self.twin.path("xcs.nxs"), calibration=self.calibration)
        shown = made.mask == 0
        np.testing.assert_array_equal(viewer.layers["x"].data[shown], made.x[shown])
        np.testing.assert_array_equal(viewer.layers["sigma(x)"].data[shown], made.sigma[shown])
        self.assertTrue(np.isnan(viewer.layers["x"].data[~shown]).all())
        np.testing.assert_allclose(viewer.layers["x"].scale, 20)
        self.assertIn(f"x = {made.mean_x:.4f}", widget.answer.value)
        widget.method.value = "s-parameter"
        widget.fit()
        self.assertEqual(len(viewer.layers), 2)
        widget.standards.value = self.file("none.yaml")
        self.assertIsNone(widget.fit())
        self.assertIn("none.yaml", widget.answer.value)
        widget.button.changed.emit(True)
        self.wait(widget)
        self.assertIn("none.yaml", widget.answer.value)

    def test_widget_says_how_spectra_were_measured(self) -> None:
        """What the fields say goes above the file; spectra may be those of a layer."""
        viewer, widget = self.widget()
        self.assertIsNone(widget.fit())
        self.assertIn("open one as a layer", widget.answer.value)
        for data, told, _ in _napari.reader(self.twin.path("xcs.nxs"))(self.twin.path("xcs.nxs")):
            viewer.layers.selection.active = viewer.add_image(data, **told)
        widget.live_time.value = "1234"
        widget.voxel_size.value = "4, 3, 2"
        found = widget.fit()
        made = voxelith.map(self.twin.spectra, calibration=self.calibration, live_time=1234, voxel_size=(4, 3, 2))
        np.testing.assert_array_equal(found.x, made.x)
        np.testing.assert_allclose(viewer.layers["x"].scale, (4, 3, 2))
        for field, text in ((widget.live_time, "long"), (widget.voxel_size, "1 2"), (widget.scattering_angle, "x")):
            before, field.value = field.value, text
            self.assertIsNone(widget.fit())
            self.assertRegex(widget.answer.value, "is not a number|give one number")
            field.value = before

    def test_widget_stops(self) -> None:
        viewer, widget = self.widget()
        widget.spectra.value = self.twin.path("xcs.nxs")
        widget.button.changed.emit(True)
        widget.button.changed.emit(True)
        self.wait(widget)
        # The work may have ended before it was asked; it never ends with half of the layers.
        self.assertIn(len(viewer.layers), (0, 2))
        self.assertIn("stopped" if not viewer.layers else "x =", widget.answer.value)

    def test_spectrum_under_the_cursor(self) -> None:
        viewer, _ = self.widget()
        path = self.twin.path("xcs.nxs")
        plot = _napari.SpectrumWidget(viewer)
        plot.grab()
        plot.show_at((30.0, 50.0, 90.0))
        self.assertIsNone(plot.voxel)
        for data, told, _kind in _napari.reader(path)(path):
            viewer.add_image(data, **told)
        # Voxels of 20 um: the centre of voxel 1, 2, 4 lies at 30, 50, 90 um.
        plot.show_at((30.0, 50.0, 90.0))
        self.assertEqual(plot.voxel, (1, 2, 4))
        np.testing.assert_array_equal(plot.counts, self.twin.spectra.counts[1, 2, 4])
        np.testing.assert_array_equal(plot.energy, self.twin.spectra.energy)
        viewer.cursor.position = (10.0, 10.0, 10.0)
        for moved in viewer.mouse_move_callbacks:
            moved(viewer, None)
        self.assertEqual(plot.voxel, (0, 0, 0))
        plot.show_at((-500.0, 0.0, 0.0))
        self.assertEqual(plot.voxel, (0, 0, 0))
        plot.resize(400, 200)
        drawn = plot.grab().toImage()
        self.assertGreater(len({drawn.pixel(x, y) for x in range(20, 380, 3) for y in range(30, 170, 3)}), 1)


if __name__ == "__main__":
    unittest.main()
