"""The inner problem: windows of the training samples, their split, and what makes their errors those of the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.grids._arrays import as_signal
from fourierfield.grids._domain import Domain
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import SignalDescription
from fourierfield.grids._splits import GridHoldOut, HoldOut, NoHoldOut, RandomHoldOut
from fourierfield.networks._values import ValueRange
from fourierfield.problems._grid import GridProblem, GridSamples, grid_problem
from fourierfield.tuning._detail import detail_of, mean_square_slopes, neighbour_differences
from fourierfield.tuning._inner import InnerProblem, divide
from fourierfield.tuning._windows import window_boxes


def problem_of(values: np.ndarray, hold_out: HoldOut | None = None) -> GridProblem:
    """A problem of values (n₁, …, n_d, C) in any number of dimensions, as they are."""
    shape, channels = values.shape[:-1], values.shape[-1]
    grid = Domain.of_samples(shape).grid(shape)
    split = (hold_out or NoHoldOut()).split(~np.isnan(values).all(-1))
    rows = torch.from_numpy(values.reshape(-1, channels).astype(np.float32))
    parts = [
        GridSamples(grid, torch.from_numpy(part), rows[part]) if part.size else None
        for part in (split.training, split.held_out)
    ]
    assert parts[0] is not None
    source = SignalDescription("image", shape, channels, SampleFormat("float32"))
    return GridProblem(Domain.of_samples(shape), parts[0], parts[1], ValueRange(), source)


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape).astype(np.float32)


def known_rows(problem: GridProblem) -> torch.Tensor:
    assert problem.held_out is not None
    return torch.cat([problem.training.flat, problem.held_out.flat])


def assert_same(left: InnerProblem, right: InnerProblem) -> None:
    for name in ("details", "detail", "slopes", "channels"):
        assert getattr(left, name) == getattr(right, name)
    for name in ("windows", "whole"):
        for side in ("training", "held_out"):
            one, other = (getattr(getattr(inner, name), side) for inner in (left, right))
            assert one.grid == other.grid
            assert torch.equal(one.flat, other.flat)
            torch.testing.assert_close(one.values, other.values, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("hold_out", [GridHoldOut(), RandomHoldOut(0.3, 1)], ids=["grid", "random"])
@pytest.mark.parametrize("garbage", [np.nan, 1e6])
def test_held_out_values_are_never_looked_at(hold_out: HoldOut, garbage: float) -> None:
    problem = grid_problem(as_signal(noise(40, 44, 3)), hold_out)
    assert problem.held_out is not None
    spoilt = replace(problem.held_out, values=torch.full_like(problem.held_out.values, garbage))
    cut = {"windows": 2, "most": 100}
    assert_same(divide(problem, **cut), divide(replace(problem, held_out=spoilt), **cut))


def test_the_same_problem_is_divided_alike_and_another_seed_otherwise() -> None:
    problem = problem_of(noise(20, 20, 1))
    assert_same(divide(problem), divide(problem))
    assert not torch.equal(divide(problem).whole.training.flat, divide(problem, seed=1).whole.training.flat)


@given(
    shape=st.lists(st.integers(1, 30), min_size=1, max_size=3),
    windows=st.integers(1, 5),
    most=st.integers(1, 200),
    measured=st.floats(0.02, 1.0),
)
def test_windows_lie_inside_and_hold_something(shape: list[int], windows: int, most: int, measured: float) -> None:
    known = np.random.default_rng(0).random(shape) < measured
    known.reshape(-1)[known.size // 3] = True
    boxes = window_boxes(known, windows, most)
    assert 1 <= len(boxes) <= windows
    assert len({tuple((part.start, part.stop) for part in box) for box in boxes}) == len(boxes)
    for box in boxes:
        assert all(0 <= part.start < part.stop <= n for part, n in zip(box, shape, strict=True))
        assert known[box].any()
        assert known[box].shape == known[boxes[0]].shape
        assert known[box].size <= max(4 * most, 1) * (windows if len(boxes) == 1 else 1)


@pytest.mark.parametrize("shape", [(100,), (10, 10), (2, 50), (5, 4, 5)])
def test_a_small_grid_is_one_window(shape: tuple[int, ...]) -> None:
    assert window_boxes(np.ones(shape, dtype=bool), 2, 67) == [tuple(slice(0, n) for n in shape)]


@pytest.mark.parametrize(("shape", "side"), [((4000,), (400,)), ((200, 200), (20, 20)), ((2, 3000), (2, 200))])
def test_windows_have_their_size_and_lie_apart(shape: tuple[int, ...], side: tuple[int, ...]) -> None:
    boxes = window_boxes(np.ones(shape, dtype=bool), 4, 400)
    assert len(boxes) == 4
    seen = np.zeros(shape, dtype=int)
    for box in boxes:
        assert seen[box].shape == side
        seen[box] += 1
    assert seen.max() == 1


def test_what_is_known_in_a_corner_is_found() -> None:
    known = np.zeros((300, 300), dtype=bool)
    known[2:20, 5:25] = True
    (box,) = window_boxes(known, 4, 100)
    assert known[box].sum() > 0.8 * known.sum()


def test_windows_over_nothing_are_left_out() -> None:
    known = np.zeros((200, 200), dtype=bool)
    known[:, :100] = True
    boxes = window_boxes(known, 4, 100)
    assert len(boxes) == 2
    assert all(known[box].all() for box in boxes)


CASES = {
    "one sample": noise(1, 1),
    "two samples": noise(2, 1),
    "one pixel of three channels": noise(1, 1, 3),
    "a constant": np.full((12, 12, 3), 0.3, np.float32),
    "a column": noise(1, 300, 1),
    "a thin strip": noise(400, 2, 3),
    "a volume": noise(9, 8, 7, 2),
    "sound": noise(500, 1),
}


@pytest.mark.parametrize("values", CASES.values(), ids=CASES.keys())
def test_odd_signals_are_divided(values: np.ndarray) -> None:
    inner = divide(problem_of(values), windows=2, most=64)
    for part in (inner, inner.one_window()):
        assert np.isfinite([*part.details, part.detail, *part.slopes, part.scale, part.pull_scale]).all()
        assert part.scale > 0
        assert part.pull_scale > 0
        for problem in (part.windows, part.whole):
            assert problem.held_out is not None
            assert min(len(problem.training), len(problem.held_out)) >= 1


@settings(max_examples=40)
@given(missing=st.floats(0, 0.97), partly=st.booleans(), seed=st.integers(0, 5), windows=st.integers(1, 4))
def test_the_split_is_a_partition_of_what_is_known(missing: float, partly: bool, seed: int, windows: int) -> None:
    rng = np.random.default_rng(seed)
    values = noise(18, 20, 3)
    gone = rng.random((18, 20, 3)) if partly else rng.random((18, 20, 1)) + np.zeros(3)
    values[gone < missing] = np.nan
    values[9, 9] = 0.5
    inner = divide(problem_of(values), windows=windows, most=30, seed=seed)
    assert inner.whole.training.values.isnan().sum() + inner.whole.held_out.values.isnan().sum() == (
        3 * len(known_rows(inner.whole)) - (~np.isnan(values)).sum()
    )
    assert sorted(known_rows(inner.whole).tolist()) == np.flatnonzero(~np.isnan(values).all(-1)).tolist()
    for problem in (inner.whole, inner.windows):
        rows = known_rows(problem)
        assert len(rows.unique()) == len(rows) or len(rows) == 2
        assert len(problem.held_out) == max(1, round(0.1 * len(rows))) or len(rows) == 2
        for samples in (problem.training, problem.held_out):
            assert not samples.values.isnan().all(1).any()


def test_a_channel_that_was_never_measured_costs_nothing() -> None:
    values = noise(16, 16, 3)
    values[..., 1] = np.nan
    inner = divide(problem_of(values))
    assert len(known_rows(inner.windows)) == 256
    assert inner.scale == pytest.approx(1.0)


def test_white_noise_is_scaled_from_windows_to_the_whole() -> None:
    """Mean errors of any linear reconstruction go as the detail, so their scaled mean is that of all."""
    values = noise(90, 90, 3) * np.array([1.0, 0.5, 0.25], np.float32)
    inner = divide(problem_of(values), windows=4, most=400)
    for part in (inner, inner.one_window()):
        mean_square = float(part.windows.training.values.var(0).mean())
        whole = float(values.reshape(-1, 3).var(0).mean())
        assert part.scale * mean_square == pytest.approx(whole, rel=0.1)


def test_scales_count_how_much_busier_the_whole_is() -> None:
    values = np.full((60, 60, 1), 0.5, np.float32)
    values[:, 30:] += 0.2 * (noise(60, 30, 1) - 0.5)
    values[:, :30] += 0.02 * (noise(60, 30, 1) - 0.5)
    inner = divide(problem_of(values), windows=4, most=100)
    errors = [float((inner.windows.training.values[:, w] - 0.5).square().mean()) for w in range(4)]
    assert inner.scale * np.mean(errors) == pytest.approx(np.square(values - 0.5).mean(), rel=0.15)


def test_pull_is_a_sum_over_all_values() -> None:
    """For white noise rᵀKr of a kernel that is narrow goes as Σ r², whose whole is known."""
    values = noise(90, 90, 3) * np.array([1.0, 0.5, 0.02], np.float32) + np.array([0, 0.25, 0.49], np.float32)
    for hold_out in (None, RandomHoldOut(0.5)):
        inner = divide(problem_of(values, hold_out), windows=4, most=400)
        assert inner.kept == (2 if hold_out is None else inner.kept)
        for part in (inner, inner.one_window()):
            found, wanted = (p.training.values.sub(0.5).square().nansum() for p in (part.windows, part.whole))
            assert part.pull_scale * float(found) == pytest.approx(float(wanted), rel=0.1)


def test_a_rotation_to_principal_channels_keeps_the_energy() -> None:
    one, other = noise(30, 30, 1), noise(30, 30, 1, seed=1)
    values = np.concatenate([one, 0.7 * one + 0.3 * other, 0.2 * one + 0.5 * other + 0.15], axis=-1)
    inner = divide(problem_of(values))
    rotated = torch.cat([inner.windows.training.values, inner.windows.held_out.values])
    assert inner.kept == 2
    assert inner.scale == pytest.approx(2 / 3, rel=1e-3)
    assert float((rotated - 0.5).square().sum()) == pytest.approx(float(np.square(values - 0.5).sum()), rel=1e-4)
    assert inner.detail == pytest.approx(float(np.square(neighbour_differences(values)).mean()), rel=1e-5)


def test_one_window_is_one_of_them_with_typical_detail() -> None:
    loud = np.repeat([0.1, 1.0, 1.8, 0.5], 50)[:, None].astype(np.float32)
    values = 0.5 + loud * (noise(200, 1) - 0.5) + np.zeros((200, 3), np.float32)  # grey: one channel holds all
    inner = divide(problem_of(values), windows=4, most=45)
    alone = inner.one_window()
    assert (inner.count, inner.kept, alone.count) == (4, 1, 1)
    mean = sum(inner.details) / 4
    assert alone.details[0] == min(inner.details, key=lambda detail: abs(detail - mean))
    index = inner.details.index(alone.details[0])
    torch.testing.assert_close(alone.windows.training.values, inner.windows.training.values[:, index : index + 1])


def test_one_window_has_the_samples_that_it_has() -> None:
    inner = divide(problem_of(noise(60, 60, 2), RandomHoldOut(0.5)), windows=4, most=100)
    alone = inner.one_window()
    assert alone.windows.training.complete
    assert len(alone.windows.training) < len(inner.windows.training)


def test_slopes_are_those_of_a_ramp() -> None:
    y, x = np.mgrid[0:20, 0:30]
    values = (0.01 * y + 0.02 * x)[..., None].astype(np.float32)
    values[3, 4] = np.nan
    assert divide(problem_of(values)).slopes == pytest.approx((0.3**2, 0.6**2), rel=1e-3)
    assert mean_square_slopes(values[:1], (1.0, 1.0))[0] == 0


def test_large_signals_are_judged_by_a_part() -> None:
    small = noise(1300, 1300, 3)
    large = np.tile(small, (2, 1, 1))
    detail, axes = detail_of(large)
    assert axes is not None
    assert detail == pytest.approx(detail_of(small)[0], rel=0.01)
    assert mean_square_slopes(large, (1.0, 1.0)) == pytest.approx(mean_square_slopes(small, (1.0, 1.0)), rel=0.01)


def test_differences_ignore_what_is_missing() -> None:
    values = np.array([[1.0, np.nan, 3.0], [2.0, np.nan, 7.0]])[..., None]
    expected = np.array([[-1.0, np.nan, -4.0], [1.0, np.nan, 4.0]])
    np.testing.assert_array_equal(neighbour_differences(values)[..., 0], expected)
