"""The kind of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...grids._brands import still_brand
from ...grids._endings import IMAGE_ENDINGS
from .._grid_kind import GridKind
from .._kind import Format, starts

if TYPE_CHECKING:
    from ...grids._signal import GridSignal
    from ...networks._field import Field
    from ...problems._grid import GridProblem
    from ...tasks._scores import KindScores, Scores

_MOST = 1 << 24  # samples: drawing a larger picture takes minutes


def _tiff_holds(path: Path) -> str:
    from ...grids._tiff import is_tiff_stack

    return "volume" if is_tiff_stack(path) else "image"


def _animation_holds(path: Path) -> str:
    from ...grids._pictures import is_animated

    return "video" if is_animated(path) else "image"


class ImageKind(GridKind):
    """Pictures: grey or colour, 8 and 16 bits or floating point."""

    name, noun, plural = "image", "a picture", "pictures"
    formats = (
        Format("png", "PNG", starts(b"\x89PNG\r\n\x1a\n"), (".png",), holds=_animation_holds),
        Format("jpeg", "JPEG", starts(b"\xff\xd8\xff"), (".jpg", ".jpeg")),
        Format("tiff", "TIFF", starts(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), (".tif", ".tiff"), holds=_tiff_holds),
        Format(
            "webp",
            "WebP",
            lambda head, path: head[:4] == b"RIFF" and head[8:12] == b"WEBP",
            (".webp",),
            holds=_animation_holds,
        ),
        Format("bmp", "BMP", starts(b"BM"), (".bmp",)),
        Format("gif", "GIF", starts(b"GIF8"), (".gif",), holds=_animation_holds),
        Format("avif", "AVIF", lambda head, path: still_brand(head) == "avif", (".avif",)),
    )
    also_reads = ("npy",)
    endings = IMAGE_ENDINGS

    def read_file(self, path: Path, container: str | None) -> GridSignal:
        from ...grids._pictures import read_image

        return read_image(path, str(container))

    def kind_scores(self, signal: GridSignal) -> KindScores:
        """Return SSIM on the whole of the picture; None beyond 2²⁴ samples."""

        def ssim(field: Field, problem: GridProblem, scores: Scores, most: int) -> Scores:
            from ...grids._metrics import structural_similarity

            if signal.grid.size > _MOST:
                return {"ssim": None}
            return {
                "ssim": structural_similarity(field.sample(signal.grid), signal.values, problem.value_range.common[1])
            }

        return ssim


KINDS = (ImageKind(),)
