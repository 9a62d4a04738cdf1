"""What a choice by forecast costs beside training the whole sweep."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from fourierfield.networks._mlp import MLPSpec
from fourierfield.problems._grid import GridProblem
from fourierfield.training._loop import train
from fourierfield.tuning._choice import choose
from fourierfield.tuning._forecasts import Trainee
from fourierfield.tuning._tuner import Budget, tune

from .sweeps import PER_SWEEP, Sweep, candidates
from .training import build, plan_of, problem_of

__all__ = ["Cost", "measure"]

SWEEPS = (
    Sweep("kodim05"),
    Sweep("kodim23", side=128, steps=1600),
    Sweep("page"),
    Sweep("gt_bach"),
    Sweep("librispeech_198-209-0000", side=128, width=64, steps=1600),
)
_TRAINED = 3  # networks of a sweep, for the mean time of one


@dataclass(frozen=True)
class Cost:
    """Seconds of a choice among ``candidates`` encodings, and of training all networks of the sweep."""

    sweep: Sweep
    tuning: float
    candidates: int
    training: float

    def __str__(self) -> str:
        return (
            f"{self.sweep.signal}, {self.sweep.side}² training samples, {self.sweep.steps} steps: {self.tuning:.1f} s "
            f"for {self.candidates} forecasts, {self.training:.0f} s for {PER_SWEEP} networks, {100 * self.share:.1f} %"
        )

    @property
    def share(self) -> float:
        """Tuning over training."""
        return self.tuning / self.training


def measure(data: Path) -> list[Cost]:
    """One choice and some networks of a few sweeps, timed."""
    return [_cost(sweep, problem_of(sweep, data)) for sweep in SWEEPS]


def _cost(sweep: Sweep, problem: GridProblem) -> Cost:
    mlp = MLPSpec(2 * sweep.features, problem.channels, depth=sweep.depth, width=sweep.width)
    started = time.perf_counter()
    trainee = Trainee(mlp, lambda steps: plan_of(Sweep(**{**vars(sweep), "steps": steps}), problem))
    choice = choose(tune(problem, trainee, Budget(sweep.steps, fixed=True), sweep.features))
    tuning = time.perf_counter() - started
    seconds = []
    for encoding in candidates(problem, sweep.features)[2 : 2 + _TRAINED]:
        started = time.perf_counter()
        train(problem, build(sweep, encoding, problem, 0), plan_of(sweep, problem))
        seconds.append(time.perf_counter() - started)
    return Cost(sweep, tuning, len(choice.candidates), PER_SWEEP * statistics.mean(seconds))
