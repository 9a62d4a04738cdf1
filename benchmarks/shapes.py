"""Shapes by network: the paper's four mappings and the default preset, on the bunny and on Spot.

    python -m benchmarks.shapes ../shared/data/meshes/bunny.off ../shared/data/meshes/spot.obj

The paper's mappings by its preset (depth 8, uniform points, Adam), shortened to 1,500 steps of 8,192 points as two
cores allow; its own runs are 10,000 steps of 32,768. It reports IoU, mean of four meshes, for none, basic, positional
and Gaussian of 0.864, 0.892, 0.960 and 0.973 at the surface and 0.959, 0.966, 0.987 and 0.988 in the box.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fourierfield.kinds._fit import run_fit
from fourierfield.kinds.shapes._mesh import MeshSignal
from fourierfield.kinds.shapes._surface import box_grid, surface_of
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents

from .table import Row, Table

RESULTS = Path(__file__).parent / "results"
SAMPLES = 128  # of the surface that is asked whether it is closed
MAPPINGS = ("none", "basic", "positional", "gaussian", "default")


def settings_of(mapping: str, steps: int, batch: int) -> FitSettings:
    """The paper's preset, shortened, or the default with nothing chosen by hand."""
    if mapping == "default":
        return FitSettings()
    return FitSettings(preset="paper", encoding=mapping, steps=steps, batch_size=batch)


def watertight(field) -> bool:  # type: ignore[no-untyped-def]
    """Whether the field's surface has no border."""
    vertices, faces = surface_of(field, box_grid(field, SAMPLES))
    return len(faces) > 0 and MeshSignal(vertices, faces).watertight


def run(path: Path, mapping: str, steps: int, batch: int) -> Row:
    """One fit, scored."""
    outcome = run_fit(path, settings_of(mapping, steps, batch), FitEvents(say=lambda line: print(line, flush=True)))
    record = outcome.field.record
    metrics = record["metrics"]
    return {
        "mesh": path.name,
        "mapping": mapping,
        "bandwidth": str(record["encoding"]["bandwidth"]),
        "steps": str(record["steps"]),
        "batch": str(record["training"]["batch_size"]),
        "seconds": f"{outcome.seconds['total']:.1f}",
        "iou_boundary": f"{metrics['iou_boundary']:.4f}",
        "iou_uniform": f"{metrics['iou_uniform']:.4f}",
        "chamfer": "" if metrics["chamfer"] is None else f"{metrics['chamfer']:.4g}",
        "normal_consistency": "" if metrics["normal_consistency"] is None else f"{metrics['normal_consistency']:.4f}",
        "watertight": str(watertight(outcome.field)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("meshes", nargs="+", type=Path)
    parser.add_argument("--mappings", nargs="+", default=list(MAPPINGS), choices=MAPPINGS)
    parser.add_argument("--steps", type=int, default=1500, help="of the paper's mappings")
    parser.add_argument("--batch", type=int, default=8192, help="points per step of the paper's mappings")
    options = parser.parse_args()
    table = Table(RESULTS / "shapes.csv", ("mesh", "mapping"))
    for path in options.meshes:
        for mapping in options.mappings:
            if not table.has({"mesh": path.name, "mapping": mapping}):
                table.add(run(path, mapping, options.steps, options.batch))


if __name__ == "__main__":
    main()
