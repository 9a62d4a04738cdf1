"""The style that the figures of the page and of ``tune --plot`` share: colours, axes, PNG and inline SVG."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


INK, MUTED, GRID = "#222222", "#6b6b6b", "#dddddd"
SERIES = ("#1f77b4", "#c1440e", "#2e8b57", "#d39a08", "#6a4c93", "#b03060", "#3a8f9e", "#7f7f7f")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
HELD_OUT, TRAINING = SERIES[:2]
ERROR_MAP = "magma"  # bright for large values: error, energy left, power
THEMED = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    **{colour: f"--series-{number}" for number, colour in enumerate(SERIES)},
}
_FONTS = "system-ui, sans-serif"
_RULES: dict[str, Any] = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": GRID,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "svg.fonttype": "none",
}


def picture_style(salt: str = "fourierfield") -> AbstractContextManager[None]:
    """Return a context for drawing and saving; ``salt`` makes names inside an SVG unique to it and reproducible."""
    import matplotlib

    rules: dict[Any, Any] = {**_RULES, "svg.hashsalt": salt}
    return matplotlib.rc_context(rules)


def new_figure(width: float = 5.4, height: float = 3.5) -> Figure:
    """Return an empty figure, sizes in inches; a phone shows it at about that size, so text stays legible."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def label(axis: Axes, x: str, y: str) -> None:
    """Label both axes, and draw a light grid below the data."""
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    axis.grid(alpha=1.0, linewidth=0.6)
    axis.set_axisbelow(True)


def whole_number(value: float, position: object = None) -> str:
    """Format a tick of an axis of counts or frequencies, without powers of ten.

    >>> whole_number(1600.0), whole_number(0.25)
    ('1,600', '0.25')
    """
    return f"{value:,.0f}" if value >= 10 else f"{value:g}"


def three_digits(value: float) -> str:
    """Format a number to three digits as one would type it, without an exponent.

    >>> three_digits(1532.4), three_digits(0.01234)
    ('1530', '0.0123')
    """
    return f"{float(f'{value:.3g}'):.15g}"


def png_bytes(figure: Figure, dpi: int = 110) -> bytes:
    """Return the figure as a PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


def svg_text(figure: Figure, description: str) -> str:
    """Return the figure as an ``<svg>`` element to put into a page, with the same bytes every time.

    Its colours are the page's CSS variables (``THEMED``), so they follow the light or dark theme; nothing in it refers
    to another place. Screen readers read ``description`` instead of the drawing.
    """
    from html import escape

    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*|<style[^>]*>.*?</style>\s*|<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = _without_unused_names(text)
    text = re.sub(r"('DejaVu Sans'|\"DejaVu Sans\")[^;\"]*?sans-serif", _FONTS, text)
    for colour, variable in THEMED.items():
        text = text.replace(colour, f"var({variable})")
    box = re.search(r'viewBox="[^"]+"', text)
    assert box is not None
    opening = f'<svg {box[0]} role="img" aria-label="{escape(description, quote=True)}">'
    return re.sub(r"^<svg[^>]*>", lambda _: opening, text).strip()


def _without_unused_names(text: str) -> str:
    """Remove the names that Matplotlib gives to every group, which several figures in one page would share."""
    used = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", text))
    return re.sub(r' id="([^"]+)"', lambda match: match[0] if match[1] in used else "", text)
