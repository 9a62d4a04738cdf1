"""Helpers that all pictures share: colours, titles, labels, PNG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure


SERIES = ("#c1440e", "#d39a08", "#2e8b57", "#1f77b4", "#6a4c93", "#b03060")  # RGB of up to six curves
NONE_COLOUR, INK = "#7f7f7f", "#222222"  # RGB of "no mapping", and of the signal and other marks
_POWERS = (0.0, 0.5, 1.0, 1.5, 2.0, float("inf"))  # the powers p that have a colour of their own, those of Figure 3


def figure(width: float, height: float) -> Figure:
    """Create an empty figure of ``width`` by ``height`` inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def titled(figure: Figure, title: str, reduced: str) -> None:
    """Set the title of a figure, with a second line that states what is reduced from the paper."""
    figure.suptitle(title + (f"\n{reduced}" if reduced else ""), fontsize=12)


def label_panel(axis: Axes, title: str, x: str, y: str) -> None:
    """Set the title and axis labels of a panel, and add a light grid."""
    axis.set_title(title, fontsize=10, loc="left")
    axis.set_xlabel(x, fontsize=9)
    axis.set_ylabel(y, fontsize=9)
    axis.tick_params(which="both", labelsize=8)
    axis.grid(alpha=0.25)


def png(figure: Figure, dpi: int = 100) -> bytes:
    """Encode a figure as a PNG of 256 colours, which takes a third of the bytes of full colour."""
    from PIL import Image

    drawn, packed = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=dpi)
    Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(packed, format="png", optimize=True)
    return packed.getvalue()


def power_colour(power: float) -> str:
    """Return the colour that p = 0, ½, 1, 1½, 2 or ∞ has in every figure."""
    return SERIES[_POWERS.index(power)] if power in _POWERS else INK


def name_of_power(power: float) -> str:
    """Return the label of a power, such as ``p = 0.5``."""
    return "p = ∞" if power == float("inf") else f"p = {power:g}"
