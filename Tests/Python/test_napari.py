"""Reader and widget of napari, without a screen. Skipped where napari is not installed."""

from __future__ import annotations

import os
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

    def test_widget(self) -> None:
        # The model of the viewer does without OpenGL, which machines without a screen often lack.
        viewer = ViewerModel()
        self.application = QApplication.instance() or QApplication([])
        widget = _napari.LithiumWidget(viewer)
        widget.spectra.value = self.twin.path("xcs.nxs")
        widget.standards.value = self.twin.standards
        widget.button.changed.emit(True)
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


if __name__ == "__main__":
    unittest.main()
