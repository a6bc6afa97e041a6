import Foundation
import Volumetry

/// A Jupyter notebook of format 4.5.
enum Notebook {
  private struct Document: Encodable {
    var cells: [Cell]
    var metadata = Metadata()
    var format = 4
    var minorFormat = 5

    enum CodingKeys: String, CodingKey {
      case cells, metadata
      case format = "nbformat"
      case minorFormat = "nbformat_minor"
    }
  }

  private struct Metadata: Encodable {
    var kernel = ["display_name": "Python 3", "language": "python", "name": "python3"]
    var language = ["name": "python"]

    enum CodingKeys: String, CodingKey {
      case kernel = "kernelspec"
      case language = "language_info"
    }
  }

  private struct Cell: Encodable {
    var kind: String
    var id: String
    var source: String

    enum CodingKeys: String, CodingKey {
      case id, source, metadata, outputs
      case kind = "cell_type"
      case count = "execution_count"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(kind, forKey: .kind)
      try container.encode(id, forKey: .id)
      try container.encode(source, forKey: .source)
      try container.encode([String: String](), forKey: .metadata)
      if kind == "code" {
        try container.encode([String](), forKey: .outputs)
        try container.encodeNil(forKey: .count)
      }
    }
  }

  /// The notebook that opens an export; names come from `export.json`, so none stands in the code.
  static func explore(_ record: NotebookExport.Record) throws(VoxelithError) -> Data {
    let cells: [(String, String)] = [
      (
        "markdown",
        "# Results of Voxelith\n\nArrays are in z, y, x order; lengths are micrometres; a missing value is NaN. "
          + "`export.json` lists what is here.\n\nNeeds `numpy pandas matplotlib`; `tifffile` for the original volumes."
      ),
      (
        "code",
        """
        import json
        from pathlib import Path

        import matplotlib.pyplot as plt
        import numpy as np
        import pandas as pd

        export = json.loads(Path("export.json").read_text())
        volumes = {v["name"]: np.load(v["npy"]) for v in export["volumes"] if v["npy"]}
        sizes = {v["name"]: v["voxel_size_um"] for v in export["volumes"]}
        pd.DataFrame(export["volumes"])
        """
      ),
      ("markdown", "## Middle slices"),
      (
        "code",
        """
        shown = list(volumes)[:6]
        columns = max(1, min(3, len(shown)))
        rows = max(1, -(-len(shown) // columns))
        fig, axes = plt.subplots(rows, columns, figsize=(3.4 * columns, 3.2 * rows), squeeze=False)
        for axis in axes.flat[len(shown):]:
            axis.remove()
        for axis, name in zip(axes.flat, shown):
            volume, size = volumes[name], sizes[name] or [1, 1, 1]
            finite = volume[np.isfinite(volume)]
            low, high = np.quantile(finite, [0.005, 0.995]) if finite.size else (0, 1)
            extent = [0, volume.shape[2] * size[2], volume.shape[1] * size[1], 0]
            image = axis.imshow(volume[len(volume) // 2], cmap="viridis", vmin=low, vmax=high, extent=extent)
            axis.set_title(name)
            axis.set_xlabel("x (µm)" if sizes[name] else "x (voxels)")
            fig.colorbar(image, ax=axis, shrink=0.8)
        fig.tight_layout()
        """
      ),
      ("markdown", "## Statistics"),
      (
        "code",
        """
        pd.DataFrame({
            name: {
                "mean": np.nanmean(v), "standard deviation": np.nanstd(v), "minimum": np.nanmin(v),
                "maximum": np.nanmax(v), "missing": int(np.isnan(v).sum()),
            }
            for name, v in volumes.items() if np.isfinite(v).any()
        }).T
        """
      ),
      ("markdown", "## Depth profile and voxel table"),
      (
        "code",
        """
        if export["table"]:
            voxels = pd.read_csv(export["table"])
            depth, names = voxels.columns[0], list(voxels.columns[3:])
            profile = voxels.groupby(depth)[names].mean()
            profile.plot(subplots=True, figsize=(6, 1.8 * len(names)), marker="o", markersize=3)
            plt.tight_layout()
            display(voxels[names].corr(method="spearman"))
        """
      ),
      ("markdown", "## Results as written"),
      (
        "code",
        """
        results = {path.name: json.loads(path.read_text()) for path in sorted(Path("results").glob("*.json"))}
        for name, result in results.items():
            keys = list(result) if isinstance(result, dict) else [type(result).__name__]
            print(name, keys)
        """
      ),
      (
        "markdown",
        "## Original volumes\n\nWith tifffile the voxel size comes from the file:\n\n```python\nimport tifffile\n"
          + "with tifffile.TiffFile('li.tif') as tif:\n    data, meta = tif.asarray(), tif.imagej_metadata\n```"
      ),
    ]
    let document = Document(
      cells: cells.enumerated().map { Cell(kind: $1.0, id: "cell-\($0)", source: $1.1) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do { return try encoder.encode(document) } catch {
      throw VoxelithError(.internal, "the notebook cannot be written", cause: "\(error)")
    }
  }
}
