"""Which samples of a field to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import SettingsError

if TYPE_CHECKING:
    from ...networks import Field
    from ...signals import Grid, Window

__all__ = ["parse_size", "window_grid", "window_of"]


def window_of(field: Field, text: str | None) -> Window:
    """The part of a field's domain that ``--window`` names; without it all of it."""
    from ...signals import Window, parse_window

    sides = field.domain.sides
    if text is None:
        return Window((0.0,) * len(sides), sides, (False,) * len(sides))
    return parse_window(text, field.domain, field.source.shape)


def window_grid(field: Field, window: Window, size: tuple[int, ...] | None, scale: float) -> Grid:
    """The samples to draw: ``size`` of them, or as dense as the signal's own times ``scale``."""
    from ...signals import Grid

    if size is not None:
        whole = len(size) == len(window.single)
        return Grid(window.lower, window.upper, size if whole else _with_planes(size, window.single))
    density = [n / side * scale for n, side in zip(field.source.shape, field.domain.sides, strict=True)]
    ends = zip(window.lower, window.upper, window.single, density, strict=True)
    shape = tuple(1 if single else max(1, round((high - low) * dense)) for low, high, single, dense in ends)
    return Grid(window.lower, window.upper, shape)


def _with_planes(size: tuple[int, ...], single: tuple[bool, ...]) -> tuple[int, ...]:
    left = iter(size)
    return tuple(1 if plane else next(left) for plane in single)


def parse_size(text: str, dimensions: int, planes: int = 0) -> tuple[int, ...]:
    """Numbers of samples, joined by x: of all axes, or of those that are no planes."""
    parts = text.lower().split("x")
    if len(parts) not in (dimensions, dimensions - planes) or not all(p.isdigit() and int(p) > 0 for p in parts):
        example = {1: "22050", 2: "512x768"}.get(dimensions, "x".join(["96"] * dimensions))
        numbers = "one positive whole number" if dimensions == 1 else f"{dimensions} positive whole numbers joined by x"
        raise SettingsError(f"--size {text}: give {numbers}, for example {example}")
    return tuple(int(part) for part in parts)
