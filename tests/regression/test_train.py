"""From a problem to a field: what is solved, for what, and how that is the end of training."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.forecast._dynamics import GradientFlow
from fourierfield.forecast._flow import predict
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._domain import Domain
from fourierfield.grids._points import Placement, PointSignal
from fourierfield.grids._splits import GridHoldOut, RandomHoldOut
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.kinds.tables._read import as_points
from fourierfield.networks._values import ValueRange
from fourierfield.operators._gram import gram
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.problems._points import PointProblem, PointSamples, Problem, point_problem
from fourierfield.regression._choice import Candidates, KernelChoice
from fourierfield.regression._solve import Accuracy, places_of
from fourierfield.regression._spec import KernelSpec
from fourierfield.regression._train import choose_for, train_kernel

SPEC = KernelSpec(EncodingSpec("gaussian", 1.5))


def kernel_choice(ridge: float, spec: KernelSpec = SPEC) -> KernelChoice:
    """A kernel and a ridge that nobody judged."""
    return KernelChoice(spec, ridge, 1)


def picture(height: int = 12, width: int = 14, channels: int = 3) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width] / width
    waves = np.stack([np.sin(5 * (c + 1) * x + 3 * y) for c in range(channels)], axis=-1)
    return 0.5 + 0.4 * waves + 0.02 * np.random.default_rng(0).standard_normal(waves.shape)


def table(count: int = 150, d: int = 2) -> PointSignal:
    """Two outputs in units of their own."""
    rng = np.random.default_rng(0)
    points = rng.random((count, d))
    waves = np.sin(4 * points.sum(1, keepdims=True) + np.arange(2))
    values = (waves + 0.02 * rng.standard_normal(waves.shape)) * [1.0, 1e5] + [0.0, -3e5]
    placement = Placement(tuple(f"x{i}" for i in range(d)), (0.0,) * d, (1.0,) * d)
    return PointSignal(points, values, Domain((1.0,) * d, ("",) * d), placement, ("a", "b"), "table")


PROBLEMS: dict[str, Problem] = {
    "a whole image": grid_problem(as_signal(picture())),
    "every second pixel": grid_problem(as_signal(picture()), GridHoldOut()),
    "pixels by chance": grid_problem(as_signal(picture()), RandomHoldOut(0.3)),
    "sound": grid_problem(as_audio(np.sin(np.arange(300) / 9), 8000), RandomHoldOut(0.3)),
    "a table": point_problem(table(), RandomHoldOut(0.3)),
    "a table of one column": point_problem(table(100, 1)),
}


def dense_values(problem: Problem, spec: KernelSpec, ridge: float, at: Tensor) -> Tensor:
    """Kernel regression by matrices, in [0, 1] of the range."""
    kernel, places = spec.kernel(at.shape[1]), places_of(problem.training)
    values = problem.training.values.double()
    matrix = kernel.between(places, places) + ridge * torch.eye(len(places))
    return values.mean(0) + kernel.between(at, places) @ torch.linalg.solve(matrix, values - values.mean(0))


@pytest.mark.parametrize("name", list(PROBLEMS))
def test_a_field_is_kernel_regression_on_its_problem(name: str) -> None:
    """In the signal's own units, on what was held out and on what was not; the residual is ρα."""
    problem = PROBLEMS[name]
    run = train_kernel(problem, kernel_choice(1e-2))
    for samples in (problem.training, problem.held_out):
        if samples is not None:
            at = places_of(samples)
            expected = problem.value_range.restore(dense_values(problem, SPEC, 1e-2, at))
            torch.testing.assert_close(run.field(at), expected, rtol=1e-6, atol=1e-6)
    training = problem.training
    residual = training.values - problem.value_range.normalise(run.field(places_of(training)))
    torch.testing.assert_close(residual.double(), 1e-2 * run.field.weights.values, rtol=0, atol=1e-6)
    assert run.residual < 1e-6
    assert run.field.weights.ridge == 1e-2
    assert (run.field.source, run.field.domain) == (problem.source, problem.domain)
    assert run.left_out.mse.shape == run.left_out.scale.shape == (problem.channels,)


