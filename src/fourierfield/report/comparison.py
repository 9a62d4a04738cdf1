"""Images side by side, whole and magnified."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

__all__ = ["Panel", "comparison_picture"]


@dataclass(frozen=True)
class Panel:
    """One image (H, W, C) in [0, 1] with its caption."""

    caption: str
    values: np.ndarray


def comparison_picture(panels: list[Panel], detail: tuple[slice, slice], title: str) -> bytes:
    """A PNG with each panel above its ``detail`` (a window of rows and columns), pixels drawn as squares."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    figure = Figure(figsize=(3.2 * len(panels), 7.0), layout="constrained")
    axes = figure.subplots(2, len(panels), squeeze=False)
    rows, columns = detail
    for column, panel in enumerate(panels):
        image = np.clip(panel.values.squeeze(), 0, 1)
        for axis, part in ((axes[0, column], image), (axes[1, column], image[detail])):
            axis.imshow(part, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axis.set_axis_off()
        corner = (columns.start - 0.5, rows.start - 0.5)
        size = (columns.stop - columns.start, rows.stop - rows.start)
        axes[0, column].add_patch(Rectangle(corner, *size, fill=False, edgecolor="yellow", linewidth=1.2))
        axes[0, column].set_title(panel.caption, fontsize=10)
    figure.suptitle(title, fontsize=12)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()
