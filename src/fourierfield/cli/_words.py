"""Words for the help of several commands, generated from the registries, which import nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable

from ..encodings._registry import FAMILIES
from ..kinds._kind import Kind
from ..kinds._registry import KINDS, either

RELIABLE_DB = 40.0  # forecasts of training PSNR beyond it are too high (docs/forecast.md)


ENCODINGS = either(["auto", *FAMILIES])
ENCODINGS_TO_SEARCH = either(["auto", *(name for name, family in FAMILIES.items() if family.searched)])
KINDS_TO_READ = either(KINDS)
_ON_GRID = [kind for kind in KINDS.values() if kind.analysed]
KINDS_ON_GRID = either(kind.name for kind in _ON_GRID)


def joined(value: float | Iterable[float], digits: int) -> str:
    """Return a number, or one for each axis, to so many digits: 2×3.5."""
    return "×".join(f"{v:.{digits}g}" for v in ([value] if isinstance(value, float | int) else value))


def _listed(title: str, lines: Iterable[str]) -> str:
    """Return a title and lines, which Typer prints below a command's options."""
    return "\n".join([f"[bold]{title}[/bold]", *lines])


def _formats(kinds: Iterable[Kind]) -> str:
    readable = [f"{kind.plural}: {kind.titles}" for kind in kinds if kind.formats]
    arrays = "arrays: NumPy .npy, and MATLAB .mat with --as ct or --as mri"
    return _listed("Formats that can be read, recognised by content", [*readable, arrays])


READABLE = _formats(KINDS.values())
READABLE_ON_GRID = _formats(_ON_GRID)
RENDERED = _listed(
    "Endings of OUT for each kind of signal, and .csv with --at",
    (f"{kind.plural}: {' '.join(kind.endings)}" for kind in KINDS.values() if kind.endings and kind.name != "series"),
)