@pytest.mark.parametrize("name", ["a whole image", "every second pixel", "sound", "a table"])
def test_it_is_the_end_of_gradient_flow(name: str) -> None:
    """The t → ∞ limit of an infinitely wide network's training from its mean, there and elsewhere."""
    problem = PROBLEMS[name]
    made = train_kernel(problem, kernel_choice(1e-12)).field
    places, values = places_of(problem.training), problem.training.values.double()
    elsewhere = places + 0.3 * (places.roll(1, 0) - places)
    kernel = made.spec.kernel(places.shape[1])
    flow = GradientFlow(torch.tensor([0.0, math.inf], dtype=torch.float64))
    start = values.mean(0).expand_as(values), values.mean(0).expand_as(values)
    cross = gram(kernel, elsewhere, places)
    end = predict(gram(kernel, places), values, flow, cross=cross, initial=start)
    assert end.ok
    assert end.value.elsewhere is not None
    for found, at in ((end.value.training[1], places), (end.value.elsewhere[1], elsewhere)):
        torch.testing.assert_close(problem.value_range.normalise(made(at)), found, rtol=0, atol=1e-6)
    torch.testing.assert_close(end.value.training[1], values, rtol=0, atol=1e-6)


def with_gaps(problem: Problem) -> Problem:
    """Each channel at samples of its own, the last at none."""
    values = problem.training.values.clone()
    gone = torch.rand(values.shape, generator=torch.Generator().manual_seed(0)) < 0.3
    gone[:, 0], gone[:, -1] = False, True
    values[gone] = torch.nan
    return replace(problem, training=replace(problem.training, values=values))  # type: ignore[type-var, return-value]


@pytest.mark.parametrize("name", ["a whole image", "a table"])
def test_each_channel_is_trained_on_its_own_samples(name: str) -> None:
    """As by itself; one without any is its range's middle everywhere."""
    problem = with_gaps(PROBLEMS[name])
    run = train_kernel(problem, kernel_choice(1e-2))
    at, values = places_of(problem.training), problem.training.values
    found = problem.value_range.normalise(run.field(at))
    for channel in range(values.shape[1] - 1):
        known = ~values[:, channel].isnan()
        alone = PointSamples(at[known], values[known][:, channel : channel + 1].double())
        source = replace(problem.source, channels=1)
        single = PointProblem(problem.domain, alone, None, ValueRange(), source)
        expected = dense_values(single, SPEC, 1e-2, at)
        torch.testing.assert_close(found[:, channel : channel + 1], expected, rtol=0, atol=1e-6)
        assert not run.field.weights.values[~known, channel].any()
    torch.testing.assert_close(found[:, -1], torch.full((len(at),), 0.5).double())
    assert run.field.weights.known is not None
    assert torch.equal(run.field.weights.known, ~values.isnan())
    assert run.left_out.scale.isfinite().all()


