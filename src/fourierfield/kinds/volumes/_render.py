"""Rendering of volumes and films, and of slices of them."""

from __future__ import annotations

from ...grids._domain import Grid
from ...grids._endings import IMAGE_ENDINGS, VOLUME_ENDINGS, ending_of
from ...grids._files import check_writable
from ...networks._field import Drawable
from .._grid_render import check_memory_to_draw, say_mapping
from .._kind import Say
from ._files import write_volume


def middle_slice(field: Drawable, out: str, say: Say) -> str | None:
    """Return the window of the slice that a picture shows; None if ``out`` is not a picture.

    The slice goes across the third axis of a scanner's volume, and across the first of a stack.
    """
    ending, dimensions = ending_of(out), field.domain.dimensions
    if ending not in IMAGE_ENDINGS or ending in VOLUME_ENDINGS or dimensions < 3:
        return None
    volume = field.source.sample_format.volume
    scanned = volume is not None and volume.affine is not None
    fixed = [*range(2, dimensions)] if scanned else [*range(dimensions - 2)]
    words = ",".join(f"{field.source.shape[a] // 2}{_unit(field, a)}" if a in fixed else ":" for a in range(dimensions))
    say(f"{out}: a picture shows one slice, --window {words}")
    return words


def _unit(field: Drawable, axis: int) -> str:
    return "frame" if field.domain.units[axis] in ("s", "frame") else "voxel"


def write_samples(field: Drawable, grid: Grid, out: str, say: Say) -> None:
    """Evaluate a field on a grid, in memory, and write it as a volume or film, or a slice as a picture."""
    check_writable(out)
    check_memory_to_draw(field, grid, out)
    values = field.sample(grid)
    ending = ending_of(out)
    if ending in IMAGE_ENDINGS and ending not in VOLUME_ENDINGS and field.source.sample_format.peak is None:
        say_mapping(field, ending, say)
        values = field.value_range.normalise(values)
    write_volume(out, values, field.source, field.domain, grid)
