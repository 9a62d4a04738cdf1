"""Which part of a field to draw: boxes and planes, in coordinates, physical units or samples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import SettingsError

if TYPE_CHECKING:
    from ..networks import Field
    from ..signals import Grid

__all__ = ["View", "parse_size", "parse_view"]

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PART = re.compile(rf"(?P<start>{_NUMBER})?\s*(?P<colon>:)?\s*(?P<end>{_NUMBER})?\s*(?P<unit>[A-Za-zµ]*)")
_IN_SPACE, _IN_TIME = ("px", "voxel"), ("frame", "sample")


@dataclass(frozen=True)
class View:
    """A box from ``lower`` to ``upper``, in coordinates; along axes that are ``single`` it is one sample thick."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    single: tuple[bool, ...]

    def grid(self, field: Field, size: tuple[int, ...] | None, scale: float) -> Grid:
        """The samples to draw: ``size`` of them, or as dense as the signal's own times ``scale``."""
        from ..signals import Grid

        box = list(zip(self.lower, self.upper, self.single, strict=True))
        if size is not None:
            whole = len(size) == len(box)
            return Grid(self.lower, self.upper, size if whole else self._with_planes(size))
        density = [n / side * scale for n, side in zip(field.source.shape, field.domain.sides, strict=True)]
        shape = [
            1 if single else max(1, round((high - low) * dense))
            for (low, high, single), dense in zip(box, density, strict=True)
        ]
        return Grid(self.lower, self.upper, tuple(shape))

    def _with_planes(self, size: tuple[int, ...]) -> tuple[int, ...]:
        left = iter(size)
        return tuple(1 if single else next(left) for single in self.single)


def parse_view(text: str | None, field: Field) -> View:
    """The box of ``START:END`` for each axis, joined by commas; a single number is a plane, ``:`` the whole axis.

    Numbers are coordinates; with a unit of the axis they are lengths, with px, voxel, frame or sample indices of the
    signal's own samples. A unit at the very end holds for all axes that have none.
    """
    sides = field.domain.sides
    if text is None:
        return View((0.0,) * len(sides), sides, (False,) * len(sides))
    parts = [_PART.fullmatch(part.strip()) for part in text.split(",")]
    if len(parts) != len(sides) or None in parts:
        raise _misunderstood(text, field)
    shared = parts[-1]["unit"] if parts[-1] else ""
    ranges = [_range(part, shared, axis, field, text) for axis, part in enumerate(parts) if part]
    if not all(low < high for low, high, _ in ranges):
        raise SettingsError(f"--window {text}: each START has to be below its END")
    lower, upper, single = zip(*ranges, strict=True)
    return View(lower, upper, single)


def _range(part: re.Match, shared: str, axis: int, field: Field, text: str) -> tuple[float, float, bool]:
    """Lower and upper end along an axis, in coordinates, and whether it is a plane."""
    step = field.domain.sides[axis] / field.source.shape[axis]
    unit = part["unit"] or (shared if part["start"] or part["end"] else "")
    own = field.domain.units[axis]
    samples = _IN_TIME if own in ("s", "frame", "sample") else _IN_SPACE
    if unit not in ("", own, *samples):
        raise SettingsError(f"--window {text}: axis {axis + 1} is measured in {own}, not {unit}; or in {samples[0]}s")
    in_samples = unit in samples
    scale = 1.0 if not unit else step if in_samples else 1 / field.domain.scales[axis]
    if part["colon"]:
        start, end = part["start"], part["end"]
        high = field.domain.sides[axis] if end is None else float(end) * scale
        return 0.0 if start is None else float(start) * scale, high, False
    if part["start"] is None:
        raise _misunderstood(text, field)
    middle = float(part["start"]) * scale + (0.5 * step if in_samples else 0.0)
    return middle - 0.5 * step, middle + 0.5 * step, True


def _misunderstood(text: str, field: Field) -> SettingsError:
    unit = field.domain.units[-1]
    examples = {1: f"0.2:0.4 or 1:2{unit}", 2: f"0.2:0.4,0.1:0.3 or 100:200,50:150{unit}"}
    several = ",".join([":"] * (field.domain.dimensions - 1))
    example = examples.get(field.domain.dimensions, f"{several},0.5 or {several},20:40voxel")
    return SettingsError(f"--window {text}: give one START:END per axis, for example {example}")


def parse_size(text: str, dimensions: int, planes: int = 0) -> tuple[int, ...]:
    """Numbers of samples, joined by x: of all axes, or of those that are no planes."""
    parts = text.lower().split("x")
    if len(parts) not in (dimensions, dimensions - planes) or not all(p.isdigit() and int(p) > 0 for p in parts):
        example = {1: "22050", 2: "512x768"}.get(dimensions, "x".join(["96"] * dimensions))
        numbers = "one positive whole number" if dimensions == 1 else f"{dimensions} positive whole numbers joined by x"
        raise SettingsError(f"--size {text}: give {numbers}, for example {example}")
    return tuple(int(part) for part in parts)
