"""What the scorecard sweeps over: signals, networks, budgets of steps, and the encodings tried in each sweep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.problems._grid import GridProblem

from .signals import MORE, NAMES, NOISY, UNSEEN

__all__ = ["AGAIN", "PER_SWEEP", "SWEEPS", "UNSEEN_SWEEPS", "Sweep", "candidates"]

GAUSSIAN = (100, 64, 41, 26, 17, 11, 7, 5)  # bandwidths: the sampling rate over these
POSITIONAL = (32, 12, 5)  # highest frequencies likewise
LOG_UNIFORM = (4,)
PER_SWEEP = 2 + len(GAUSSIAN) + len(POSITIONAL) + len(LOG_UNIFORM)


@dataclass(frozen=True)
class Sweep:
    """One signal and network; ``side``² training samples, every second one along each axis of twice as many."""

    signal: str
    side: int = 64
    depth: int = 4
    width: int = 256
    features: int = 256
    steps: int = 800

    @property
    def row(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items()}


_OTHERS = (  # one for each signal beside the usual network
    {"width": 64, "steps": 1600},
    {"depth": 3, "features": 64, "steps": 400},
    {"depth": 6, "width": 64},
    {"steps": 200},
    {"width": 64, "features": 64, "steps": 1600},
    {"depth": 6, "features": 64, "steps": 400},
)


def _sweeps() -> Iterator[Sweep]:
    yield from (Sweep(name) for name in NAMES)
    for turn in range(2):
        yield from (Sweep(name, **_OTHERS[(i + 3 * turn + turn) % 6]) for i, name in enumerate(NAMES))
    yield from (Sweep(name) for name in MORE)
    yield from (Sweep(name, **_OTHERS[i % 6]) for i, name in enumerate(MORE))
    yield from (Sweep(name, steps=steps) for name in NOISY for steps in (200, 800))
    large = [name for name in NAMES if name != "page"]
    yield from (Sweep(name, side=128, width=256 if i % 2 else 64, steps=1600) for i, name in enumerate(large))


SWEEPS = list(_sweeps())
UNSEEN_SWEEPS = [sweep for i, name in enumerate(UNSEEN) for sweep in (Sweep(name), Sweep(name, **_OTHERS[i % 6]))]
AGAIN = [sweep for sweep in SWEEPS if sweep.side == 64 and sweep.width == 64][:8]  # with a second seed, for its noise


def candidates(problem: GridProblem, features: int) -> list[EncodingSpec]:
    """Encodings of one sweep: fourteen, of five families, for the sampling of a problem."""
    rate = problem.samples_per_unit
    return [
        EncodingSpec("none"),
        EncodingSpec("basic"),
        *(EncodingSpec("gaussian", round(rate / share, 3), features) for share in GAUSSIAN),
        *(EncodingSpec("positional", round(rate / share, 3), features) for share in POSITIONAL),
        *(EncodingSpec("log-uniform", round(rate / share, 3), features) for share in LOG_UNIFORM),
    ]
