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
          + "`export.json` lists what is here.\n\nNeeds the Python package `voxelith`, pandas, xarray and matplotlib."
      ),
      (
        "code",
        """
        import json
        from pathlib import Path

        import matplotlib.pyplot as plt
        import numpy as np
        import pandas as pd
        import voxelith

        export = json.loads(Path("export.json").read_text())
        volumes = {
            v["name"]: voxelith.Volume(voxelith.read(v["npy"]), v["voxel_size_um"], v["origin_um"])
            for v in export["volumes"] if v["npy"]
        }
        pd.DataFrame(export["volumes"])
        """
      ),
      ("markdown", "## Middle slices"),
      (
        "code",
        """
        shown = {name: volume for name, volume in volumes.items() if np.isfinite(volume).any()}
        shown = dict(list(shown.items())[:6])
        columns = max(1, min(3, len(shown)))
        rows = max(1, -(-len(shown) // columns))
        fig, axes = plt.subplots(rows, columns, figsize=(3.6 * columns, 3.2 * rows), squeeze=False)
        for axis in axes.flat[len(shown):]:
            axis.remove()
        for axis, (name, volume) in zip(axes.flat, shown.items()):
            # The coordinates are centres of voxels in µm.
            middle = volume.to_xarray(name)[volume.shape[0] // 2]
            middle.plot.imshow(ax=axis, robust=True, yincrease=False)
            axis.set_aspect("equal")
            axis.set_title(name)
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
            for name, v in ((name, np.asarray(volume, float)) for name, volume in volumes.items())
            if np.isfinite(v).any()
        }).T
        """
      ),
      (
        "markdown",
        "## Depth profile and relations\n\nNeighbouring voxels are alike, so that the usual p values are far too small. "
          + "`voxelith.correlate` allows for that, in the intervals too."
      ),
      (
        "code",
        """
        if export["table"]:
            voxels = pd.read_csv(export["table"])
            depth, names = voxels.columns[0], list(voxels.columns[3:])
            profile = voxels.groupby(depth)[names].mean()
            profile.plot(subplots=True, figsize=(6, 1.8 * len(names)), marker="o", markersize=3)
            plt.tight_layout()
            # Errors are no quantities to relate, and what does not vary has no relation.
            fields = {
                name: volumes[name] for name in names
                if name in volumes and not name.endswith("sigma") and np.nanstd(volumes[name]) > 0
            }
            pairs = [(a, b) for i, a in enumerate(fields) for b in list(fields)[i + 1:]][:10]
            if pairs:
                try:
                    display(voxelith.correlate(fields, pairs=pairs, replicates=200).to_pandas())
                except voxelith.DataError as error:
                    print(error)
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
        "## Original volumes\n\nThe voxel size comes from the file:\n\n```python\n"
          + "li = voxelith.read('li.tif')\nli.voxel_size, li.to_xarray()\n```"
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
