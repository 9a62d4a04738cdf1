"""What the pictures share: colours, sizes, PNG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["INK", "NONE_COLOUR", "SERIES", "figure", "letter", "name_of_power", "png", "power_colour", "titled"]

SERIES = ("#c1440e", "#d39a08", "#2e8b57", "#1f77b4", "#6a4c93", "#b03060")
NONE_COLOUR, INK = "#7f7f7f", "#222222"
_POWERS = (0.0, 0.5, 1.0, 1.5, 2.0, float("inf"))


def figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def titled(figure: Figure, title: str, reduced: str) -> None:
    """The title, and beneath it what is less than in the paper."""
    figure.suptitle(title + (f"\n{reduced}" if reduced else ""), fontsize=12)


def letter(axis: Axes, title: str, x: str, y: str) -> None:
    """Title and labels of a panel, with a light grid."""
    axis.set_title(title, fontsize=10, loc="left")
    axis.set_xlabel(x, fontsize=9)
    axis.set_ylabel(y, fontsize=9)
    axis.tick_params(which="both", labelsize=8)
    axis.grid(alpha=0.25)


def png(figure: Figure, dpi: int = 100) -> bytes:
    """The figure as PNG of 256 colours, a third of the bytes."""
    from PIL import Image

    drawn, packed = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=dpi)
    Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(packed, format="png", optimize=True)
    return packed.getvalue()


def power_colour(power: float) -> str:
    """The colour of p = 0, ½, 1, 1½, 2 and ∞ in every figure."""
    return SERIES[_POWERS.index(power)] if power in _POWERS else INK


def name_of_power(power: float) -> str:
    """``p = 0.5``."""
    return "p = ∞" if power == float("inf") else f"p = {power:g}"
