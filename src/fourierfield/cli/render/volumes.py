"""Volumes, films, and slices of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..progress import say
from .files import check_memory_to_draw, say_mapping
from .window import window_of

if TYPE_CHECKING:
    from ...networks import Field
    from ...signals import Grid, Window

__all__ = ["default_window", "write_samples"]


def default_window(field: Field, out: str) -> Window:
    """All of a volume; for a picture its middle slice: across the third axis of a scanner's, the first of a stack's."""
    from ...signals import IMAGE_ENDINGS, VOLUME_ENDINGS
    from ...signals.volumes import ending_of

    whole = window_of(field, None)
    ending, dimensions = ending_of(out), field.domain.dimensions
    if ending not in IMAGE_ENDINGS or ending in VOLUME_ENDINGS or dimensions < 3:
        return whole
    volume = field.source.sample_format.volume
    scanned = volume is not None and volume.affine is not None
    fixed = [*range(2, dimensions)] if scanned else [*range(dimensions - 2)]
    words = ",".join(f"{field.source.shape[a] // 2}{_word(field, a)}" if a in fixed else ":" for a in range(dimensions))
    say(f"{out}: a picture shows one slice, --window {words}")
    return window_of(field, words)


def _word(field: Field, axis: int) -> str:
    return "frame" if field.domain.units[axis] in ("s", "frame") else "voxel"


def write_samples(field: Field, grid: Grid, out: str) -> None:
    """Evaluate a field on a grid and write it, in memory: as a volume or film, or a slice as a picture."""
    from ...signals import IMAGE_ENDINGS, VOLUME_ENDINGS, write_volume
    from ...signals.files import check_writable
    from ...signals.volumes import ending_of

    check_writable(out)
    check_memory_to_draw(field, grid, out)
    values = field.sample(grid)
    ending = ending_of(out)
    if ending in IMAGE_ENDINGS and ending not in VOLUME_ENDINGS and field.source.sample_format.peak is None:
        say_mapping(field, ending)
        values = field.value_range.normalise(values)
    write_volume(out, values, field.source, field.domain, grid)
