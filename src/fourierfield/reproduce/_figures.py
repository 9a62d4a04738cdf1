"""The figures that can be drawn, by name, and how to draw one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import SettingsError
from ..grids._files import atomic_write, check_writable
from ._experiment import Experiment, Lab, RunStore
from ._fig2 import Fig2
from ._fig3 import Fig3
from ._fig4 import Fig4
from ._fig5 import Fig5
from ._fig7 import Fig7
from ._fig11 import Fig11
from ._fig14 import Fig14


@dataclass(frozen=True)
class Figure:
    """An experiment at the paper's sizes, and the ``share`` of its work that is done by default."""

    experiment: Experiment
    share: float = 1.0


# by name; a default share below 1 shortens the work, and the picture's title states what is reduced
FIGURES = {
    "fig2": Figure(Fig2()),
    "fig3": Figure(Fig3(), 0.1),
    "fig4": Figure(Fig4(), 0.25),
    "fig5": Figure(Fig5(), 0.125),
    "fig7": Figure(Fig7()),
    "fig11": Figure(Fig11(), 1 / 32),
    "fig14": Figure(Fig14(), 0.15),
}


def draw_figure(
    name: str,
    out: Path,
    *,
    share: float | None = None,
    seed: int = 0,
    say: Callable[[str], None] = print,
    stop_signal: Callable[[], int | None] = lambda: None,
) -> str:
    """Draw one of ``FIGURES`` as a PNG at ``out``, and return its numbers beside the paper's, as plain text.

    Finished runs are kept beside the picture, in a file of the same name that ends in ``.npz``; drawing the figure
    again continues from them. ``share`` is the share of the paper's work to do. Raises ``SettingsError`` before any
    work if ``out`` cannot be written or the share is not above 0 and at most 1, and ``Interrupted`` when a signal asks
    to stop.
    """
    figure = FIGURES[name]
    share = figure.share if share is None else share
    if not 0 < share <= 1:
        raise SettingsError(f"--scale {share:g}: the share of the paper's work must be above 0 and at most 1")
    store = RunStore(_checked(out))
    experiment = figure.experiment.scaled(share)
    outcome = experiment.run(Lab(store, seed, say, stop_signal))
    atomic_write(out, outcome.picture)
    return f"Reduced: {experiment.reduced}.\n{outcome.table}" if experiment.reduced else outcome.table


def _checked(out: Path) -> Path:
    """Return the path of the finished runs. Raise ``SettingsError`` unless both files can be written."""
    if out.suffix.lower() != ".png":
        raise SettingsError(f"--out {out}: the picture is a PNG; use a name that ends in .png")
    check_writable(out)
    return check_writable(out.with_suffix(".npz"))
