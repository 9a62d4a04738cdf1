"""The kind of posed pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...grids._endings import IMAGE_ENDINGS, MESH_ENDINGS, MOVIE_ENDINGS
from .._kind import Folder, Format, Json, Kind, Say, scores_in_words
from .._render_options import RenderOptions

if TYPE_CHECKING:
    from torch import Tensor

    from ...networks._field import Field
    from ...tasks._settings import FitSettings, ReadOptions
    from ...tasks._task import Task
    from ._signal import ViewsSignal

_MOST_JSON = 1 << 24  # bytes of a camera file that are searched for its frames


def _is_transforms(head: bytes, path: Path) -> bool:
    """Return whether a file is JSON with frames."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    with open(path, "rb") as file:
        return b'"frames"' in file.read(_MOST_JSON)


def _has_transforms(folder: Folder) -> bool:
    return any(path.name.startswith("transforms") and path.suffix == ".json" for path in folder.files)


class ViewsKind(Kind):
    """Posed pictures: colour and density of a scene."""

    name, noun, plural = "views", "a set of posed pictures", "posed pictures"
    formats = (
        # folders of rank 0, before series and frames: the folder holds the pictures too
        Format("transforms", "transforms.json", _is_transforms, (".json",), rank=6, of_folder=_has_transforms),
        Format(
            "npz", ".npz", lambda head, path: head[:4] == b"PK\x03\x04" and b".npy" in head[:256], (".npz",), rank=2
        ),
    )
    methods = ("network",)
    options = frozenset(("coarse_to_fine",))
    endings = (*IMAGE_ENDINGS, *MOVIE_ENDINGS, *MESH_ENDINGS)
    render_options = frozenset(("pose", "size", "scale", "depth", "frames", "at", "gradient"))

    def read(self, path: Path, container: str | None, options: ReadOptions) -> ViewsSignal:
        """Read posed pictures."""
        if container == "npz":
            from ._npz import read_npz

            return read_npz(path)
        from ._transforms import read_transforms

        return read_transforms(path)

    def task(self, signal: ViewsSignal, settings: FitSettings) -> Task:
        """Return the task of a fit by network."""
        from ._task import ViewsTask

        self.method(settings)
        return ViewsTask.of(signal, settings)

    def describe(self, signal: ViewsSignal) -> Json:
        """Return the channels, the sample type, and the number and size of the pictures."""
        return {
            "channels": int(signal.images.shape[-1]),
            "sample_type": signal.sample_format.sample_type,
            "views": signal.shape[0],
            "size": list(signal.shape[1:]),
        }

    def signal_line(self, described: Json) -> str:
        """Return name, number and size of the pictures."""
        height, width = described["size"]
        alpha = " with opacities" if described["channels"] == 4 else ""  # red, green, blue and alpha
        return f"signal    {described['name']}: {described['views']} views of {height}×{width}{alpha}"

    def score_lines(self, result: Json) -> list[str]:
        """Return the scores of training and held-out views, beside the mean picture."""
        metrics, training = result["metrics"], result["training"]
        mean = result["baselines"].get("mean_image_psnr_db")
        scores = scores_in_words(metrics, "train")
        lines = [f"training  {scores} on {training['views']} views, {result['steps']:,} steps"]
        if metrics["held_out_psnr_db"] is not None:
            rival = "" if mean is None else f"; the mean picture {mean:.2f} dB"
            held_out = scores_in_words(metrics, "held_out")
            lines.append(f"held out  {held_out} on {training['held_out_views']} views{rival}")
        return lines

    def facts(self, field: Field) -> Json:
        """Return the cameras, the depths and the share of the box that is occupied."""
        from ._field import ViewsField

        assert isinstance(field, ViewsField)
        scene = field.scene
        return {
            "views": len(scene.cameras),
            "held_out_views": len(scene.held_out),
            "size": list(scene.cameras.size),
            "focal_px": float(scene.cameras.focal.mean()),
            "near": scene.near,
            "far": scene.far,
            "background": scene.background,
            "occupied": float(field.cells.float().mean()),
        }

    def render(self, field: Field, out: str, options: RenderOptions, say: Say) -> None:
        """Write a view, its depths, a turntable or a surface."""
        from ._field import ViewsField
        from ._render import write_view

        assert isinstance(field, ViewsField)
        write_view(field, out, options, say)

    def restore(self, field: Field, tensors: dict[str, Tensor], header: Json) -> Field:
        """Return the field with its scene and cells."""
        from ...networks._field import NetworkField
        from ._field import ViewsField

        assert isinstance(field, NetworkField)
        return ViewsField.restored(field, tensors, header["scene"])


KINDS = (ViewsKind(),)