def test_a_ridge_that_had_to_be_raised_is_said() -> None:
    points = torch.rand(60, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    values = torch.randn(120, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    problem = point_problem(table(120))
    problem = replace(problem, training=PointSamples(torch.cat([points, points]), values))
    assert train_kernel(problem, kernel_choice(0.0)).field.weights.ridge > 0
    assert train_kernel(problem, kernel_choice(1e-3)).field.weights.ridge == 1e-3


@pytest.mark.parametrize("residual", [1e-2, 1e-4])
def test_what_the_solver_leaves_is_measured_and_counts_as_uncertain(residual: float) -> None:
    """Beside the dense solution, and in the standard deviation."""
    points = torch.rand(3100, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    values = torch.sin(20 * points)
    problem = replace(point_problem(table(60)), training=PointSamples(points, values), held_out=None)
    problem = replace(problem, domain=Domain((1.0,), ("units",)), value_range=ValueRange((0.0,), (1.0,)))
    choice = kernel_choice(1e-3, KernelSpec(EncodingSpec("gaussian", 3.0), trained="last"))
    field = train_kernel(problem, choice, Accuracy(residual=residual)).field
    kernel = choice.spec.kernel(1)
    matrix = kernel.between(points, points)
    exact = values.mean() + matrix @ torch.linalg.solve(matrix + 1e-3 * torch.eye(3100), values - values.mean())
    missed = float((field._normalised(points) - exact).square().mean().sqrt())
    assert field.weights.error is not None
    assert 0.3 * missed - 1e-9 < float(field.weights.error) < 3 * residual
    alone = field.relative_deviation(points[:5])[:, None] * field.weights.scale
    peak = torch.as_tensor(field.value_range.peak).double()
    torch.testing.assert_close(field.deviation(points[:5]) / peak, torch.hypot(alone, field.weights.error))


def test_intervals_hold_on_many_samples_without_noise() -> None:
    """Where the standard deviation of the process itself is below what any solver reaches."""
    x = np.random.default_rng(0).random((4000, 1))
    problem = point_problem(as_points(x, np.sin(12 * x) + np.cos(30 * x**2)), RandomHoldOut(0.1))
    assert problem.held_out is not None
    choice = choose_for(problem, Candidates(free=[SPEC, replace(SPEC, trained="last")]))
    field = train_kernel(problem, choice).field
    held_out = problem.held_out
    errors = (field(held_out.points) - problem.value_range.restore(held_out.values)).abs()
    assert float((errors <= 1.645 * field.deviation(held_out.points)).double().mean()) > 0.8


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (1, 9)])
@pytest.mark.parametrize("constant", [True, False])
def test_the_smallest_of_signals(shape: tuple[int, int], constant: bool) -> None:
    values = np.full(shape, 0.7) if constant else np.random.default_rng(0).random(shape)
    problem = grid_problem(as_signal(values))
    choice = choose_for(problem, Candidates(free=[SPEC]))
    run = train_kernel(problem, choice)
    places = places_of(problem.training)
    assert run.field(places).isfinite().all()
    assert run.field.deviation(places).isfinite().all()
    if constant:
        torch.testing.assert_close(
            run.field(places + 0.3), torch.full((len(places), 1), 0.7).double(), rtol=0, atol=1e-6
        )


@pytest.mark.parametrize("name", ["pixels by chance", "every second pixel", "a table"])
def test_nothing_is_chosen_by_what_is_held_out(name: str) -> None:
    problem = PROBLEMS[name]
    assert problem.held_out is not None
    spoiled = replace(problem, held_out=replace(problem.held_out, values=1e3 + 0 * problem.held_out.values))  # type: ignore[type-var]
    first, other = (choose_for(p, Candidates(free=[SPEC])) for p in (problem, spoiled))
    assert (first.spec, first.ridge, first.tried) == (other.spec, other.ridge, other.tried)


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_with_gaps_the_choice_is_by_whole_samples_or_by_the_fullest_channel(share: float) -> None:
    problem = PROBLEMS["a whole image"]
    assert isinstance(problem, GridProblem)
    values = problem.training.values.clone()
    gone = torch.rand(len(values), generator=torch.Generator().manual_seed(0)) < share
    values[gone, 1] = torch.nan
    spoiled = values.clone()
    spoiled[gone if share < 0.5 else slice(None), 1 if share > 0.5 else 0] = 9.0 if share > 0.5 else 0.3
    reports: list[int] = []

    def chosen(of: Tensor) -> tuple[KernelSpec, float]:
        training = replace(problem.training, values=of)
        found = choose_for(replace(problem, training=training), Candidates(free=[SPEC]), report=reports.append)
        return found.spec, found.ridge

    assert chosen(values)[0].encoding.family == "gaussian"
    if share > 0.5:
        spoiled[gone, 1] = torch.nan
        assert chosen(values) == chosen(spoiled)
    assert reports == sorted(reports) or share > 0.5


def test_a_solver_that_is_watched_may_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourierfield.regression._solve._DENSE", 0)
    seen: list[int] = []

    def watch(step: int, error: float) -> None:
        seen.append(step)
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_kernel(PROBLEMS["a whole image"], kernel_choice(1e-3), Accuracy(residual=1e-12), watch)
    assert seen == [0, 1, 2, 3]
