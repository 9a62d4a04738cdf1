"""The search, on small signals and tiny networks."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from fourierfield.encodings._registry import FAMILIES
from fourierfield.errors import SettingsError
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut, HoldOut, RandomHoldOut
from fourierfield.networks._mlp import MLPSpec
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._schedules import ConstantRate
from fourierfield.tuning._forecasts import Trainee
from fourierfield.tuning._tuner import Budget, Candidate, tune

TRAINEE = Trainee(MLPSpec(2, 1, depth=3, width=64), lambda steps: TrainingPlan(steps, schedule=ConstantRate(3e-3)))
FEW = 24  # features


def rough_image(n: int = 24) -> np.ndarray:
    y, x = np.mgrid[0:n, 0:n] / n
    noise = np.random.default_rng(0).normal(0, 0.02, (n, n))
    return (0.5 + 0.2 * np.sin(9 * x + 4 * y) + 0.1 * np.cos(25 * x * y) + noise).astype(np.float32)


def problem(hold_out: HoldOut | None = None) -> GridProblem:
    return grid_problem(as_signal(rough_image()), hold_out)


def finite(candidates: list[Candidate]) -> bool:
    scores = [(c.held_out_psnr_db, c.scores.train_psnr_db, c.scores.low_db, c.scores.high_db) for c in candidates]
    return bool(np.isfinite(np.array(scores, dtype=float)).all())


@pytest.mark.parametrize("hold_out", [GridHoldOut(), RandomHoldOut(0.3)], ids=["grid", "random"])
@pytest.mark.parametrize("garbage", [np.nan, -7.0])
def test_held_out_values_change_nothing(hold_out: HoldOut, garbage: float) -> None:
    given = problem(hold_out)
    assert given.held_out is not None
    spoilt = replace(given.held_out, values=torch.full_like(given.held_out.values, garbage))
    one, other = (
        tune(p, TRAINEE, Budget(200), FEW, family="laplace") for p in (given, replace(given, held_out=spoilt))
    )
    assert one == other
    assert finite(one)


def test_all_families_are_ranked_and_the_best_looked_at_closely() -> None:
    counts: list[int] = []
    found = tune(problem(), TRAINEE, Budget(400), report=counts.append)
    scores = [candidate.held_out_psnr_db for candidate in found]
    assert scores == sorted(scores, reverse=True)
    assert finite(found)
    assert found[0].closely
    assert len(found) >= 40
    assert len({candidate.encoding.family for candidate in found}) >= 4
    assert len({candidate.encoding for candidate in found}) == len(found)
    assert counts == list(range(1, counts[-1] + 1))
    assert 5 <= counts[-1] - len(found) <= 7  # the finalists were looked at twice
    assert {candidate.steps for candidate in found} <= {400, 200, 100}
    features = {c.encoding.features for c in found if c.encoding.family == found[0].encoding.family}
    assert len(features) == 3 or FAMILIES[found[0].encoding.family].sets_features


def test_a_fixed_budget_keeps_its_steps_and_given_features_theirs() -> None:
    found = tune(problem(), TRAINEE, Budget(300, fixed=True), FEW, family="gaussian")
    assert {candidate.steps for candidate in found} == {300}
    assert {candidate.encoding.features for candidate in found} == {FEW}
    assert {candidate.encoding.family for candidate in found} == {"gaussian"}


def test_earlier_ends_are_taken_only_where_they_are_better() -> None:
    noise = grid_problem(as_signal(np.random.default_rng(0).random((16, 16)).astype(np.float32)))
    free, fixed = (tune(noise, TRAINEE, Budget(4000, fixed), FEW, family="gaussian") for fixed in (False, True))
    assert min(candidate.steps for candidate in free) < 4000
    kept = {c.encoding: c.held_out_psnr_db for c in fixed if c.closely}
    both = [c for c in free if c.closely and c.encoding in kept]
    assert both
    assert all(c.held_out_psnr_db >= kept[c.encoding] - 1e-9 for c in both)


@pytest.mark.parametrize("axis", [0, 1])
def test_stripes_are_tried_with_more_bandwidth_across_them(axis: int) -> None:
    y, x = np.mgrid[0:24, 0:24] / 24
    across, along = (x, y) if axis == 1 else (y, x)
    stripes = (0.5 + 0.3 * np.sin(30 * across) + 0.05 * np.sin(4 * along)).astype(np.float32)
    found = tune(grid_problem(as_signal(stripes)), TRAINEE, Budget(200), FEW, family="gaussian")
    (per_axis,) = [c.encoding.bandwidth for c in found if isinstance(c.encoding.bandwidth, tuple)]
    assert per_axis[axis] > 2 * per_axis[1 - axis]


def test_perfect_stripes_are_too() -> None:
    stripes = np.tile(rough_image()[:1], (24, 1))
    found = tune(grid_problem(as_signal(stripes)), TRAINEE, Budget(100), FEW, family="gaussian")
    (per_axis,) = [c.encoding.bandwidth for c in found if isinstance(c.encoding.bandwidth, tuple)]
    assert per_axis[1] > 10 * per_axis[0]


SMALL = {
    "eight samples": np.random.default_rng(0).random(8),
    "zeros": np.zeros(64),
    "a constant": np.full((8, 8), 0.5),
    "a row": np.random.default_rng(0).random((1, 40)),
    "gaps": np.where(np.random.default_rng(0).random((12, 12)) < 0.7, np.nan, 0.4),
}


@pytest.mark.parametrize("values", SMALL.values(), ids=SMALL.keys())
@pytest.mark.parametrize("family", [None, "log-uniform"])
def test_small_and_empty_signals_are_survived(values: np.ndarray, family: str | None) -> None:
    trainee = replace(TRAINEE, mlp=replace(TRAINEE.mlp, width=16))
    found = tune(grid_problem(as_signal(values.astype(np.float32))), trainee, Budget(30), 5, family=family)
    assert finite(found)


def test_silence_is_survived() -> None:
    given = problem()
    silent = replace(given.training, values=0 * given.training.values + 0.5)
    assert finite(tune(replace(given, training=silent), TRAINEE, Budget(30), 5))


@pytest.mark.parametrize("samples", [1, 2, 3])
def test_hardly_any_samples_are_survived(samples: int) -> None:
    assert finite(tune(grid_problem(as_signal(np.linspace(0.2, 0.6, samples))), TRAINEE, Budget(30), 5))


def test_a_family_without_a_ladder_is_refused() -> None:
    with pytest.raises(SettingsError, match="power-law"):
        tune(problem(), TRAINEE, Budget(30), family="power-law")


def test_without_time_there_is_still_an_answer() -> None:
    found = tune(problem(), TRAINEE, Budget(100, until=time.perf_counter() - 1), FEW)
    assert len(found) == 1
