"""The tuner at work in a fit: when it is asked for, with which budget, and what its choice makes of the plan."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ..problems import GridProblem
from ..tuning import Budget, Choice, Trainee, choose, inner_problem, tune
from .presets import FitPlan
from .settings import FitSettings

__all__ = ["FEWEST", "NOTHING_LEFT", "choose_encoding", "wants_tuning"]

FEWEST = 256  # training samples: a tenth of fewer says nothing
NOTHING_LEFT = "nothing is left to choose; leave --bandwidth out, and --encoding auto or a family with one"
_SHARE = 0.25  # of --time that tuning may take


def wants_tuning(problem: GridProblem, settings: FitSettings) -> bool:
    """Whether the encoding is left to the tuner: the default preset, and a family whose bandwidth was not given."""
    if settings.preset != "default" or settings.bandwidth is not None or len(problem.training) < FEWEST:
        return False
    return isinstance(settings.encoding, str) and settings.encoding not in ("none", "basic")


def choose_encoding(
    problem: GridProblem,
    settings: FitSettings,
    plan: FitPlan,
    report: Callable[[int], None] = lambda count: None,
) -> Choice:
    """The tuner's choice for a plan's network and steps, from training samples alone.

    With ``settings.time`` the search ends after a quarter of it with what it has.
    """
    trainee = Trainee(plan.mlp, lambda steps: plan.with_steps(steps).training, settings.seed)
    budget = Budget(
        plan.training.steps,
        fixed=settings.steps is not None,
        until=None if settings.time is None else time.perf_counter() + _SHARE * settings.time,
    )
    family = None if settings.encoding == "auto" else settings.encoding
    assert family is None or isinstance(family, str)
    inner = inner_problem(problem, plan.mlp)
    candidates = tune(problem, trainee, budget, settings.features, family=family, inner=inner, report=report)
    return replace(choose(candidates), inner=inner)
